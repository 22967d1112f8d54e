"""Enlarging by the nearest pixel or by interpolation, as plain loops.

Along each axis a new pixel is a mixture of at most two old ones, and an old one goes
into a run of new ones. Tables say which, and how much of each: forward reads the two,
backward the run, so that no sum depends on an order of writing.
"""

from dataclasses import dataclass

from mirada.compiler.expression import add as plus
from mirada.compiler.expression import fma, load, minimum, mul, number
from mirada.compiler.ir import (
    Buffer,
    Const,
    Convert,
    Expr,
    For,
    Get,
    Kernel,
    Let,
    Register,
    Set,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.layout import Image, count_of, loops, put
from mirada.compiler.schedules import vectors
from mirada.compiler.target import Target

__all__ = ["backward", "forward"]

Table = tuple[Buffer, tuple[float, ...]]


def forward(name: str, mode: str, x: Image, to: Image, target: Target) -> Kernel:
    """The image enlarged to the size of `to`; mode "nearest" or "bilinear"."""
    make = _nearest if mode == "nearest" else _bilinear
    return vectors(make(name, x, to), "oc", to.channels, target)


def backward(
    name: str, mode: str, dy: Image, to: Image, add: bool, target: Target
) -> Kernel:
    """dx[p] = sum over the new pixels q that p went into of dy[q] times its share."""
    make = _nearest_backward if mode == "nearest" else _bilinear_backward
    return vectors(make(name, dy, to, add), "oc", to.channels, target)


def _nearest(name: str, x: Image, to: Image) -> Kernel:
    """y[iy*S + a, ix*S + b] = x[iy, ix]."""
    high, wide = to.height // x.height, to.width // x.width
    row, column = plus(mul("iy", high), Var("a")), plus(mul("ix", wide), Var("b"))
    value = load(x.buffer, *x.place("m", "iy", "ix", "oc"))
    store = Store(to.buffer, to.place("m", row, column, "oc"), value)
    nest = (("iy", x.height), ("a", high), ("ix", x.width), ("b", wide))
    body = loops((store,), ("m", Var("count")), *nest, ("oc", x.channels))
    return Kernel(name, (count_of(x),), (x.buffer, to.buffer), body)


def _nearest_backward(name: str, dy: Image, to: Image, add: bool) -> Kernel:
    """dx[oy, ox] = sum over a, b of dy[oy*S + a, ox*S + b]."""
    high, wide = dy.height // to.height, dy.width // to.width
    row, column = plus(mul("oy", high), Var("a")), plus(mul("ox", wide), Var("b"))
    total = Register("total")
    g = load(dy.buffer, *dy.place("m", row, column, "oc"))
    more = loops((Set(total, plus(Get(total), g)),), ("a", high), ("b", wide))
    pixel = (Let(total, number(0.0)), *more, put(to, Get(total), add))
    nest = (("oy", to.height), ("ox", to.width), ("oc", to.channels))
    body = loops(pixel, ("m", Var("count")), *nest)
    return Kernel(name, (count_of(to),), (dy.buffer, to.buffer), body)


@dataclass(frozen=True)
class _Mixture:
    """The shares of old pixels in new ones along one axis, by new pixel j.

    New pixel j lies at (j + 1/2)/S - 1/2 between the old ones, and holds still beyond
    the first and the last.
    """

    axis: str
    length: int
    scale: int

    def between(self, new: int) -> tuple[int, int, float]:
        """The old pixels before and after a new one, and the share of the second."""
        place = max((new + 0.5) / self.scale - 0.5, 0.0)
        before = int(place)
        return before, min(before + 1, self.length - 1), place - before

    @property
    def forward(self) -> tuple[Table, ...]:
        """For each new pixel: before, after, and the share of each."""
        found = [self.between(new) for new in range(self.length * self.scale)]
        before, after, share = zip(*found, strict=True)
        rest = tuple(1.0 - part for part in share)
        return (
            self.places("before", before),
            self.places("after", after),
            self.shares("rest", rest),
            self.shares("share", share),
        )

    @property
    def backward(self) -> tuple[Table, ...]:
        """For each old pixel: the first new one it went to, how many, each share."""
        went: list[dict[int, float]] = [{} for _ in range(self.length)]
        for new in range(self.length * self.scale):
            before, after, share = self.between(new)
            went[before][new] = 1.0 - share
            if share:
                went[after][new] = went[after].get(new, 0.0) + share
        most = max(map(len, went))
        shares = [[*parts.values(), *[0.0] * (most - len(parts))] for parts in went]
        flat = tuple(part for row in shares for part in row)
        return (
            self.places("first", tuple(min(parts) for parts in went)),
            self.places("many", tuple(map(len, went))),
            (Buffer(f"{self.axis}.shares", (self.length, most)), flat),
        )

    def places(self, name: str, values: tuple[int, ...]) -> Table:
        """A table of whole numbers."""
        low, high = min(values), max(values)
        full = f"{self.axis}.{name}"
        return Buffer(full, (len(values),), "i32", 0, low, high), values

    def shares(self, name: str, values: tuple[float, ...]) -> Table:
        """A table of shares."""
        return Buffer(f"{self.axis}.{name}", (len(values),)), values


def _mixtures(small: Image, large: Image) -> tuple[_Mixture, _Mixture]:
    return (
        _Mixture("y", small.height, large.height // small.height),
        _Mixture("x", small.width, large.width // small.width),
    )


def _entry(table: Table, *at: str) -> Expr:
    """A number of a table; a whole one as an index."""
    value = load(table[0], *at)
    return Convert(value, "i64") if table[0].kind == "i32" else value


def _bilinear(name: str, x: Image, to: Image) -> Kernel:
    """The mixture along the columns of two rows, then of these two."""
    down, across = (mixture.forward for mixture in _mixtures(x, to))
    lets: list[Stmt] = []
    at: list[list[Expr]] = []
    for tables, var in ((down, "oy"), (across, "ox")):
        names = [Register(t[0].name, "i64") for t in tables[:2]]
        names += [Register(t[0].name) for t in tables[2:]]
        for register, table in zip(names, tables, strict=True):
            lets.append(Let(register, _entry(table, var)))
        at.append([Get(register) for register in names])
    rows, columns = at

    def mixed(row: Expr) -> Expr:
        left = load(x.buffer, *x.place("m", row, columns[0], "oc"))
        right = load(x.buffer, *x.place("m", row, columns[1], "oc"))
        return fma(columns[3], right, mul(columns[2], left))

    value = fma(rows[3], mixed(rows[1]), mul(rows[2], mixed(rows[0])))
    channels = For("oc", to.channels, (put(to, value, False),))
    nest = (("m", Var("count")), ("oy", to.height), ("ox", to.width))
    body = loops((*lets, channels), *nest)
    return Kernel(name, (count_of(x),), (x.buffer, to.buffer), body, (*down, *across))


def _bilinear_backward(name: str, dy: Image, to: Image, add: bool) -> Kernel:
    """Every row that the pixel went to, summed along its columns, then these sums."""
    down, across = (mixture.backward for mixture in _mixtures(to, dy))
    total, line = Register("total"), Register("line")
    row = minimum(plus(_entry(down[0], "oy"), Var("a")), Const(dy.height - 1))
    column = minimum(plus(_entry(across[0], "ox"), Var("b")), Const(dy.width - 1))
    g = load(dy.buffer, *dy.place("m", row, column, "oc"))
    along = fma(_entry(across[2], "ox", "b"), g, Get(line))
    more = fma(_entry(down[2], "oy", "a"), Get(line), Get(total))
    inside = (
        Let(line, number(0.0)),
        For("b", _entry(across[1], "ox"), (Set(line, along),)),
        Set(total, more),
    )
    rows = For("a", _entry(down[1], "oy"), inside)
    pixel = (Let(total, number(0.0)), rows, put(to, Get(total), add))
    nest = (("oy", to.height), ("ox", to.width), ("oc", to.channels))
    body = loops(pixel, ("m", Var("count")), *nest)
    tables = (*down, *across)
    return Kernel(name, (count_of(to),), (dy.buffer, to.buffer), body, tables)
