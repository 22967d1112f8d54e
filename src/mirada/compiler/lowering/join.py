"""Joins as plain loops: sums and products of images, and images along channels."""

from functools import reduce

from mirada.compiler.expression import (
    add,
    greater,
    load,
    maximum,
    mul,
    number,
    select,
)
from mirada.compiler.ir import (
    Buffer,
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
from mirada.compiler.lowering.layout import (
    Image,
    count_of,
    distinct,
    each_pixel,
    loops,
    put,
)

__all__ = [
    "add_backward",
    "add_forward",
    "concat_backward",
    "concat_forward",
    "multiply_backward",
    "multiply_forward",
]


def add_forward(name: str, xs: tuple[Image, ...], relu: bool, to: Image) -> Kernel:
    """The sum of the images, from left to right, then ReLU if wanted; NaN stays NaN.

    `to` may be the buffer of one of them.
    """
    first, *more = (load(x.buffer, *x.place("m", "oy", "ox", "oc")) for x in xs)
    value = add(first, *more)
    if relu:
        value = maximum(number(0.0), value)
    body = each_pixel(to, (put(to, value, False),))
    given = distinct(*(x.buffer for x in xs), to.buffer)
    return Kernel(name, (count_of(to),), given, body)


def add_backward(
    name: str, value: Image | None, dy: Image, to: Image, *, add: bool = False
) -> Kernel:
    """The gradient of one of the images: dy where `value`, behind a ReLU, is positive.

    `to` may be dy's own buffer, when nothing is added to it.
    """
    passed: Expr = load(dy.buffer, *dy.place("m", "oy", "ox", "oc"))
    mask: tuple[Buffer, ...] = ()
    if value is not None:
        mask = (value.buffer,)
        y = load(value.buffer, *value.place("m", "oy", "ox", "oc"))
        passed = select(greater(y, number(0.0)), passed, number(0.0))
    body = each_pixel(to, (put(to, passed, add),))
    given = distinct(*mask, dy.buffer, to.buffer)
    return Kernel(name, (count_of(to),), given, body)


def _factor(x: Image, to: Image) -> Expr:
    """An input's number at a pixel of the product; a gate has one for all pixels."""
    gate = (x.height, x.width) != (to.height, to.width)
    place = x.place("m", 0, 0, "oc") if gate else x.place("m", "oy", "ox", "oc")
    return load(x.buffer, *place)


def multiply_forward(name: str, xs: tuple[Image, ...], to: Image) -> Kernel:
    """The product of the images, from left to right, gates over all their channel."""
    value = reduce(mul, (_factor(x, to) for x in xs))
    body = each_pixel(to, (put(to, value, False),))
    given = distinct(*(x.buffer for x in xs), to.buffer)
    return Kernel(name, (count_of(to),), given, body)


def multiply_backward(
    name: str, others: tuple[Image, ...], dy: Image, to: Image, *, add: bool = False
) -> Kernel:
    """The gradient of one of the images: dy times the others, summed for a gate."""
    slope = reduce(mul, (_factor(x, dy) for x in others), _factor(dy, dy))
    given = distinct(*(x.buffer for x in others), dy.buffer, to.buffer)
    if (to.height, to.width) == (dy.height, dy.width):
        body = each_pixel(to, (put(to, slope, add),))
        return Kernel(name, (count_of(to),), given, body)
    total = Register("total")
    pixels = ("oy", dy.height), ("ox", dy.width)
    summed = loops((_added(total, slope),), *pixels)
    stored = _stored(to, to.place("m", 0, 0, "oc"), Get(total), add)
    channel = (Let(total, number(0.0)), *summed, stored)
    body = loops(channel, ("m", Var("count")), ("oc", to.channels))
    return Kernel(name, (count_of(to),), given, body)


def _added(total: Register, value: Expr) -> Set:
    return Set(total, add(Get(total), value))


def _stored(to: Image, place: tuple[Expr, ...], value: Expr, more: bool) -> Store:
    """Writes a value to a place, or adds it to what is there."""
    value = add(load(to.buffer, *place), value) if more else value
    return Store(to.buffer, place, value)


def _cut(x: Image, to: Image) -> tuple[int, int]:
    """The pixel of x that a joined image's first pixel is: images meet in the middle.

    What is odd is cut at the end.
    """
    return (x.height - to.height) // 2, (x.width - to.width) // 2


def concat_forward(name: str, xs: tuple[Image, ...], to: Image) -> Kernel:
    """The middles of the images, one after another along the channels."""
    bodies: tuple[Stmt, ...] = ()
    before = 0
    for x in xs:
        down, across = _cut(x, to)
        here = (Var("m"), add("oy", down), add("ox", across), Var("oc"))
        place = to.place("m", "oy", "ox", add("oc", before))
        store = Store(to.buffer, place, load(x.buffer, *x.place(*here)))
        bodies += loops((store,), ("oc", x.channels))
        before += x.channels
    nest = (("m", Var("count")), ("oy", to.height), ("ox", to.width))
    given = distinct(*(x.buffer for x in xs), to.buffer)
    return Kernel(name, (count_of(to),), given, loops(bodies, *nest))


def concat_backward(
    name: str, dy: Image, before: int, to: Image, *, add: bool = False
) -> Kernel:
    """The gradient of one of the images, whose channels begin at `before` in dy.

    Pixels that were cut away have none: they become 0, or stay as they are with `add`.
    """
    down, across = _cut(to, dy)
    bodies: tuple[Stmt, ...] = ()
    for row, rows, inside in _bands(down, dy.height, to.height):
        columns = _bands(across, dy.width, to.width)
        for column, width, within in columns if inside else ((0, to.width, False),):
            seen = inside and within
            if add and not seen:
                continue
            start = (row, column, down, across, before)
            store = _shared(dy, to, start, seen, add)
            bodies += loops((store,), ("oy", rows), ("ox", width), ("oc", to.channels))
    given = distinct(dy.buffer, to.buffer)
    return Kernel(name, (count_of(to),), given, loops(bodies, ("m", Var("count"))))


def _bands(cut: int, kept: int, length: int) -> tuple[tuple[int, int, bool], ...]:
    """Before the middle, the middle, behind it: where, how much, whether it is kept."""
    bands = (
        (0, cut, False),
        (cut, kept, True),
        (cut + kept, length - cut - kept, False),
    )
    return tuple(band for band in bands if band[1])


def _shared(
    dy: Image, to: Image, start: tuple[int, int, int, int, int], seen: bool, more: bool
) -> Store:
    """What one pixel of a band gets, from its own part of dy."""
    row, column, down, across, before = start
    place = to.place("m", add("oy", row), add("ox", column), "oc")
    if not seen:
        return Store(to.buffer, place, number(0.0))
    y, x = add("oy", row - down), add("ox", column - across)
    value = load(dy.buffer, *dy.place("m", y, x, add("oc", before)))
    return _stored(to, place, value, more)
