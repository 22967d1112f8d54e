"""The terms of layers that read a window: convolution, linear, pooling, enlarging."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.inspection.terms import (
    Array,
    Flags,
    Place,
    Terms,
    factor_text,
    number_text,
)
from mirada.network import (
    AvgPool2d,
    Conv2d,
    ConvTranspose2d,
    GlobalAvgPool2d,
    Linear,
    MaxPool2d,
    Upsample,
)
from mirada.network.window import Window
from mirada.reference import Arrays
from mirada.reference.resize import mixture

__all__ = [
    "avg_pool_terms",
    "conv_terms",
    "conv_transpose_terms",
    "global_avg_terms",
    "linear_terms",
    "max_pool_terms",
    "upsample_terms",
]

Whole = NDArray[np.int64]
_MOST_WRITTEN = 25
"""Longer sums are not written out term by term."""


class _Seen(NamedTuple):
    """What a window reads of an image."""

    values: Array
    inside: Flags
    axes: tuple[tuple[int, ...], ...]


def _read(image: Array, channels: Whole, rows: Whole, columns: Whole) -> _Seen:
    """The values at these places, 0 where there is no pixel."""
    height, width = image.shape[1:]
    along = (rows >= 0) & (rows < height), (columns >= 0) & (columns < width)
    inside = np.broadcast_to(
        along[0][:, None] & along[1], (len(channels), *_lengths(along))
    )
    held = rows.clip(0, height - 1), columns.clip(0, width - 1)
    values = np.where(inside, image[np.ix_(channels, *held)], 0.0)
    axes = tuple(tuple(map(int, axis)) for axis in (channels, rows, columns))
    return _Seen(values, inside, axes)


def _lengths(axes: tuple[Flags, Flags]) -> tuple[int, int]:
    return len(axes[0]), len(axes[1])


def _taps(window: Window, place: int) -> Whole:
    """The positions that the window at `place` reads, negative ones in the padding."""
    return (
        place * window.stride - window.start + window.dilation * np.arange(window.size)
    )


def _slid(layer: Any, image: Array, channels: Whole, place: Place) -> _Seen:
    rows, columns = layer.windows(image.shape)
    return _read(image, channels, _taps(rows, place[1]), _taps(columns, place[2]))


def _group(channel: int, outputs: int, inputs: int, groups: int) -> Whole:
    """The input channels of the group that an output channel belongs to."""
    group, each = channel // (outputs // groups), inputs // groups
    return np.arange(group * each, (group + 1) * each)


def _weighted(seen: _Seen, weights: Array, bias: float | None) -> Terms:
    total = float((seen.values * weights).sum())
    value = total if bias is None else total + bias
    formula = number_text(value)
    if bias is not None:
        formula = f"{number_text(total)} + {factor_text(bias)} = {number_text(value)}"
    return Terms(
        seen.values, seen.axes, value, formula, seen.inside, weights, total, bias
    )


def _bias(own: Arrays, channel: int) -> float | None:
    return float(own["bias"][channel]) if "bias" in own else None


def conv_terms(
    layer: Conv2d, inputs: tuple[Array, ...], own: Arrays, place: Place
) -> Terms:
    """The window times the filter, and the bias."""
    image, channel = inputs[0], place[0]
    channels = _group(channel, layer.out_channels, len(image), layer.groups)
    seen = _slid(layer, image, channels, place)
    return _weighted(seen, own["weight"][channel], _bias(own, channel))


def conv_transpose_terms(
    layer: ConvTranspose2d, inputs: tuple[Array, ...], own: Arrays, place: Place
) -> Terms:
    """The input pixels that reach the place, each times the weight it arrives by.

    Input i writes to i*S - P + k*D for every tap k of the kernel.
    """
    image, channel = inputs[0], place[0]
    channels = _group(channel, layer.out_channels, len(image), layer.groups)
    taps, reads = zip(
        *(
            _reaching(window, at)
            for window, at in zip(layer.windows(image.shape), place[1:], strict=True)
        ),
        strict=True,
    )
    each = layer.out_channels // layer.groups
    kernels = own["weight"][channels, channel % each]
    weights = kernels[np.ix_(np.arange(len(channels)), *taps)]
    return _weighted(_read(image, channels, *reads), weights, _bias(own, channel))


def _reaching(window: Window, place: int) -> tuple[Whole, Whole]:
    """The taps of the kernel through which inputs reach `place`, and the inputs."""
    taps = np.arange(window.size)
    away = place + window.start - taps * window.dilation
    hits = away % window.stride == 0
    return taps[hits], away[hits] // window.stride


def linear_terms(
    layer: Linear, inputs: tuple[Array, ...], own: Arrays, place: Place
) -> Terms:
    """Every input times its weight, and the bias."""
    values = inputs[0]
    axes = (tuple(range(len(values))),)
    seen = _Seen(values, np.ones(values.shape, np.bool_), axes)
    return _weighted(seen, own["weight"][place[0]], _bias(own, place[0]))


def max_pool_terms(
    layer: MaxPool2d, inputs: tuple[Array, ...], own: Arrays, place: Place
) -> Terms:
    """The window and its largest values: the first of them passes gradients on."""
    seen = _slid(layer, inputs[0], np.array([place[0]]), place)
    known = np.where(seen.inside, seen.values, -np.inf)
    value = float(known.max())
    winners = tuple(tuple(map(int, at)) for at in np.argwhere(known == value))
    formula = f"max({_listed(seen, ', ', number_text)}) = {number_text(value)}"
    return Terms(seen.values, seen.axes, value, formula, seen.inside, winners=winners)


def avg_pool_terms(
    layer: AvgPool2d, inputs: tuple[Array, ...], own: Arrays, place: Place
) -> Terms:
    """The sum of the window and what it is divided by.

    The padding counts where `count_padding` says so; what a window of ceil mode sees
    beyond the padding never does.
    """
    seen = _slid(layer, inputs[0], np.array([place[0]]), place)
    divisor = int(seen.inside.sum())
    if layer.count_padding:
        lengths = inputs[0].shape[1:]
        divisor = 1
        for window, length, at in zip(
            layer.windows(inputs[0].shape), lengths, place[1:], strict=True
        ):
            divisor *= int((_taps(window, at) < length + window.end).sum())
    return _mean(seen, divisor)


def global_avg_terms(
    layer: GlobalAvgPool2d, inputs: tuple[Array, ...], own: Arrays, place: Place
) -> Terms:
    """The sum of a whole channel and how many pixels it has."""
    _, height, width = inputs[0].shape
    seen = _read(inputs[0], np.array([place[0]]), np.arange(height), np.arange(width))
    return _mean(seen, height * width)


def _mean(seen: _Seen, divisor: int) -> Terms:
    total = float(seen.values.sum())
    above = f"({_listed(seen, ' + ', factor_text)})"
    if seen.inside.sum() > _MOST_WRITTEN:
        above = number_text(total)
    formula = f"{above}/{divisor} = {number_text(total / divisor)}"
    return Terms(
        seen.values,
        seen.axes,
        total / divisor,
        formula,
        seen.inside,
        sum=total,
        facts=(("divisor", float(divisor)),),
    )


def _listed(seen: _Seen, between: str, written: Callable[[float], str]) -> str:
    """The values one after the other, padding left out; of many the first and last."""
    values = [written(value) for value in seen.values[seen.inside]]
    if len(values) > _MOST_WRITTEN:
        values = [*values[:3], "...", values[-1]]
    return between.join(values)


def upsample_terms(
    layer: Upsample, inputs: tuple[Array, ...], own: Arrays, place: Place
) -> Terms:
    """The pixels that are mixed, each with its share."""
    image = inputs[0]
    shares = [
        mixture(layer.mode, length, scale)[at]
        for length, scale, at in zip(
            image.shape[1:], layer.scale, place[1:], strict=True
        )
    ]
    reads = [np.flatnonzero(share) for share in shares]
    seen = _read(image, np.array([place[0]]), *reads)
    rows, columns = (share[at] for share, at in zip(shares, reads, strict=True))
    return _weighted(seen, np.multiply.outer(rows, columns)[None], None)
