"""Sums over the pixels of an image, several side by side to hide their latency."""

from collections.abc import Callable

from mirada.compiler.expression import Term, add, index, mul, number
from mirada.compiler.ir import Expr, For, Get, Let, Register, Stmt

__all__ = ["Sum", "across"]

_WAYS = 4
"""Sums side by side; a processor adds two vectors a cycle, each takes three or four."""


class Sum:
    """A sum over columns: one goes to each of a few registers, turn by turn.

    >>> Sum("total", 3).total.name
    'add'
    """

    def __init__(self, name: str, width: int) -> None:
        ways = min(_WAYS, width)
        self.registers = tuple(Register(f"{name}{way}") for way in range(ways))

    def begin(self) -> tuple[Stmt, ...]:
        """Nothing added yet."""
        return tuple(Let(register, number(0.0)) for register in self.registers)

    @property
    def total(self) -> Expr:
        """All of it: the registers added in pairs."""
        terms: list[Expr] = [Get(register) for register in self.registers]
        while len(terms) > 1:
            terms = [add(*terms[i : i + 2]) for i in range(0, len(terms), 2)]
        return terms[0]


def across(
    width: int, turn: Callable[[Expr, int], tuple[Stmt, ...]]
) -> tuple[Stmt, ...]:
    """A row: what `turn` makes of each column and the register it belongs to."""
    ways = min(_WAYS, width)
    groups, rest = divmod(width, ways)
    places: list[tuple[Term, int]] = [
        (add(mul("group", ways), way), way) for way in range(ways)
    ]
    last: list[tuple[Term, int]] = [(groups * ways + way, way) for way in range(rest)]
    group = For("group", groups, _written(places, turn))
    return (group, *_written(last, turn))


def _written(
    places: list[tuple[Term, int]], turn: Callable[[Expr, int], tuple[Stmt, ...]]
) -> tuple[Stmt, ...]:
    return tuple(stmt for at, way in places for stmt in turn(index(at), way))
