"""What a harness found: how many cases it tried, and what went wrong."""

from dataclasses import dataclass, field

__all__ = ["Tally"]


@dataclass
class Tally:
    """Counts cases, and keeps a line for every fault."""

    cases: int = 0
    faults: list[str] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)
    """How often each kind of case came up."""

    def add(self, kind: str, fault: str = "") -> None:
        """A case of that kind, with what was wrong."""
        self.cases += 1
        self.notes[kind] = self.notes.get(kind, 0) + 1
        if fault:
            self.faults.append(f"{kind}: {fault}")

    @property
    def is_fine(self) -> bool:
        """Whether cases were tried and none was at fault."""
        return bool(self.cases) and not self.faults
