"""Convolution whose channels mix within groups; with one group, a plain convolution.

Weights lie in memory as (oc, taps * channels of a group); `pack` turns them round, so
that output channels are vectors on the way forward. The gradient by the input needs no
turning: there the channels of a group that lie side by side are the ones wanted.
"""

from mirada.compiler.expression import add as plus
from mirada.compiler.expression import load
from mirada.compiler.ir import Buffer, Expr, Kernel, Stmt, Store, Var
from mirada.compiler.lowering.blocks import Finish, blocked
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.layout import Image, loops
from mirada.compiler.lowering.mixing import Mixing, mixed
from mirada.compiler.lowering.sweep import Margins, enlarging, margins, sliding
from mirada.compiler.target import Target
from mirada.network.window import Window

__all__ = [
    "forward",
    "gathered",
    "gradient_margins",
    "gradient_of_packed",
    "input_gradient",
    "pack",
    "spread",
]

_SQUARE = 16
"""Numbers on a side of the squares in which weights are turned, for the cache."""

Windows = tuple[Window, Window]


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
