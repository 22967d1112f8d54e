"""Transposed convolution: a convolution run backwards, so its kernels change places.

Forward is what a convolution's gradient by the input is, and the gradient by the input
is that convolution. Weights lie in memory as those of that convolution, which reads the
larger image: (ic, kh, kw * channels of a group), PyTorch's (ic, oc/groups, kh, kw) with
its channels moved to the end.
"""

from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import grouped
from mirada.compiler.lowering.blocks import Finish
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.layout import Image
from mirada.compiler.lowering.sweep import Margins, enlarging, margins, sliding
from mirada.compiler.lowering.weights import weight_gradient as of_convolution
from mirada.compiler.target import Target
from mirada.network.window import Window

__all__ = [
    "forward",
    "forward_margins",
    "gradient_margins",
    "input_gradient",
    "native_shape",
    "pack",
    "weight_gradient",
]

Windows = tuple[Window, Window]


def native_shape(
    channels: int, group: int, height: int, width: int
) -> tuple[int, int, int]:
    """How a weight (ic, oc/groups, kh, kw) lies in memory: its axes 0, 2, 3, 1.

    >>> native_shape(128, 64, 2, 2)
    (128, 2, 128)
    """
    return channels, height, width * group


def pack(name: str, weight: Buffer, packed: Buffer) -> Kernel:
    """The weight turned round for the gradient by the input: p[tap, o, ic]."""
    return grouped.pack(name, weight, packed)


def forward(
    name: str,
    windows: Windows,
    groups: int,
    x: Image,
    weight: Buffer,
    bias: Buffer | None,
    other: Image | None,
    relu: bool,
    to: Image,
    target: Target,
) -> Kernel:
    """y[o, p] = relu(b[o] + sum over i, windows q that see p as k, of x[q] * w[k])."""
    finish = Finish(to, bias, other, relu)
    return grouped.spread(name, windows, groups, x, weight, finish, target)


def forward_margins(windows: Windows, x: Image, height: int, width: int) -> Margins:
    """The border of zeros that x needs, for an output of height x width."""
    rows, columns = enlarging(windows[0], height), enlarging(windows[1], width)
    return margins(rows, columns, x.height, x.width)


def gradient_margins(windows: Windows, dy: Image, height: int, width: int) -> Margins:
    """The border of zeros that dy needs, for an input of height x width."""
    rows, columns = sliding(windows[0], height), sliding(windows[1], width)
    return margins(rows, columns, dy.height, dy.width)


def input_gradient(
    name: str,
    windows: Windows,
    groups: int,
    dy: Image,
    packed: Buffer,
    to: Image,
    add: bool,
    target: Target,
) -> Kernel:
    """dx[i, q] = sum over taps k and channels o of dy[window q + k] * p[k, o, i]."""
    taps = Taps(*windows, dy)
    finish = Finish(to, add=add)
    return grouped.gathered(name, taps, groups, dy, packed, finish, target)


def weight_gradient(
    name: str,
    windows: Windows,
    groups: int,
    x: Image,
    dy: Image,
    weight: Buffer,
    add: bool,
    target: Target,
    parts: int = 1,
) -> Kernel:
    """dw[i, k, o] = sum over pixels q of x[i, q] * dy[o, window q + k]."""
    taps = Taps(*windows, dy)
    return of_convolution(name, taps, groups, x, weight, add, target, parts)
