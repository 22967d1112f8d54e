"""The gradients of pooling as plain loops.

Each pixel gathers from the windows that reach it, so that it is written once and
channels can be vectors. Windows too large for that, whose taps would have to be
written out in their hundreds, are walked one by one instead.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from mirada.compiler import expression
from mirada.compiler.expression import (
    equal,
    load,
    maximum,
    minimum,
    mul,
    number,
    select,
    sub,
)
from mirada.compiler.ir import (
    Buffer,
    Const,
    Convert,
    Expr,
    Get,
    Kernel,
    Let,
    Register,
    Set,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.layout import Image, count_of, each_pixel, loops, put
from mirada.compiler.lowering.reach import Reach, reaches
from mirada.network.window import Window

__all__ = ["average_backward", "max_backward", "shares"]

Windows = tuple[Window, Window]

_MOST = 400
"""Taps that are written out."""


def max_backward(
    name: str,
    windows: Windows,
    choice: Buffer,
    gradient: Image,
    to: Image,
    *,
    add: bool = True,
) -> Kernel:
    """Each gradient to the element that was chosen, where windows overlap their sum.

    With `add` it is added to what is there, else every pixel is written; a border is
    left alone either way. Two taps of one window never reach the same pixel.
    """
    given = (choice, gradient.buffer, to.buffer)
    if _taps(windows, to) <= _MOST:
        body = _gathered(windows, to, _Chosen(gradient, choice, windows[1].size), add)
        return Kernel(name, (count_of(gradient),), given, body)
    tables = tuple(
        (Buffer(axis, (prod(w.size for w in windows),), "i32", 0, 0, max(steps)), steps)
        for axis, steps in zip(("down", "across"), _steps(windows), strict=True)
    )
    body = (*_begun(to, add), *_scattered(windows, choice, gradient, to, tables))
    return Kernel(name, (count_of(gradient),), given, body, tables)


def average_backward(
    name: str,
    windows: Windows,
    divisors: Sequence[float],
    gradient: Image,
    to: Image,
    *,
    add: bool = True,
) -> Kernel:
    """Each gradient, over its divisor, to every pixel of its window.

    With `add` it is added to what is there, else every pixel is written; a border is
    left alone either way.
    """
    table, share = shares(divisors, gradient)
    given = (gradient.buffer, to.buffer)
    if _whole(windows, gradient, to):
        g = load(gradient.buffer, *gradient.place("m", 0, 0, "oc"))
        part = mul(g, load(table[0], 0, 0))
        body = each_pixel(to, (put(to, part, add),))
    elif _taps(windows, to) <= _MOST:
        body = _gathered(windows, to, _Shared(gradient, table[0]), add)
    else:
        body = (*_begun(to, add), *_spread(windows, gradient, share, to))
    return Kernel(name, (count_of(gradient),), given, body, (table,))


def shares(
    divisors: Sequence[float], to: Image
) -> tuple[tuple[Buffer, tuple[float, ...]], Expr]:
    """The table of 1 / divisor, one for each window, and what window (oy, ox) has."""
    table = Buffer("share", (to.height, to.width))
    return (table, tuple(1 / d for d in divisors)), load(table, "oy", "ox")


# Gathering ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Source(ABC):
    """What pixels gather from windows."""

    gradient: Image

    @abstractmethod
    def read(self, slot: int, oy: Expr, ox: Expr) -> tuple[Stmt, ...]:
        """Brings a window into registers of its own."""

    @abstractmethod
    def join(self, slot: int, taps: tuple[int, int], total: Expr | None) -> Expr:
        """The total, and what the window gives to the pixel under this tap."""

    def value(self, slot: int) -> Register:
        """The register of a window's gradient."""
        return Register(f"g{slot}")


@dataclass(frozen=True)
class _Chosen(_Source):
    """The gradient where the window chose the tap."""

    choice: Buffer
    width: int

    def read(self, slot: int, oy: Expr, ox: Expr) -> tuple[Stmt, ...]:
        image = self.gradient
        g = load(image.buffer, *image.place("m", oy, ox, "oc"))
        chosen = Convert(load(self.choice, "m", oy, ox, "oc"), "i32")
        return Let(self.value(slot), g), Let(self.chosen(slot), chosen)

    def join(self, slot: int, taps: tuple[int, int], total: Expr | None) -> Expr:
        g, tap = Get(self.value(slot)), Const(taps[0] * self.width + taps[1], "i32")
        here = equal(Get(self.chosen(slot)), tap)
        if total is None:
            return select(here, g, number(0.0))
        return select(here, expression.add(total, g), total)

    def chosen(self, slot: int) -> Register:
        """The register of a window's choice."""
        return Register(f"c{slot}", "i32")


@dataclass(frozen=True)
class _Shared(_Source):
    """The window's share, the same for each of its pixels."""

    table: Buffer

    def read(self, slot: int, oy: Expr, ox: Expr) -> tuple[Stmt, ...]:
        image = self.gradient
        g = load(image.buffer, *image.place("m", oy, ox, "oc"))
        return (Let(self.value(slot), mul(g, load(self.table, oy, ox))),)

    def join(self, slot: int, taps: tuple[int, int], total: Expr | None) -> Expr:
        g = Get(self.value(slot))
        return g if total is None else expression.add(total, g)


def _taps(windows: Windows, to: Image) -> int:
    """How many taps gathering has to write out."""
    return prod(
        sum(max(len(p.taps), 1) for reach in reaches(w, length) for p in reach.pixels)
        for w, length in zip(windows, (to.height, to.width), strict=True)
    )


