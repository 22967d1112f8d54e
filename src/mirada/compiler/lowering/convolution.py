"""Convolution: forward as plain loops, backward by lists of live positions.

After ReLU and max pooling most positions of a convolution have no gradient. Both
gradients visit just those that have one: they are gathered into a list first, then
walked without a branch.

A tap row is a run of numbers that lie side by side in the image and in the weights:
a whole row of the kernel, kw * ic numbers, or ic numbers when columns are dilated.
"""

from dataclasses import dataclass

from mirada.compiler.expression import (
    add,
    both,
    equal,
    fma,
    greater,
    index,
    load,
    minimum,
    mul,
    number,
    splat,
)
from mirada.compiler.ir import (
    Append,
    Buffer,
    Const,
    Convert,
    Count,
    Counter,
    Expr,
    For,
    Get,
    Iota,
    Kernel,
    Let,
    Load,
    Register,
    Reset,
    Set,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.blocks import blocked
from mirada.compiler.lowering.layout import Image, count_of, each_pixel, loops
from mirada.compiler.lowering.taps import Block, Taps
from mirada.compiler.lowering.taps import walks as _walks
from mirada.compiler.target import Target

__all__ = ["Live", "Taps", "forward", "input_gradient", "pack", "weight_gradient"]


_MOST_APPENDS = 512
"""Vectors of channels that are looked at one after another, in all positions."""


def forward(
    name: str, taps: Taps, weight: Buffer, bias: Buffer | None, to: Image
) -> Kernel:
    """y[oc] = b[oc] + sum over rows r and taps t of x[window + r + t] * w[r, t, oc]."""
    x = taps.image
    flat = x.buffer.view(x.images, x.rows, x.columns * x.channels)
    acc = Register("acc")
    down, across = taps.vertical, taps.horizontal
    row = add(mul("oy", down.stride), mul("ky", down.dilation), x.top - down.start)
    column = add(mul("ox", across.stride * x.channels), index("t"))
    column = add(column, (x.left - across.start) * x.channels)
    nest = [("ky", down.size), ("t", taps.length)]
    tap = [index("ky"), index("t")]
    if across.dilation > 1:
        column = add(column, mul("kx", across.dilation * x.channels))
        nest.insert(1, ("kx", across.size))
        tap = [add(mul("ky", across.size), index("kx")), index("t")]
    step = fma(load(flat, "m", row, column), load(weight, *tap, "oc"), Get(acc))
    first = number(0.0) if bias is None else load(bias, "oc")
    body = each_pixel(
        to,
        (
            Let(acc, first),
            *loops((Set(acc, step),), *nest),
            Store(to.buffer, to.place("m", "oy", "ox", "oc"), Get(acc)),
        ),
    )
    given = (x.buffer, weight, *(() if bias is None else (bias,)), to.buffer)
    return Kernel(name, (count_of(x),), given, body)


def pack(name: str, weight: Buffer, packed: Buffer) -> Kernel:
    """w[oc, r, t] into p[r, t, oc], where output channels are the vector axis."""
    channels, rows, length = weight.shape
    store = Store(packed, (Var("r"), Var("t"), Var("oc")), load(weight, "oc", "r", "t"))
    body = loops((store,), ("oc", channels), ("r", rows), ("t", length))
    return Kernel(name, (), (weight, packed), body)


@dataclass(frozen=True)
class Live:
    """The gradient that reaches a convolution: where it is not zero.

    `gradient` is that of the block's output `value`. With `relu`, it counts only where
    the output is positive. With `choice`, the output was max pooled: the buffer says
    which position of the pooling window it came from, `corners` how far that window
    lies from the first of the pooled ones, as elements of the convolution's input.
    """

    gradient: Image
    value: Image
    relu: bool
    choice: Buffer | None = None
    corners: tuple[int, ...] = (0,)
    step: tuple[int, int] = (1, 1)

    @property
    def buffers(self) -> tuple[Buffer, ...]:
        """What a kernel reads of it."""
        value = (self.value.buffer,) if self.relu else ()
        chosen = (self.choice,) if self.choice is not None else ()
        return (self.gradient.buffer, *value, *chosen)

    def window(self, taps: Taps) -> Expr:
        """The element of the first window that output pixel (m, oy, ox) pooled."""
        oy, ox = mul("oy", self.step[0]), mul("ox", self.step[1])
        return taps.window(index("m"), oy, ox)

    def last(self, taps: Taps) -> int:
        """The largest element that `window` plus a corner can be."""
        image = taps.image
        down, across = taps.step
        block = image.rows * image.columns * image.channels
        oy = (self.gradient.height - 1) * self.step[0]
        ox = (self.gradient.width - 1) * self.step[1]
        place = (image.images - 1) * block + oy * down + ox * across
        return place + taps.start + max(self.corners)


def weight_gradient(
    name: str,
    taps: Taps,
    live: Live,
    weight: Buffer,
    bias: Buffer | None,
    target: Target,
) -> Kernel:
    """Adds to dw[oc, r, t] for every live position g * x[window + r + t], and to db."""
    image = live.gradient
    limit = image.height * image.width
    n = Counter("n", limit)
    at = Buffer("at", (limit + 1,), "i32", 0, 0, live.last(taps))
    g = Buffer("g", (limit + 1,))
    corner = Buffer("corner", (len(live.corners),), "i32", 0, 0, max(live.corners))
    place = image.place("m", "oy", "ox", "oc")
    where, extra = _live_here(live, corner)
    first = Convert(add(live.window(taps), extra), "i32")
    gather = loops(
        (Append(n, where, ((at, first), (g, load(image.buffer, *place)))),),
        ("oy", image.height),
        ("ox", image.width),
    )
    lanes = target.vector(taps.length)

    def walk(block: Block) -> list[Stmt]:
        with_bias = bias if block.first else None
        return _walk_weights(block, lanes, (at, g, n), taps, weight, with_bias)

    walked = _walks(taps, lanes, target.accumulators, 1, walk)
    body = loops(
        (Reset(n), *gather, *walked),
        ("m", Var("count")),
        ("oc", image.channels),
    )
    tables = ((corner, live.corners),) if live.choice is not None else ()
    sums = (weight, *(() if bias is None else (bias,)))
    given = (taps.image.buffer, *live.buffers, *sums)
    return Kernel(name, (count_of(image),), given, body, tables, (at, g))


def _live_here(live: Live, corner: Buffer) -> tuple[Expr, Expr]:
    """Whether the output at (m, oy, ox, oc) has a gradient, and its corner."""
    where: Expr = Const(True, "bool")
    if live.relu:
        value = load(live.value.buffer, *live.value.place("m", "oy", "ox", "oc"))
        where = greater(value, number(0.0))
    if live.choice is None:
        return where, Const(0)
    chosen = Convert(load(live.choice, "m", "oy", "ox", "oc"), "i64")
    return where, Convert(load(corner, chosen), "i64")


def _walk_weights(
    block: Block,
    lanes: int,
    lists: tuple[Buffer, Buffer, Counter],
    taps: Taps,
    weight: Buffer,
    bias: Buffer | None,
) -> list[Stmt]:
    """One walk through the list, summing a block of the weight gradient."""
    at, g, n = lists
    suffix = f".{block.name}"
    place, value = Register(f"p{suffix}", "i64"), Register(f"v{suffix}")
    flat = taps.image.buffer.flat()
    before: list[Stmt] = []
    inside: list[Stmt] = [
        Let(place, Convert(load(at, "i"), "i64")),
        Let(value, load(g, "i")),
    ]
    after: list[Stmt] = []
    for row, first, far, name, active in block.vectors:
        acc = Register(f"a.{name}", lanes=lanes)
        there = (index("oc"), row, first)
        before.append(Let(acc, Load(weight, there, lanes, active)))
        x = Load(flat, (add(Get(place), far),), lanes)
        inside.append(Set(acc, fma(splat(Get(value), lanes), x, Get(acc))))
        after.append(Store(weight, there, Get(acc), active))
    if bias is not None:
        total = Register("total")
        before.append(Let(total, load(bias, "oc")))
        inside.append(Set(total, add(Get(total), Get(value))))
        after.append(Store(bias, (Var("oc"),), Get(total)))
    return [*before, For("i", Count(n), tuple(inside)), *after]


def input_gradient(
    name: str, taps: Taps, live: Live, weight: Buffer, to: Image, target: Target
) -> Kernel:
    """Adds to dx[window + r + t]: over live channels g * w[oc, r, t].

    `to` has the form of the convolution's input and is cleared before.
    """
    image, channels = live.gradient, live.gradient.channels
    lanes = target.vector(channels)
    limit = -(-channels // lanes) * lanes
    n = Counter("n", limit)
    which = Buffer("which", (limit + lanes,), "i32", 0, 0, channels - 1)
    g = Buffer("g", (limit + lanes,))
    wide, corners = target.vector(taps.length), len(live.corners)
    bodies: list[Stmt] = []
    for choice, corner in enumerate(live.corners):
        gather = _gather_channels(live, choice, lanes, (which, g, n))
        start = Register(f"start{choice}", "i64")

        def walk(block: Block, start: Register = start) -> list[Stmt]:
            return _walk_channels(block, wide, (which, g, n), taps, weight, to, start)

        add_up = _walks(taps, wide, target.accumulators, corners, walk)
        # A loop that turns once where the list holds something is an if.
        some = minimum(Count(n), Const(1))
        first = Let(start, add(live.window(taps), corner))
        bodies += [Reset(n), *gather, For(f"some{choice}", some, (first, *add_up))]
    nest = (("m", Var("count")), ("oy", image.height), ("ox", image.width))
    body = loops(tuple(bodies), *nest)
    given = (*live.buffers, weight, to.buffer)
    return Kernel(name, (count_of(image),), given, body, (), (which, g))


def _gather_channels(
    live: Live, choice: int, lanes: int, lists: tuple[Buffer, Buffer, Counter]
) -> list[Stmt]:
    """The live channels of output pixel (m, oy, ox) that chose this position."""
    channels = live.gradient.channels
    if channels * len(live.corners) <= lanes * _MOST_APPENDS:
        return [
            _gathered(live, choice, Const(first), lanes, lists)
            for first in range(0, channels, lanes)
        ]

    def vector(v: Expr, size: int) -> tuple[Stmt, ...]:
        return (_gathered(live, choice, v, lanes, lists, size % lanes),)

    return list(blocked("v", channels, lanes, vector))


def _gathered(
    live: Live,
    choice: int,
    first: Expr,
    lanes: int,
    lists: tuple[Buffer, Buffer, Counter],
    rest: int | None = None,
) -> Append:
    """Those of a vector of channels."""
    which, g, n = lists
    channels, active = live.gradient.channels, rest or 0
    if rest is None and isinstance(first, Const):
        active = min(channels - int(first.value), lanes) % lanes

    def vector(image: Image) -> Load:
        place = image.place("m", "oy", "ox", first)
        return Load(image.buffer, place, lanes, active)

    begin: Expr = Convert(first, "i32")
    if isinstance(first, Const):
        begin = Const(first.value, "i32")
    numbers = add(Iota(lanes), splat(begin, lanes))
    where = _within(lanes, active)
    if live.relu:
        where = both(where, greater(vector(live.value), number(0.0, lanes)))
    if live.choice is not None:
        place = (index("m"), index("oy"), index("ox"), first)
        chosen = Convert(Load(live.choice, place, lanes, active), "i32")
        where = both(where, equal(chosen, Const(choice, "i32", lanes)))
    last = Const(channels - 1, "i32", lanes)
    known = numbers if not active else minimum(numbers, last)
    return Append(n, where, ((which, known), (g, vector(live.gradient))))


def _within(lanes: int, active: int) -> Expr:
    """Which lanes stand for a channel."""
    if not active:
        return Const(True, "bool", lanes)
    return greater(Const(active, "i32", lanes), Iota(lanes))


def _walk_channels(
    block: Block,
    lanes: int,
    lists: tuple[Buffer, Buffer, Counter],
    taps: Taps,
    weight: Buffer,
    to: Image,
    start: Register,
) -> list[Stmt]:
    """One walk through the channels, adding a block of tap rows to the gradient."""
    which, g, n = lists
    suffix = f"{start.name}.{block.name}"
    channel, value = Register(f"c.{suffix}", "i64"), Register(f"v.{suffix}")
    flat = to.buffer.flat()
    before: list[Stmt] = []
    inside: list[Stmt] = [
        Let(channel, Convert(load(which, "i"), "i64")),
        Let(value, load(g, "i")),
    ]
    after: list[Stmt] = []
    size = taps.length * len(taps.rows)
    rows = weight.flat()
    for row, first, far, name, active in block.vectors:
        acc = Register(f"a.{suffix}.{name}", lanes=lanes)
        before.append(Let(acc, number(0.0, lanes)))
        tap = add(mul(row, taps.length), first)
        w = Load(rows, (add(mul(Get(channel), size), tap),), lanes)
        inside.append(Set(acc, fma(splat(Get(value), lanes), w, Get(acc))))
        place = (add(Get(start), far),)
        total = add(Load(flat, place, lanes, active), Get(acc))
        after.append(Store(flat, place, total, active))
    return [*before, For("i", Count(n), tuple(inside)), *after]
