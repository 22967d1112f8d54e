"""A kernel, or a pooling window, slid over an image: every map on the way.

    map of channel c:  m[c, oy, ox] = sum over ky, kx of
                       w[c, ky, kx] * x[c, oy*S - P + ky*D, ox*S - P + kx*D]
    output:            activation(sum over c of m[c, oy, ox] + bias)

Without flipping this is cross-correlation, what networks call convolution. A true
convolution flips the kernel in both directions first: then it is commutative, and an
impulse gives the kernel itself. Computed by the rules of `mirada.reference`; of whole
numbers the results are exact and whole.
"""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.analysis import DenseMatrix, WindowSize, dense_matrix, window_size
from mirada.errors import UsageError
from mirada.inspection.arithmetic import Arithmetic, arithmetic
from mirada.network import AvgPool2d, Conv2d, Layer, MaxPool2d, Network
from mirada.network.text import LAYERS
from mirada.reference import RULES, Moment

__all__ = ["ACTIVATIONS", "Sliding", "slide_kernel", "slide_pooling"]

Numbers = NDArray[Any]
Pair = tuple[int, int]
Padding = Pair | tuple[Pair, Pair] | str
"""Start and end of both axes, of each axis, or the name of a "same"."""

ACTIVATIONS = (
    *("relu", "leakyrelu", "relu6", "sigmoid", "tanh", "gelu", "silu"),
    *("hardsigmoid", "hardswish"),
)
"""The functions of each element that may follow."""

_MOST_EXACT = 2**53


@dataclass(frozen=True, eq=False)
class Sliding:
    """An image (c, h, w) and everything that a window makes of it.

    `layer` is the convolution or the pooling; `kernel` (c, kh, kw) is as it slides, so
    flipped where a true convolution was asked for, and None for pooling. `per_channel`
    (c, oh, ow) is what each channel gives, `total` (oh, ow) their sum; of a pooling
    every channel is an output of its own, and `total` is None.
    """

    image: Numbers
    layer: Layer
    height: WindowSize
    width: WindowSize
    per_channel: Numbers
    kernel: Numbers | None = None
    bias: int | float = 0
    activation: Layer | None = None

    @cached_property
    def total(self) -> Numbers | None:
        """The sum of what the channels give."""
        return None if self.kernel is None else self.per_channel.sum(axis=0)

    @cached_property
    def biased(self) -> Numbers | None:
        """The sum and the bias."""
        return None if self.total is None else self.total + self.bias

    @cached_property
    def output(self) -> Numbers:
        """(oh, ow), the activation applied; of a pooling (c, oh, ow)."""
        biased = self.biased
        if biased is None:
            return self.per_channel
        return (
            biased if self.activation is None else _activated(self.activation, biased)
        )

    @property
    def places(self) -> list[Pair]:
        """The row and the column of every window, in order."""
        return [*np.ndindex(*self.per_channel.shape[1:])]

    @property
    def operations(self) -> Pair:
        """Multiplications and additions, without bias; of a pooling none are told."""
        if self.kernel is None:
            return 0, 0
        windows = prod(self.per_channel.shape[1:])
        return windows * self.kernel.size, windows * (self.kernel.size - 1)

    @property
    def dense(self) -> DenseMatrix:
        """The same as one matrix on the flattened image; not of a pooling."""
        network = self._network
        return dense_matrix(network, network.nodes[0])

    def step(self, row: int, column: int, channel: int = 0) -> Arithmetic:
        """One window with its products, as `inspection.arithmetic` shows it.

        Raises UsageError (`step-outside`).
        """
        counts = self.per_channel.shape[1:]
        if not (0 <= row < counts[0] and 0 <= column < counts[1]):
            raise UsageError(
                "step-outside",
                "The output is {height}x{width}: --step takes a row from 0 to {row} "
                "and a column from 0 to {column}; got {place}.",
                height=counts[0],
                width=counts[1],
                row=counts[0] - 1,
                column=counts[1] - 1,
                place=f"{row} {column}",
            )
        name = self._network.nodes[0].name
        made = self.per_channel if self.biased is None else self.biased[None]
        seen = {"input": self.image[None], name: made[None]}
        place = (channel, row, column)
        return arithmetic(self._network, self._parameters, seen, name, place)

    @cached_property
    def _network(self) -> Network:
        after = () if self.activation is None else (self.activation,)
        return Network("window", self.image.shape, (self.layer, *after))

    @property
    def _parameters(self) -> dict[str, Numbers]:
        if self.kernel is None:
            return {}
        name = self._network.nodes[0].name
        own = {f"{name}.weight": self.kernel[None]}
        return own | {f"{name}.bias": np.array([self.bias])}