def _gathered(
    windows: Windows, to: Image, source: _Source, more: bool
) -> tuple[Stmt, ...]:
    """Every pixel, in blocks of rows and columns that are reached alike."""
    bodies: tuple[Stmt, ...] = ()
    for down in reaches(windows[0], to.height):
        inside: tuple[Stmt, ...] = ()
        for across in reaches(windows[1], to.width):
            block = _block(windows, (down, across), to, source, more)
            inside += loops(block, ("ox", across.turns), ("oc", to.channels))
        bodies += loops(inside, ("oy", down.turns))
    return loops(bodies, ("m", Var("count")))


def _block(
    windows: Windows,
    block: tuple[Reach, Reach],
    to: Image,
    source: _Source,
    more: bool,
) -> tuple[Stmt, ...]:
    """The pixels of one run of rows and columns; a window is read when first needed."""
    slots: dict[tuple[int, int], int] = {}
    body: list[Stmt] = []
    pixels = [(y, x) for y in block[0].pixels for x in block[1].pixels]
    for turn, (y, x) in enumerate(pixels):
        row, column = _pixel(windows, block, (y.at, x.at))
        place = to.place("m", row, column, "oc")
        before: Expr | None = load(to.buffer, *place) if more else None
        total, value = Register(f"total{turn}"), before
        for ky, dy in y.taps:
            for kx, dx in x.taps:
                if (dy, dx) not in slots:
                    slots[dy, dx] = len(slots)
                    body += source.read(slots[dy, dx], *_window(block, (dy, dx)))
                joined = source.join(slots[dy, dx], (ky, kx), value)
                body.append((Let if value is before else Set)(total, joined))
                value = Get(total)
        if value is None:
            value = number(0.0)
        if value is not before:
            body.append(Store(to.buffer, place, value))
    return tuple(body)


def _window(block: tuple[Reach, Reach], moved: tuple[int, int]) -> tuple[Expr, ...]:
    """The window so many windows from the run's."""
    return tuple(
        expression.add(var, reach.first + by)
        for var, reach, by in zip(("oy", "ox"), block, moved, strict=True)
    )


def _pixel(
    windows: Windows, block: tuple[Reach, Reach], at: tuple[int, int]
) -> tuple[Expr, ...]:
    """The row and column so many pixels from the run's start."""
    return tuple(
        expression.add(
            mul(var, window.stride), reach.first * window.stride - window.start + place
        )
        for var, window, reach, place in zip(
            ("oy", "ox"), windows, block, at, strict=True
        )
    )


# Window by window --------------------------------------------------------------------


def _begun(to: Image, more: bool) -> tuple[Stmt, ...]:
    """Zero in every pixel, before windows add to them."""
    return () if more else each_pixel(to, (put(to, number(0.0), False),))


def _inside(place: Expr, length: int) -> Expr:
    """The place, or the nearest one in the image: a border takes no gradient."""
    return minimum(maximum(place, Const(0)), Const(length - 1))


def _steps(windows: Windows) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """How far down and across each tap of a window lies."""
    down, across = windows
    taps = [(y, x) for y in range(down.size) for x in range(across.size)]
    return (
        tuple(y * down.dilation for y, _ in taps),
        tuple(x * across.dilation for _, x in taps),
    )


def _scattered(
    windows: Windows,
    choice: Buffer,
    gradient: Image,
    to: Image,
    tables: tuple[tuple[Buffer, tuple[int, ...]], ...],
) -> tuple[Stmt, ...]:
    """Each window's gradient, added to the pixel it chose; "c" are its channels."""
    chosen = Register("chosen", "i64", 1, 0, choice.high)
    places = []
    for (table, _), var, window, length in zip(
        tables, ("oy", "ox"), windows, (to.height, to.width), strict=True
    ):
        moved = Convert(load(table, Get(chosen)), "i64")
        start = expression.add(mul(var, window.stride), -window.start)
        places.append(_inside(expression.add(start, moved), length))
    row, column = Register("row", "i64"), Register("column", "i64")
    place = to.place("m", Get(row), Get(column), "c")
    g = load(gradient.buffer, *gradient.place("m", "oy", "ox", "c"))
    body = (
        Let(chosen, Convert(load(choice, "m", "oy", "ox", "c"), "i64")),
        Let(row, places[0]),
        Let(column, places[1]),
        Store(to.buffer, place, expression.add(load(to.buffer, *place), g)),
    )
    nest = (("oy", gradient.height), ("ox", gradient.width), ("c", to.channels))
    return loops(body, ("m", Var("count")), *nest)


def _whole(windows: Windows, gradient: Image, to: Image) -> bool:
    """Whether one window holds the whole image."""
    lengths = (to.height, to.width)
    alone = (gradient.height, gradient.width) == (1, 1)
    return alone and all(
        w.dilation == 1 and w.start + n <= w.size
        for w, n in zip(windows, lengths, strict=True)
    )


def _spread(
    windows: Windows, gradient: Image, share: Expr, to: Image
) -> tuple[Stmt, ...]:
    """Each window's share, added to the pixels it has inside the image."""
    places, turns = [], []
    for var, tap, window, length in zip(
        ("oy", "ox"), ("ky", "kx"), windows, (to.height, to.width), strict=True
    ):
        start = expression.add(mul(var, window.stride), -window.start)
        first = maximum(start, Const(0))
        end = minimum(expression.add(start, window.size), Const(length))
        turns.append(sub(end, first))
        places.append(_inside(expression.add(first, tap), length))
    g = load(gradient.buffer, *gradient.place("m", "oy", "ox", "oc"))
    place = to.place("m", places[0], places[1], "oc")
    more = expression.add(load(to.buffer, *place), mul(g, share))
    body = loops((Store(to.buffer, place, more),), ("oc", to.channels))
    nest = (("oy", gradient.height), ("ox", gradient.width))
    taps = (("ky", turns[0]), ("kx", turns[1]))
    return loops(body, ("m", Var("count")), *nest, *taps)
