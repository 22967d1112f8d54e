"""Layers drawn so that they fit a given input shape; small, to be computed slowly."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from hypothesis import strategies as st

from mirada.errors import ShapeError
from mirada.network import (
    GELU,
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Hardsigmoid,
    Hardswish,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool2d,
    Multiply,
    ReLU,
    ReLU6,
    Shape,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    Upsample,
)
from mirada.network.window import Sides

__all__ = ["JOINS", "MAKERS", "fits"]

Maker = Callable[[st.DrawFn, Shape], Layer]

LARGEST = 24
"""No drawn layer makes an image higher or wider than this."""


def fits(kind: str, shape: Shape) -> bool:
    """Whether a layer of this kind can be drawn for an input of this shape."""
    if kind in ("linear",):
        return len(shape) == 1
    if kind in ("upsample", "convtranspose"):
        return len(shape) == 3 and max(shape[1:]) <= LARGEST // 2
    if kind in _IMAGE_KINDS:
        return len(shape) == 3
    return True


def _whole(draw: st.DrawFn, low: int, high: int) -> int:
    return draw(st.integers(low, max(low, high)))


def _pair(draw: st.DrawFn, low: int, high: int) -> tuple[int, int]:
    return _whole(draw, low, high), _whole(draw, low, high)


def _sides(draw: st.DrawFn, most: tuple[int, int]) -> Sides:
    """Padding of four sides, none of them above `most` (height, width)."""
    if not draw(st.booleans()):
        return 0, 0, 0, 0
    height, width = most
    top, bottom = _whole(draw, 0, height), _whole(draw, 0, height)
    return top, bottom, _whole(draw, 0, width), _whole(draw, 0, width)


def _divisor(draw: st.DrawFn, number: int) -> int:
    divisors = [n for n in range(1, number + 1) if number % n == 0]
    return draw(st.sampled_from(divisors))


def _kernel(draw: st.DrawFn, most: int, length: int, dilation: int) -> int:
    """A kernel size up to `most` whose span fits `length`, padding included."""
    return _whole(draw, 1, min(most, (length - 1) // dilation + 1))


def _conv(draw: st.DrawFn, shape: Shape) -> Conv2d:
    channels, ih, iw = shape
    groups = _divisor(draw, channels)
    filters = groups * _whole(draw, 1, 3)
    dilation, bias = _pair(draw, 1, 3), draw(st.booleans())
    mode = draw(st.sampled_from(("", "", "", "same", "same-torch", "same-lower")))
    if mode:
        return Conv2d(
            filters,
            _pair(draw, 1, 5),
            stride=1 if mode == "same-torch" else _pair(draw, 1, 4),
            padding=mode,
            dilation=dilation,
            groups=groups,
            bias=bias,
        )
    top, bottom, left, right = sides = _sides(draw, (3, 3))
    height = _kernel(draw, 5, ih + top + bottom, dilation[0])
    width = _kernel(draw, 5, iw + left + right, dilation[1])
    stride = _pair(draw, 1, 4)
    return Conv2d(filters, (height, width), stride, sides, dilation, groups, bias)


def _conv_transpose(draw: st.DrawFn, shape: Shape) -> ConvTranspose2d:
    channels = shape[0]
    groups = _divisor(draw, channels)
    filters = groups * _whole(draw, 1, 3)
    size, stride = _pair(draw, 1, 3), _pair(draw, 1, 2)
    dilation = _pair(draw, 1, 2)
    spans = [d * (k - 1) for d, k in zip(dilation, size, strict=True)]
    sides = _sides(draw, (spans[0] // 2, spans[1] // 2))
    most = [max(s, d) - 1 for s, d in zip(stride, dilation, strict=True)]
    extra = _whole(draw, 0, most[0]), _whole(draw, 0, most[1])
    bias = draw(st.booleans())
    return ConvTranspose2d(filters, size, stride, sides, extra, dilation, groups, bias)


def _pool_padding(draw: st.DrawFn, size: tuple[int, int]) -> Sides:
    return _sides(draw, (size[0] // 2, size[1] // 2))


def _pool_stride(draw: st.DrawFn) -> tuple[int, int] | None:
    return draw(st.none() | st.tuples(st.integers(1, 4), st.integers(1, 4)))


def _max_pool(draw: st.DrawFn, shape: Shape) -> MaxPool2d:
    _, ih, iw = shape
    dilation = _pair(draw, 1, 2)
    size = _kernel(draw, 4, ih, dilation[0]), _kernel(draw, 4, iw, dilation[1])
    sides, stride = _pool_padding(draw, size), _pool_stride(draw)
    layer = MaxPool2d(size, stride, sides, dilation, draw(st.booleans()))
    try:
        layer.output(shape)
    except ShapeError:
        # A dilated window stepped over a narrow image; without padding it cannot.
        return replace(layer, padding=0)
    return layer


def _avg_pool(draw: st.DrawFn, shape: Shape) -> AvgPool2d:
    _, ih, iw = shape
    size = _kernel(draw, 4, ih, 1), _kernel(draw, 4, iw, 1)
    sides, stride = _pool_padding(draw, size), _pool_stride(draw)
    return AvgPool2d(size, stride, sides, draw(st.booleans()), draw(st.booleans()))


def _leaky_relu(draw: st.DrawFn, shape: Shape) -> LeakyReLU:
    return LeakyReLU(draw(st.sampled_from((0.0, 0.01, 0.25))))


def _gelu(draw: st.DrawFn, shape: Shape) -> GELU:
    return GELU(draw(st.sampled_from(("none", "tanh"))))


def _batch_norm(draw: st.DrawFn, shape: Shape) -> BatchNorm2d:
    return BatchNorm2d(momentum=draw(st.sampled_from((0.0, 0.1, 1.0))))


def _dropout(draw: st.DrawFn, shape: Shape) -> Dropout:
    return Dropout(draw(st.sampled_from((0.0, 0.25, 0.5))))


def _linear(draw: st.DrawFn, shape: Shape) -> Linear:
    return Linear(_whole(draw, 1, 9), bias=draw(st.booleans()))


def _upsample(draw: st.DrawFn, shape: Shape) -> Upsample:
    mode = draw(st.sampled_from(("nearest", "bilinear")))
    return Upsample(_pair(draw, 1, 2), mode)


def _plain(kind: type[Layer]) -> Maker:
    return lambda draw, shape: kind()


MAKERS: Mapping[str, Maker] = {
    "conv": _conv,
    "convtranspose": _conv_transpose,
    "maxpool": _max_pool,
    "avgpool": _avg_pool,
    "globalavgpool": _plain(GlobalAvgPool2d),
    "relu": _plain(ReLU),
    "leakyrelu": _leaky_relu,
    "sigmoid": _plain(Sigmoid),
    "tanh": _plain(Tanh),
    "gelu": _gelu,
    "silu": _plain(SiLU),
    "relu6": _plain(ReLU6),
    "hardsigmoid": _plain(Hardsigmoid),
    "hardswish": _plain(Hardswish),
    "softmax": _plain(Softmax),
    "batchnorm": _batch_norm,
    "dropout": _dropout,
    "flatten": _plain(Flatten),
    "linear": _linear,
    "upsample": _upsample,
}
"""How each kind with one input is drawn."""

JOINS: Mapping[str, type[Layer]] = {"add": Add, "multiply": Multiply, "concat": Concat}

_IMAGE_KINDS = {
    "conv",
    "convtranspose",
    "maxpool",
    "avgpool",
    "globalavgpool",
    "batchnorm",
    "upsample",
}
