"""Between what whole numbers lie, and by how much lists grow: `verify` counts so."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from mirada.compiler.ir import Append, For, Reset, Stmt

__all__ = ["BOUNDS", "Interval", "kind_bounds", "one_turn"]

_UNKNOWN = 2**62


class Interval(NamedTuple):
    """The whole numbers an expression may take, both ends included."""

    low: int
    high: int


_KINDS: Mapping[str, Interval] = {
    "u8": Interval(0, 2**8 - 1),
    "u32": Interval(0, 2**32 - 1),
    "u64": Interval(0, 2**64 - 1),
    "i32": Interval(-(2**31), 2**31 - 1),
    "i64": Interval(-(2**63), 2**63 - 1),
    "bool": Interval(0, 1),
}


def kind_bounds(kind: str) -> Interval | None:
    """The numbers that a kind of whole number holds; None for another kind."""
    return _KINDS.get(kind)


def one_turn(body: tuple[Stmt, ...], name: str) -> tuple[int, bool]:
    """By how much one run through a body can grow a counter, and whether it empties it.

    What is appended counts, emptied later or not.
    """
    grown, emptied = 0, False
    for stmt in body:
        if isinstance(stmt, Append) and stmt.counter.name == name:
            grown += stmt.where.lanes
        elif isinstance(stmt, Reset) and stmt.counter.name == name:
            emptied = True
        elif isinstance(stmt, For):
            grows, inside = one_turn(stmt.body, name)
            # What every turn empties holds at most one turn's; a number of turns that
            # varies has no bound here.
            turns = stmt.extent if isinstance(stmt.extent, int) else _UNKNOWN
            grown += grows if inside else grows * turns
    return grown, emptied


def _product(one: Interval, two: Interval) -> Interval:
    ends = [a * b for a in one for b in two]
    return Interval(min(ends), max(ends))


BOUNDS: Mapping[str, Callable[[Interval, Interval], Interval]] = {
    "add": lambda a, b: Interval(a.low + b.low, a.high + b.high),
    "sub": lambda a, b: Interval(a.low - b.high, a.high - b.low),
    "mul": _product,
    "min": lambda a, b: Interval(min(a.low, b.low), min(a.high, b.high)),
    "max": lambda a, b: Interval(max(a.low, b.low), max(a.high, b.high)),
}
"""The interval of an operation, from those of what it is given."""
