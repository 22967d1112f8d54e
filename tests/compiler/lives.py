"""Whether a program's phases touch memory in an order that any threads may keep.

Between two meetings threads run as they like: what one call writes there, no other may
touch, but for the pixels and the border of one image. And what is read is what was
written last: its memory was given to nobody in between.
"""

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from mirada.compiler.ir import Append, Kernel, Load, Store
from mirada.compiler.llvm import BYTES
from mirada.compiler.passes.rewrite import expressions, parts, walk
from mirada.compiler.program import Phase, Program

__all__ = ["Access", "accesses", "faults"]


class Access(NamedTuple):
    """What a call does to a buffer of the arena "values", from `start` to `end`."""

    phase: int
    call: str
    buffer: str
    start: int
    end: int
    reads: bool
    writes: bool

    def meets(self, other: "Access") -> bool:
        """Whether they are different buffers in the same memory."""
        apart = self.end <= other.start or other.end <= self.start
        return self.buffer != other.buffer and not apart

    def disturbs(self, other: "Access") -> bool:
        """Whether it writes what the other touches, at a time nobody knows."""
        borders = self.call.startswith("border.") != other.call.startswith("border.")
        same = self.buffer == other.buffer and self.phase != other.phase
        return self.writes and (self.meets(other) or (same and not borders))


def _touched(kernel: Kernel) -> tuple[set[str], set[str]]:
    """The names of the buffers that are read, and of those that are written."""
    read, written = set(), set()
    for stmt in walk(kernel.body):
        if isinstance(stmt, Store):
            written.add(stmt.buffer.name)
        elif isinstance(stmt, Append):
            written |= {buffer.name for buffer, _ in stmt.values}
        for expr in expressions(stmt):
            read |= {p.buffer.name for p in parts(expr) if isinstance(p, Load)}
    return read, written


def _of(
    program: Program, kernel: Kernel, phase: int, call: str, batch: int
) -> Iterator[Access]:
    read, written = _touched(kernel)
    for buffer in kernel.buffers:
        place, name = program.places[buffer.name], buffer.name
        if place.arena == "values" and name in read | written:
            size = prod(buffer.shape) * BYTES[buffer.kind]
            if place.image_bytes:
                size = place.image_bytes * batch
            span = place.offset, place.offset + size
            yield Access(phase, call, name, *span, name in read, name in written)


def accesses(program: Program, batch: int) -> list[list[Access]]:
    """By meetings: what is touched between each two of them."""
    found: list[list[Access]] = []
    for phase, step in enumerate(program.work):
        assert isinstance(step, Phase)
        if step.meet or not found:
            found.append([])
        for call in step.calls:
            found[-1] += _of(program, call.make(), phase, call.name, batch)
    return found


def faults(program: Program, batch: int) -> list[str]:
    """What threads could disturb, and what is read after its memory was given away."""
    found, owned = [], dict[str, Access]()
    for together in accesses(program, batch):
        for one in together:
            found += [
                f"{one.call} writes {one.buffer} over {other.buffer} of {other.call}"
                for other in together
                if one.disturbs(other)
            ]
            # Who writes it too may read what it wrote itself.
            if one.reads and not one.writes and one.buffer not in owned:
                found.append(f"{one.call} reads {one.buffer}, whose memory is gone")
            if one.writes:
                gone = [name for name, other in owned.items() if one.meets(other)]
                for name in gone:
                    del owned[name]
                owned[one.buffer] = one
    return found
