"""Units of work dealt to the parts of a kernel: equal ones, and one that may be cut."""

from collections.abc import Callable
from dataclasses import dataclass

from mirada.compiler.expression import add, index, minimum, mul
from mirada.compiler.ir import (
    Argument,
    Buffer,
    Const,
    Convert,
    Expr,
    For,
    Get,
    Let,
    Load,
    Register,
    Stmt,
    Var,
)
from mirada.compiler.schedules.dense import shares

__all__ = ["Dealt", "Tables", "deal", "lookup", "of_part"]

Tables = list[tuple[Buffer, tuple[float, ...]]]


def lookup(name: str, values: tuple[int, ...]) -> tuple[Buffer, tuple[float, ...]]:
    """A table of whole numbers that knows between what they lie."""
    buffer = Buffer(name, (len(values),), "i32", 0, min(values), max(values))
    return buffer, values


def of_part(name: str, values: tuple[int, ...]) -> tuple[Expr, Tables]:
    """A number looked up by the part; one that never changes is a constant."""
    if min(values) == max(values):
        return Const(values[0]), []
    table = lookup(name, values)
    return Convert(Load(table[0], (Var("part"),)), "i64"), [table]


@dataclass(frozen=True)
class Dealt:
    """Units of `size` elements in parts: `whole` equal ones, then `rest` elements."""

    size: int
    whole: int
    rest: int
    parts: int
    first: Expr
    many: Expr
    end: Expr
    tables: Tables

    @property
    def argument(self) -> Argument:
        """The argument that says which part."""
        return Argument("part", 0, self.parts - 1)

    def each(
        self, body: Callable[[Expr, int, str], tuple[Stmt, ...]], mark: str = ""
    ) -> tuple[Stmt, ...]:
        """The body for every unit of the part: (first element, elements, a mark)."""
        made: list[Stmt] = []
        if self.whole:
            unit = minimum(add(self.first, index(f"u{mark}")), Const(self.whole - 1))
            at = Register(f"at{mark}", "i64")
            inner = body(Get(at), self.size, f"{mark}w")
            start = Let(at, mul(unit, self.size))
            made.append(For(f"u{mark}", self.many, (start, *inner)))
        if self.rest:
            last = Const(self.whole * self.size)
            made.append(For(f"e{mark}", self.end, body(last, self.rest, f"{mark}e")))
        return tuple(made)


def deal(
    total: int,
    size: int,
    wanted: int,
    within: int = 1,
    times: int = 1,
    mark: str = "",
) -> Dealt:
    """So many elements in units of a size, in as many parts as wanted and possible.

    Where something else is dealt too, each part stands for `within` parts of the
    kernel, and all of them come `times` times.
    """
    whole, rest = divmod(total, size)
    units = whole + (rest > 0)
    pieces = shares(units, min(wanted, units))
    counts = tuple(min(f + n, whole) - min(f, whole) for f, n in pieces)
    starts = tuple(min(first, max(whole - 1, 0)) for first, _ in pieces)
    ends = (0,) * (len(pieces) - 1) + (int(rest > 0),)

    def known(name: str, values: tuple[int, ...]) -> tuple[Expr, Tables]:
        inner = tuple(value for value in values for _ in range(within))
        return of_part(f"{name}{mark}", inner * times)

    first, one = known("first", starts)
    many, two = known("many", counts)
    end, three = known("ends", ends)
    tables = [*one, *two, *three]
    parts = len(pieces) * within * times
    return Dealt(size, whole, rest, parts, first, many, end, tables)
