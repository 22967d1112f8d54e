"""Convolution: forward as plain loops, backward by lists of live positions.

After ReLU and max pooling most positions of a convolution have no gradient. Both
gradients visit just those that have one: they are gathered into a list first, then
walked without a branch.

A tap row is a run of numbers that lie side by side in the image and in the weights:
a whole row of the kernel, kw * ic numbers, or ic numbers when columns are dilated.
"""

from collections.abc import Iterator
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
from mirada.compiler.lowering.layout import Image, count_of, each_pixel, loops
from mirada.compiler.target import Target
from mirada.network.window import Window

__all__ = ["Live", "Taps", "forward", "input_gradient", "pack", "weight_gradient"]


@dataclass(frozen=True)
class Taps:
    """Where the taps of a kernel lie in the image it slides over."""

    vertical: Window
    horizontal: Window
    image: Image

    @property
    def step(self) -> tuple[int, int]:
        """Elements from one window to the next, down and across."""
        image, across = self.image, self.horizontal.stride * self.image.channels
        return self.vertical.stride * image.columns * image.channels, across

    @property
    def start(self) -> int:
        """The element of the first tap of the first window."""
        image = self.image
        row, column = (
            image.top - self.vertical.start,
            image.left - self.horizontal.start,
        )
        return (row * image.columns + column) * image.channels

    @property
    def length(self) -> int:
        """Numbers in a tap row."""
        dense = self.horizontal.dilation == 1
        return self.image.channels * (self.horizontal.size if dense else 1)

    @property
    def rows(self) -> tuple[int, ...]:
        """The element each tap row starts at, from the window's first."""
        image = self.image
        down = self.vertical.dilation * image.columns * image.channels
        across = self.horizontal.dilation * image.channels
        columns = 1 if self.horizontal.dilation == 1 else self.horizontal.size
        return tuple(
            ky * down + kx * across
            for ky in range(self.vertical.size)
            for kx in range(columns)
        )

    def window(self, m: Expr, oy: Expr, ox: Expr) -> Expr:
        """The element of the first tap of a window."""
        image = self.image
        down, across = self.step
        block = image.rows * image.columns * image.channels
        place = add(mul(oy, down), mul(ox, across))
        return add(mul(m, block), place, self.start)


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
    walked: list[Stmt] = []
    for block in _row_blocks(taps, lanes, target.accumulators):
        with_bias = bias if not walked else None
        walked += _walk_weights(taps, block, lanes, (at, g, n), weight, with_bias)
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


Block = tuple[tuple[int, int], ...]
"""Vectors of tap rows: (row, first tap) of each."""


def _row_blocks(taps: Taps, lanes: int, most: int) -> Iterator[Block]:
    """All vectors of the tap rows, at most `most` at a time."""
    vectors = [
        (row, first)
        for row in range(len(taps.rows))
        for first in range(0, taps.length, lanes)
    ]
    blocks = -(-len(vectors) // most)
    size = -(-len(vectors) // blocks)
    for start in range(0, len(vectors), size):
        yield tuple(vectors[start : start + size])


def _walk_weights(
    taps: Taps,
    block: Block,
    lanes: int,
    lists: tuple[Buffer, Buffer, Counter],
    weight: Buffer,
    bias: Buffer | None,
) -> list[Stmt]:
    """One walk through the list, summing a block of the weight gradient."""
    at, g, n = lists
    suffix = f".{block[0][0]}.{block[0][1]}"
    place, value = Register(f"p{suffix}", "i64"), Register(f"v{suffix}")
    flat = taps.image.buffer.flat()
    before: list[Stmt] = []
    inside: list[Stmt] = [
        Let(place, Convert(load(at, "i"), "i64")),
        Let(value, load(g, "i")),
    ]
    after: list[Stmt] = []
    for row, first in block:
        acc = Register(f"a.{row}.{first}", lanes=lanes)
        there = (index("oc"), Const(row), Const(first))
        active = min(taps.length - first, lanes) % lanes
        before.append(Let(acc, Load(weight, there, lanes, active)))
        x = Load(flat, (add(Get(place), taps.rows[row] + first),), lanes)
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
    wide = target.vector(taps.length)
    bodies: list[Stmt] = []
    for choice, corner in enumerate(live.corners):
        gather = _gather_channels(live, choice, lanes, (which, g, n))
        add_up: list[Stmt] = []
        start = Register(f"start{choice}", "i64")
        for block in _row_blocks(taps, wide, target.accumulators):
            add_up += _walk_channels(
                taps, block, wide, (which, g, n), weight, to, start
            )
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
    which, g, n = lists
    image, channels = live.gradient, live.gradient.channels
    appends: list[Stmt] = []
    for first in range(0, channels, lanes):
        active = min(channels - first, lanes) % lanes

        def vector(image: Image, first: int = first, active: int = active) -> Load:
            place = image.place("m", "oy", "ox", first)
            return Load(image.buffer, place, lanes, active)

        numbers = add(Iota(lanes), Const(first, "i32", lanes))
        where = _within(lanes, active)
        if live.relu:
            where = both(where, greater(vector(live.value), number(0.0, lanes)))
        if live.choice is not None:
            place = (index("m"), index("oy"), index("ox"), Const(first))
            chosen = Convert(Load(live.choice, place, lanes, active), "i32")
            where = both(where, equal(chosen, Const(choice, "i32", lanes)))
        last = Const(channels - 1, "i32", lanes)
        known = numbers if not active else minimum(numbers, last)
        appends.append(Append(n, where, ((which, known), (g, vector(image)))))
    return appends


def _within(lanes: int, active: int) -> Expr:
    """Which lanes stand for a channel."""
    if not active:
        return Const(True, "bool", lanes)
    return greater(Const(active, "i32", lanes), Iota(lanes))


def _walk_channels(
    taps: Taps,
    block: Block,
    lanes: int,
    lists: tuple[Buffer, Buffer, Counter],
    weight: Buffer,
    to: Image,
    start: Register,
) -> list[Stmt]:
    """One walk through the channels, adding a block of tap rows to the gradient."""
    which, g, n = lists
    suffix = f"{start.name}.{block[0][0]}.{block[0][1]}"
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
    for row, first in block:
        acc = Register(f"a.{suffix}.{row}.{first}", lanes=lanes)
        before.append(Let(acc, number(0.0, lanes)))
        tap = row * taps.length + first
        w = Load(rows, (add(mul(Get(channel), size), tap),), lanes)
        inside.append(Set(acc, fma(splat(Get(value), lanes), w, Get(acc))))
        place = (add(Get(start), taps.rows[row] + first),)
        active = min(taps.length - first, lanes) % lanes
        total = add(Load(flat, place, lanes, active), Get(acc))
        after.append(Store(flat, place, total, active))
    return [*before, For("i", Count(n), tuple(inside)), *after]
