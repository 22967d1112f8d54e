"""Convolution of every channel by itself: channels in vectors, taps in registers.

Where a channel makes several, these are convolutions in groups of one channel, and
computed as such; weights lie alike: (oc, kh, kw), packed (taps, oc).
"""

from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import depthwise_weights, grouped, weights
from mirada.compiler.lowering.blocks import Finish
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.layout import Image
from mirada.compiler.lowering.sweep import Margins, enlarging, sliding
from mirada.compiler.lowering.tiles import Gather
from mirada.compiler.target import Target

__all__ = [
    "forward",
    "gradient_margins",
    "input_gradient",
    "pack",
    "packed_shape",
    "weight_gradient",
]


def packed_shape(taps: Taps, channels: int) -> tuple[int, int]:
    """The axes (tap, oc) of packed weights, for `channels` that come out."""
    return taps.vertical.size * taps.horizontal.size, channels


def pack(name: str, weight: Buffer, packed: Buffer) -> Kernel:
    """w[oc, k] into p[k, oc], where channels are the vector axis."""
    return grouped.pack(name, weight, packed)


def gradient_margins(taps: Taps, dy: Image) -> Margins:
    """The border of zeros that dy needs for the gradient by the input."""
    return grouped.gradient_margins(taps, dy)


def forward(
    name: str,
    taps: Taps,
    packed: Buffer,
    bias: Buffer | None,
    other: Image | None,
    relu: bool,
    to: Image,
    target: Target,
) -> Kernel:
    """y[c] = relu(b[c] + sum over taps k of x[window + k, c] * w[k, c] + other[c])."""
    if to.channels != taps.image.channels:
        groups = taps.image.channels
        return grouped.forward(
            name, taps, groups, packed, bias, other, relu, to, target
        )
    rows = sliding(taps.vertical, to.height)
    columns = sliding(taps.horizontal, to.width)
    gather = Gather(taps.image, packed, taps.horizontal.size, target)
    return gather.kernel(name, rows, columns, Finish(to, bias, other, relu))


def input_gradient(
    name: str,
    taps: Taps,
    dy: Image,
    packed: Buffer,
    to: Image,
    add: bool,
    target: Target,
) -> Kernel:
    """dx[p, c] = sum of dy[q, c] * w[k, c] over the windows q that see p as tap k."""
    if to.channels != dy.channels:
        groups = to.channels
        return grouped.gradient_of_packed(
            name, taps, groups, dy, packed, to, add, target
        )
    rows = enlarging(taps.vertical, to.height)
    columns = enlarging(taps.horizontal, to.width)
    gather = Gather(dy, packed, taps.horizontal.size, target)
    return gather.kernel(name, rows, columns, Finish(to, add=add))


def weight_gradient(
    name: str,
    taps: Taps,
    dy: Image,
    weight: Buffer,
    add: bool,
    target: Target,
    parts: int = 1,
) -> Kernel:
    """dw[oc, k] = sum over images, windows q, of dy[oc, q] * x[c, window q + k].

    With `add`, added to dw. Parts are dealt channels.
    """
    groups = taps.image.channels
    if dy.channels == groups:
        of_each = depthwise_weights.weight_gradient
        return of_each(name, taps, dy, weight, add, target, parts)
    of_groups = weights.weight_gradient
    return of_groups(name, taps, groups, dy, weight, add, target, parts)
