"""Pooling as plain loops."""

from collections.abc import Sequence

from mirada.compiler.expression import (
    add,
    divide,
    greater,
    load,
    maximum,
    mul,
    number,
    select,
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
    Store,
    Var,
)
from mirada.compiler.lowering.layout import Image, count_of, each_pixel, loops
from mirada.network.window import Window

__all__ = [
    "average_backward",
    "average_forward",
    "choices",
    "max_backward",
    "max_forward",
]

Windows = tuple[Window, Window]


def choices(name: str, windows: Windows, to: Image) -> Buffer:
    """Which element of its window each pooled value was."""
    most = windows[0].size * windows[1].size - 1
    kind = "u8" if most < 256 else "i32"
    shape = (to.images, to.height, to.width, to.channels)
    # A vector of channels may be read from the last pixel on.
    return Buffer(name, shape, kind, 16, 0, most)


def _inside(x: Image, windows: Windows, ky: Expr, kx: Expr) -> tuple[Expr, ...]:
    """Where element (ky, kx) of window (oy, ox) lies."""
    down, across = windows
    row = add(mul("oy", down.stride), mul(ky, down.dilation), -down.start)
    column = add(mul("ox", across.stride), mul(kx, across.dilation), -across.start)
    return x.place("m", row, column, "oc")


def max_forward(
    name: str, windows: Windows, x: Image, to: Image, choice: Buffer | None
) -> Kernel:
    """The largest value of each window, and where it was found first."""
    down, across = windows
    best = Register("best")
    value, better = Register("value"), Register("better", "bool")
    most = down.size * across.size - 1
    chosen = Register("chosen", "i32", 1, 0, most)
    here = Convert(add(mul("ky", across.size), Var("kx")), "i32")
    read = load(x.buffer, *_inside(x, windows, Var("ky"), Var("kx")))
    nest = (("ky", down.size), ("kx", across.size))
    stored = Store(to.buffer, to.place("m", "oy", "ox", "oc"), Get(best))
    least = Let(best, number(float("-inf")))
    if choice is None:
        step = (Let(value, read), Set(best, maximum(Get(best), Get(value))))
        body = each_pixel(to, (least, *loops(step, *nest), stored))
        return Kernel(name, (count_of(x),), (x.buffer, to.buffer), body)
    look = (
        Let(value, read),
        Let(better, greater(Get(value), Get(best))),
        Set(best, select(Get(better), Get(value), Get(best))),
        Set(chosen, select(Get(better), here, Get(chosen))),
    )
    place = (Var("m"), Var("oy"), Var("ox"), Var("oc"))
    keep = Store(choice, place, Convert(Get(chosen), choice.kind))
    first = (least, Let(chosen, Const(0, "i32")))
    body = each_pixel(to, (*first, *loops(look, *nest), stored, keep))
    return Kernel(name, (count_of(x),), (x.buffer, to.buffer, choice), body)


def max_backward(
    name: str, windows: Windows, choice: Buffer, gradient: Image, to: Image
) -> Kernel:
    """Adds each gradient to the element that was chosen; `to` is cleared before."""
    down, across = windows
    width = to.columns * to.channels
    corners = tuple(
        ky * down.dilation * width + kx * across.dilation * to.channels
        for ky in range(down.size)
        for kx in range(across.size)
    )
    table = Buffer("corner", (len(corners),), "i32", 0, 0, max(corners))
    chosen = Convert(load(choice, "m", "oy", "ox", "oc"), "i64")
    row = add(mul("oy", down.stride), to.top - down.start)
    column = add(mul("ox", across.stride), to.left - across.start)
    start = add(mul("m", to.rows * width), mul(row, width), mul(column, to.channels))
    place = add(start, Var("oc"), Convert(load(table, chosen), "i64"))
    flat = to.buffer.flat()
    at = Register("at", "i64")
    g = load(gradient.buffer, *gradient.place("m", "oy", "ox", "oc"))
    more = add(load(flat, Get(at)), g)
    body = each_pixel(gradient, (Let(at, place), Store(flat, (Get(at),), more)))
    given = (choice, gradient.buffer, to.buffer)
    return Kernel(name, (count_of(gradient),), given, body, ((table, corners),))


def average_forward(
    name: str, windows: Windows, divisors: Sequence[float], x: Image, to: Image
) -> Kernel:
    """The sum of each window over its divisor, one for each output position."""
    total = Register("total")
    value = load(x.buffer, *_inside(x, windows, Var("ky"), Var("kx")))
    nest = (("ky", windows[0].size), ("kx", windows[1].size))
    table, divisor = _divisor(divisors, to)
    body = each_pixel(
        to,
        (
            Let(total, number(0.0)),
            *loops((Set(total, add(Get(total), value)),), *nest),
            Store(
                to.buffer,
                to.place("m", "oy", "ox", "oc"),
                divide(Get(total), divisor),
            ),
        ),
    )
    return Kernel(name, (count_of(x),), (x.buffer, to.buffer), body, (table,))


def average_backward(
    name: str, windows: Windows, divisors: Sequence[float], gradient: Image, to: Image
) -> Kernel:
    """Spreads each gradient over its window; `to` is cleared before."""
    share = Register("share")
    table, divisor = _divisor(divisors, gradient)
    g = load(gradient.buffer, *gradient.place("m", "oy", "ox", "oc"))
    place = _inside(to, windows, Var("ky"), Var("kx"))
    spread = Store(to.buffer, place, add(load(to.buffer, *place), Get(share)))
    inner = loops((Let(share, divide(g, divisor)), spread), ("oc", to.channels))
    nest = (("oy", gradient.height), ("ox", gradient.width))
    taps = (("ky", windows[0].size), ("kx", windows[1].size))
    body = loops(inner, ("m", Var("count")), *nest, *taps)
    given = (gradient.buffer, to.buffer)
    return Kernel(name, (count_of(gradient),), given, body, (table,))


def _divisor(
    divisors: Sequence[float], to: Image
) -> tuple[tuple[Buffer, tuple[float, ...]], Expr]:
    table = Buffer("divisor", (to.height, to.width))
    return (table, tuple(divisors)), load(table, "oy", "ox")
