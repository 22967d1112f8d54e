"""Pooling as plain loops."""

from mirada.compiler.expression import (
    add,
    both,
    equal,
    greater,
    load,
    maximum,
    mul,
    number,
    rebuild,
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
from mirada.compiler.lowering.pooling_gradient import (
    Divisors,
    average_backward,
    max_backward,
    shares,
)
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
    """The largest value of each window, and where it was found first.

    Where there is NaN, the value is NaN and the last one was chosen (PyTorch's rule).
    """
    down, across = windows
    best = Register("best")
    value, kept = Register("value"), Register("kept", "bool")
    most = down.size * across.size - 1
    chosen = Register("chosen", "i32", 1, 0, most)
    here = Convert(add(mul("ky", across.size), Var("kx")), "i32")
    read = load(x.buffer, *_inside(x, windows, Var("ky"), Var("kx")))
    nest = (("ky", down.size), ("kx", across.size))
    stored = Store(to.buffer, to.place("m", "oy", "ox", "oc"), Get(best))
    least = Let(best, number(float("-inf")))
    if choice is None:
        # The larger one is the value where they do not compare: NaN is only lost when
        # it is the best already.
        larger = maximum(Get(best), Get(value))
        known = equal(Get(best), Get(best))
        step = (Let(value, read), Set(best, select(known, larger, Get(best))))
        body = each_pixel(to, (least, *loops(step, *nest), stored))
        return Kernel(name, (count_of(x),), (x.buffer, to.buffer), body)
    # Not greater, and not NaN: the second comparison runs under the first one's mask.
    yes = Const(True, "bool")
    no_better = rebuild("xor", (greater(Get(value), Get(best)), yes))
    look = (
        Let(value, read),
        Let(kept, both(no_better, equal(Get(value), Get(value)))),
        Set(best, select(Get(kept), Get(best), Get(value))),
        Set(chosen, select(Get(kept), Get(chosen), here)),
    )
    place = (Var("m"), Var("oy"), Var("ox"), Var("oc"))
    keep = Store(choice, place, Convert(Get(chosen), choice.kind))
    first = (least, Let(chosen, Const(0, "i32")))
    body = each_pixel(to, (*first, *loops(look, *nest), stored, keep))
    return Kernel(name, (count_of(x),), (x.buffer, to.buffer, choice), body)


def average_forward(
    name: str, windows: Windows, divisors: Divisors, x: Image, to: Image
) -> Kernel:
    """The sum of each window over its divisor, one for each output position."""
    total = Register("total")
    value = load(x.buffer, *_inside(x, windows, Var("ky"), Var("kx")))
    nest = (("ky", windows[0].size), ("kx", windows[1].size))
    tables, share = shares(divisors)
    body = each_pixel(
        to,
        (
            Let(total, number(0.0)),
            *loops((Set(total, add(Get(total), value)),), *nest),
            Store(
                to.buffer,
                to.place("m", "oy", "ox", "oc"),
                mul(Get(total), share(Var("oy"), Var("ox"))),
            ),
        ),
    )
    return Kernel(name, (count_of(x),), (x.buffer, to.buffer), body, tables)
