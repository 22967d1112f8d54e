"""The gradients of pooling as plain loops.

Each pixel gathers from the windows that reach it, so that it is written once and
channels can be vectors. Windows too large for that, whose taps would have to be
written out in their hundreds, are walked one by one instead.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import NamedTuple

from mirada.compiler import expression
from mirada.compiler.expression import (
    divide,
    load,
    maximum,
    minimum,
    mul,
    number,
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
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.layout import Image, count_of, each_pixel, loops, put
from mirada.compiler.lowering.pooling_gather import (
    Chosen,
    Shared,
    Windows,
    gathered,
    taps_of,
)

__all__ = ["Divisors", "Shares", "average_backward", "max_backward", "shares"]

_MOST = 400
"""Taps that are written out."""
_MOST_SHARES = 65536
"""Windows whose shares are looked up."""

Divisors = tuple[Sequence[int], Sequence[int]]
"""Rows that count in each window down, and columns in each across."""


class Shares(NamedTuple):
    """The tables that shares need, and the share of window (oy, ox)."""

    tables: tuple[tuple[Buffer, tuple[float, ...]], ...]
    of: Callable[[Expr, Expr], Expr]


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
    if taps_of(windows, to) <= _MOST:
        body = gathered(windows, to, Chosen(gradient, choice, windows[1].size), add)
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
    divisors: Divisors,
    gradient: Image,
    to: Image,
    *,
    add: bool = True,
) -> Kernel:
    """Each gradient, over its divisor, to every pixel of its window.

    With `add` it is added to what is there, else every pixel is written; a border is
    left alone either way.
    """
    tables, share = shares(divisors)
    given = (gradient.buffer, to.buffer)
    if _whole(windows, gradient, to):
        g = load(gradient.buffer, *gradient.place("m", 0, 0, "oc"))
        part = mul(g, share(Const(0), Const(0)))
        body = each_pixel(to, (put(to, part, add),))
    elif taps_of(windows, to) <= _MOST:
        body = gathered(windows, to, Shared(gradient, share), add)
    else:
        body = (
            *_begun(to, add),
            *_spread(windows, gradient, share(Var("oy"), Var("ox")), to),
        )
    return Kernel(name, (count_of(gradient),), given, body, tables)


def shares(divisors: Divisors) -> Shares:
    """What 1 / divisor of a window is: looked up, or computed where they are many."""
    down, across = divisors
    if len(down) * len(across) <= _MOST_SHARES:
        every = tuple(1 / (rows * columns) for rows in down for columns in across)
        table = Buffer("share", (len(down), len(across)))
        return Shares(((table, every),), lambda oy, ox: load(table, oy, ox))
    rows, columns = Buffer("rows", (len(down),)), Buffer("columns", (len(across),))

    def share(oy: Expr, ox: Expr) -> Expr:
        return divide(number(1.0), mul(load(rows, oy), load(columns, ox)))

    tables = (
        (rows, tuple(map(float, down))),
        (columns, tuple(map(float, across))),
    )
    return Shares(tables, share)


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
