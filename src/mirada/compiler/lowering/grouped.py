"""Convolution whose channels mix within groups; with one group, a plain convolution.

Weights lie in memory as (oc, taps * channels of a group); `pack` turns them round, so
that output channels are vectors on the way forward. The gradient by the input needs no
turning: there the channels of a group that lie side by side are the ones wanted.

Either way a block of pixels by a few vectors of channels is summed in registers: for
every tap and every channel that is read, each weight vector is loaded once and each
pixel spread once.
"""

from dataclasses import dataclass

from mirada.compiler.expression import add as plus
from mirada.compiler.expression import fma, load, mul, splat
from mirada.compiler.ir import (
    Buffer,
    Const,
    Expr,
    For,
    Get,
    Kernel,
    Let,
    Load,
    Register,
    Set,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.blocks import Finish, blocked, even
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.layout import Image, count_of, distinct, loops
from mirada.compiler.lowering.sweep import (
    Margins,
    Sweep,
    enlarging,
    margins,
    sliding,
)
from mirada.compiler.target import Target
from mirada.network.window import Window

__all__ = [
    "Mixing",
    "forward",
    "gradient_margins",
    "gradient_of_packed",
    "input_gradient",
    "mixed",
    "pack",
]

_SQUARE = 16
"""Numbers on a side of the squares in which weights are turned, for the cache."""

Windows = tuple[Window, Window]
Sweeps = tuple[Sweep, ...]


def pack(name: str, weight: Buffer, packed: Buffer) -> Kernel:
    """w[oc, t] into p[t, oc], whatever other axes the weight is written with."""
    rows, channels = packed.shape
    flat = weight.view(channels, rows)

    def block(oc: Expr, wide: int) -> tuple[Stmt, ...]:
        def inside(t: Expr, high: int) -> tuple[Stmt, ...]:
            row, column = plus(t, Var("t")), plus(oc, Var("oc"))
            store = Store(packed, (row, column), load(flat, column, row))
            return loops((store,), ("oc", wide), ("t", high))

        return blocked("rows", rows, _SQUARE, inside)

    body = blocked("channels", channels, _SQUARE, block)
    return Kernel(name, (), (weight, packed), body)


def forward(
    name: str,
    taps: Taps,
    groups: int,
    packed: Buffer,
    bias: Buffer | None,
    other: Image | None,
    relu: bool,
    to: Image,
    target: Target,
) -> Kernel:
    """y[oc] = relu(b[oc] + sum over taps k, channels i of x[i] * p[k, i, oc] + other).

    `packed` is (taps * channels of a group, oc).
    """
    finish = Finish(to, bias, other, relu)
    return gathered(name, taps, groups, taps.image, packed, finish, target)


def gathered(
    name: str,
    taps: Taps,
    groups: int,
    image: Image,
    packed: Buffer,
    finish: Finish,
    target: Target,
) -> Kernel:
    """The convolution of an image, with a finish of the caller's."""
    to = finish.to
    reads, makes = image.channels // groups, to.channels // groups
    mixing = Mixing(
        groups, reads, makes, packed, (reads * to.channels, to.channels, makes)
    )
    rows = sliding(taps.vertical, to.height)
    columns = sliding(taps.horizontal, to.width)
    return mixed(
        name, mixing, image, (rows, columns), taps.horizontal.size, finish, target
    )


def input_gradient(
    name: str,
    taps: Taps,
    groups: int,
    dy: Image,
    weight: Buffer,
    to: Image,
    add: bool,
    target: Target,
) -> Kernel:
    """dx[i] = sum over windows that see the pixel as tap k, channels o, of dy * w.

    `weight` is the native one: (oc, taps * channels of a group) in memory.
    """
    windows = taps.vertical, taps.horizontal
    finish = Finish(to, add=add)
    return spread(name, windows, groups, dy, weight, finish, target)


def spread(
    name: str,
    windows: Windows,
    groups: int,
    image: Image,
    weight: Buffer,
    finish: Finish,
    target: Target,
) -> Kernel:
    """Every pixel gives to the window that it stands for; gathered, never scattered.

    The weight is (channels of the image, taps * channels of a group of the target).
    """
    to = finish.to
    reads, makes = image.channels // groups, to.channels // groups
    length = windows[0].size * windows[1].size * makes
    mixing = Mixing(groups, reads, makes, weight, (makes, length, reads * length))
    sweeps = enlarging(windows[0], to.height), enlarging(windows[1], to.width)
    return mixed(name, mixing, image, sweeps, windows[1].size, finish, target)


def gradient_of_packed(
    name: str,
    taps: Taps,
    groups: int,
    dy: Image,
    packed: Buffer,
    to: Image,
    add: bool,
    target: Target,
) -> Kernel:
    """The gradient by the input from packed weights, of groups of one channel."""
    reads = dy.channels // groups
    mixing = Mixing(groups, reads, 1, packed, (dy.channels, 1, reads))
    rows = enlarging(taps.vertical, to.height)
    columns = enlarging(taps.horizontal, to.width)
    finish, width = Finish(to, add=add), taps.horizontal.size
    return mixed(name, mixing, dy, (rows, columns), width, finish, target)


def gradient_margins(taps: Taps, dy: Image) -> Margins:
    """The border of zeros that dy needs for the gradient by the input."""
    rows = enlarging(taps.vertical, taps.image.height)
    columns = enlarging(taps.horizontal, taps.image.width)
    return margins(rows, columns, dy.height, dy.width)


@dataclass(frozen=True)
class Mixing:
    """How channels mix: each of `groups` reads `reads` channels and makes `makes`.

    The weights of tap k, channel r of group g begin at element k*a + r*b + g*c, where
    (a, b, c) are the strides.
    """

    groups: int
    reads: int
    makes: int
    weight: Buffer
    strides: tuple[int, int, int]


def mixed(
    name: str,
    mixing: Mixing,
    image: Image,
    sweeps: tuple[Sweeps, Sweeps],
    width: int,
    finish: Finish,
    target: Target,
) -> Kernel:
    """Every pixel of the target: sums over taps and channels of its group.

    `width` is the number of taps in a row of the kernel.
    """
    body = tuple(
        For("y", down.count, tuple(row))
        for down in sweeps[0]
        if (
            row := [
                stmt
                for across in sweeps[1]
                if not finish.add or down.taps * across.taps
                for stmt in _Mixed(
                    mixing, image, down, across, width, finish, target
                ).row()
            ]
        )
    )
    given = distinct(image.buffer, mixing.weight, *finish.buffers)
    images = loops(body, ("m", Var("count")))
    return Kernel(name, (count_of(image),), given, images)


@dataclass(frozen=True)
class _Mixed:
    """Outputs that see the same taps, on their way to a kernel."""

    mixing: Mixing
    image: Image
    down: Sweep
    across: Sweep
    width: int
    finish: Finish
    target: Target

    @property
    def lanes(self) -> int:
        """Channels in a vector."""
        return self.target.vector(self.mixing.makes)

    def row(self) -> tuple[Stmt, ...]:
        """Row y: blocks of pixels, of all groups and channels."""
        vectors = -(-self.mixing.makes // self.lanes)
        together = min(vectors, 4)
        count = self.across.count
        wide = even(count, max(self.target.accumulators // together, 1))

        def block(x: Expr, columns: int) -> tuple[Stmt, ...]:
            return (For("g", self.mixing.groups, self.group(x, columns)),)

        return blocked("x", count, wide, block)

    def group(self, x: Expr, columns: int) -> tuple[Stmt, ...]:
        """The channels of group g, a few vectors at a time, the rest by itself."""
        makes, lanes = self.mixing.makes, self.lanes
        whole, rest = divmod(makes, lanes)
        if whole + (rest > 0) <= 4:
            actives = (0,) * whole + ((rest,) if rest else ())
            return (For("v", 1, self.block(x, columns, Const(0), actives)),)

        def block(start: Expr, size: int) -> tuple[Stmt, ...]:
            return self.block(x, columns, mul(start, lanes), (0,) * size)

        body = blocked("v", whole, even(whole, 4), block)
        if rest:
            tail = self.block(x, columns, Const(whole * lanes), (rest,))
            body = (*body, For("v", 1, tail))
        return body

    def block(
        self, x: Expr, columns: int, n: Expr, actives: tuple[int, ...]
    ) -> tuple[Stmt, ...]:
        """Pixels x, x + 1, ... by vectors from channel n of the group on."""
        sums = {
            (column, vector): Register(f"a.{column}.{vector}", lanes=self.lanes)
            for column in range(columns)
            for vector in range(len(actives))
        }
        at = tuple(plus(n, v * self.lanes) for v in range(len(actives)))
        channel = tuple(plus(mul("g", self.mixing.makes), here) for here in at)
        start = self.finish.start
        return (
            *(
                Let(acc, start(channel[v], self.lanes, actives[v]))
                for (_, v), acc in sums.items()
            ),
            *self.taps(self.products(x, at, actives, sums)),
            *(
                self.finish.store(
                    self.place(x, column, channel[v]), Get(acc), actives[v]
                )
                for (column, v), acc in sums.items()
            ),
        )

    def taps(self, body: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
        """The body for every tap (ky, kx) and every channel r that is read."""
        if not self.down.taps * self.across.taps:
            return ()
        nest = (("ky", self.down.taps), ("kx", self.across.taps))
        return loops(body, *nest, ("r", self.mixing.reads))

    def products(
        self,
        x: Expr,
        at: tuple[Expr, ...],
        actives: tuple[int, ...],
        sums: dict[tuple[int, int], Register],
    ) -> tuple[Stmt, ...]:
        """Adds one tap of one channel to all sums."""
        a, b, c = self.mixing.strides
        down, across = self.down, self.across
        row = plus(mul("ky", down.kernel_step), down.kernel)
        column = plus(mul("kx", across.kernel_step), across.kernel)
        tap = plus(mul(row, self.width), column)
        first = plus(mul(tap, a), mul("r", b), mul("g", c))
        flat = self.mixing.weight.flat()
        body: list[Stmt] = []
        held = [Register(f"w.{v}", lanes=self.lanes) for v in range(len(at))]
        for w, here, active in zip(held, at, actives, strict=True):
            body.append(Let(w, Load(flat, (plus(first, here),), self.lanes, active)))
        for number in range(max(column for column, _ in sums) + 1):
            seen = Register(f"x.{number}")
            body.append(Let(seen, self.read(x, number)))
            for v, w in enumerate(held):
                acc = sums[number, v]
                product = fma(splat(Get(seen), self.lanes), Get(w), Get(acc))
                body.append(Set(acc, product))
        return tuple(body)

    def read(self, x: Expr, column: int) -> Expr:
        """Channel r of group g of the pixel that tap (ky, kx) of an output reads."""
        down, across = self.down, self.across
        row = plus(mul("y", down.stride), mul("ky", down.at_step), down.at)
        along = plus(mul(x, across.stride), mul("kx", across.at_step))
        along = plus(along, across.at + column * across.stride)
        channel = plus(mul("g", self.mixing.reads), Var("r"))
        return load(self.image.buffer, *self.image.place("m", row, along, channel))

    def place(
        self, x: Expr, column: int, channel: Expr
    ) -> tuple[Expr, Expr, Expr, Expr]:
        """The pixel of the target that an output is."""
        down, across = self.down, self.across
        row = plus(mul("y", down.step), down.first)
        along = plus(mul(x, across.step), across.first + column * across.step)
        return Var("m"), row, along, channel
