"""What is not as it was when a run is gone on with, and the record of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from mirada.errors import Phrase

__all__ = ["Difference", "Forced", "differences_text"]

_MOST_SHOWN = 8


class Difference(NamedTuple):
    """A value that is not what it was: its name, what it was and what it is."""

    name: str
    before: str
    now: str


@dataclass(frozen=True)
class Forced:
    """A time that a run was gone on with by force although something differed.

    `step` is how many steps it had done; `run` the fingerprint of the configuration it
    had until then.

    >>> record = Forced(7, "5f", (Difference("recipe.epochs", "3", "4"),))
    >>> print(record.text)
    Gone on with by force after step 7, although these differ: recipe.epochs: 3 -> 4
    >>> Forced.from_dict(record.to_dict()) == record
    True
    """

    step: int
    run: str
    differences: tuple[Difference, ...]

    @property
    def text(self) -> Phrase:
        """What differed, in words."""
        return Phrase(
            "Gone on with by force after step {step}, although these differ: "
            "{differences}",
            step=self.step,
            differences=differences_text(self.differences),
        )

    def to_dict(self) -> dict[str, Any]:
        """The record as `configuration.json` holds it."""
        return {
            "step": self.step,
            "run": self.run,
            "differences": [item._asdict() for item in self.differences],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The record that `to_dict` wrote."""
        found = tuple(Difference(**item) for item in values["differences"])
        return cls(int(values["step"]), str(values["run"]), found)


def differences_text(differences: tuple[Difference, ...]) -> str:
    """The first differences as text: `name: before -> now; ...`."""
    shown = differences[:_MOST_SHOWN]
    text = "; ".join(f"{name}: {before} -> {now}" for name, before, now in shown)
    return text if len(shown) == len(differences) else text + "; ..."