def slide_kernel(
    image: Numbers,
    kernel: Numbers,
    *,
    stride: int = 1,
    padding: Padding = (0, 0),
    dilation: int = 1,
    bias: float = 0,
    activation: str | None = None,
    flipped: bool = False,
) -> Sliding:
    """A kernel (c, kh, kw) slid over an image (c, h, w); `flipped`: true convolution.

    A kernel of one slice is used on every channel. `padding` is zeros at start and end
    of both axes, a pair of them for each axis, or a "same". Raises UsageError
    (`kernel-channels`), ShapeError (`size-too-small` where the kernel does not fit the
    padded image, `size-same-torch`) and FieldError for numbers out of range.

    >>> edges = slide_kernel(np.array([[[1, 1, 0]]]), np.array([[[-1, 1]]]))
    >>> edges.output.tolist()
    [[0, -1]]
    """
    channels, slices = len(image), len(kernel)
    if slices not in (1, channels):
        raise UsageError(
            "kernel-channels",
            "The image has {channels} channels and the kernel {slices} slices: give "
            "one slice for all channels, or {channels}, one for each.",
            channels=channels,
            slices=slices,
        )
    whole = np.repeat(kernel, channels // slices, axis=0)
    turned = whole[:, ::-1, ::-1] if flipped else whole
    size: Any = kernel.shape[1:]
    height, width = (
        window_size(length, each, stride, *ends, dilation)
        for length, each, ends in zip(
            image.shape[1:], size, _ends(padding), strict=True
        )
    )
    sides = _sides(height, width)
    layer = Conv2d(1, size, stride, sides, dilation)
    each = Conv2d(channels, size, stride, sides, dilation, channels, bias=False)
    weights = {"weight": np.asarray(turned, np.float64)[:, None]}
    maps = _forward(each, image, weights)
    if _is_exact(image, turned, bias):
        maps = np.rint(maps).astype(np.int64)
    after = None if activation is None else LAYERS[activation]()
    return Sliding(image, layer, height, width, maps, turned, bias, after)


def slide_pooling(
    image: Numbers,
    kind: str,
    size: Pair,
    *,
    stride: int | None = None,
    padding: Padding = (0, 0),
) -> Sliding:
    """The largest ("max") or the mean ("mean") value of each window of an image.

    The stride is the window's own size unless given. Zeros of the padding count in a
    mean, and never are the largest. Raises what `slid` does, and ShapeError
    (`pool-padding`).

    >>> slide_pooling(np.array([[[1, 5], [7, 2]]]), "mean", (2, 2)).output.tolist()
    [[[3.75]]]
    """
    height, width = (
        window_size(length, each, stride or each, *ends)
        for length, each, ends in zip(
            image.shape[1:], size, _ends(padding), strict=True
        )
    )
    made: Any = MaxPool2d if kind == "max" else AvgPool2d
    step = None if stride is None else (stride, stride)
    layer = made(size, step, _sides(height, width))
    layer.output(image.shape)
    maps = _forward(layer, image, {})
    if kind == "max" and np.issubdtype(image.dtype, np.integer):
        maps = np.rint(maps).astype(np.int64)
    return Sliding(image, layer, height, width, maps)


def _ends(padding: Padding) -> list[tuple[int | str, int | None]]:
    """Start and end along height and along width; of a "same" its name and nothing."""
    if isinstance(padding, str):
        return [(padding, None)] * 2
    first, second = padding
    if isinstance(first, tuple) and isinstance(second, tuple):
        return [first, second]
    assert isinstance(first, int) and isinstance(second, int)
    return [(first, second)] * 2


def _sides(height: WindowSize, width: WindowSize) -> tuple[int, int, int, int]:
    rows, columns = height.window, width.window
    return rows.start, rows.end, columns.start, columns.end


def _forward(layer: Layer, image: Numbers, own: dict[str, Numbers]) -> Numbers:
    values = np.asarray(image, np.float64)[None]
    found: Numbers = RULES[type(layer)].forward(layer, (values,), own, Moment())[0]
    return found


def _activated(layer: Layer, values: Numbers) -> Numbers:
    found: Numbers = _forward(layer, values[None], {})[0]
    if layer.kind == "relu" and np.issubdtype(values.dtype, np.integer):
        return np.rint(found).astype(np.int64)
    return found


def _is_exact(image: Numbers, kernel: Numbers, bias: float) -> bool:
    """Whether all are whole numbers, and so small that float64 rounds no sum."""
    whole = all(np.issubdtype(one.dtype, np.integer) for one in (image, kernel))
    if not whole or not isinstance(bias, int):
        return False
    largest = int(np.abs(image).max(initial=0))
    return largest * int(np.abs(kernel).sum()) + abs(bias) < _MOST_EXACT
