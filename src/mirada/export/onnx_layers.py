"""Every layer in ONNX's words: the operators that compute what it does.

Pads are written as numbers and the windows of ceil mode as pads too, since runtimes
have read `ceil_mode` and `auto_pad` in more than one way. `count_include_pad` is used
for the padding alone, never for what ceil mode adds.

Source: onnx/onnx, docs/Operators.md, operator set 17.
"""

from collections.abc import Callable, Mapping
from math import pi, sqrt
from typing import Any

import numpy as np

from mirada.export.onnx_operators import Place
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
    LeakyReLU,
    Linear,
    MaxPool2d,
    Multiply,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    Upsample,
)
from mirada.network.join import centre
from mirada.network.layer import Layer, Shape
from mirada.network.window import Sides, Window, added

__all__ = ["OPSET", "WRITERS", "Writer"]

OPSET = 17

Writer = Callable[[Any, Place], object]


def _pads(windows: tuple[Window, Window]) -> Sides:
    """Top, left, bottom, right, in the order of ONNX."""
    rows, columns = windows
    return rows.start, columns.start, rows.end, columns.end


def _beyond(windows: tuple[Window, Window], shape: Shape) -> Sides:
    """How far the last windows of ceil mode reach beyond image and padding."""
    rows, columns = windows
    return 0, 0, rows.excess(shape[1]), columns.excess(shape[2])


def _padded(place: Place, pads: Sides, value: float) -> str:
    sides = place.constant("pads", (0, 0, *pads[:2], 0, 0, *pads[2:]), np.int64)
    return place.put(
        "Pad", *place.inputs, sides, place.constant("value", value), to="padded"
    )


def _conv(layer: Conv2d, place: Place) -> None:
    place.put(
        "Conv",
        *place.inputs,
        *place.own("weight", "bias"),
        kernel_shape=layer.kernel_size,
        strides=layer.stride,
        pads=_pads(layer.windows(place.shapes[0])),
        dilations=layer.dilation,
        group=layer.groups,
    )


def _conv_transpose(layer: ConvTranspose2d, place: Place) -> None:
    """Runtimes take no output padding of a stride or more, as dilation may ask for.

    Rows of zeros after the image are then cut to what was asked.
    """
    top, left, bottom, right = _pads(layer.windows(place.shapes[0]))
    taken, extra = place.inputs, layer.output_padding
    if any(p >= s for p, s in zip(extra, layer.stride, strict=True)):
        rows, columns = (-(-p // s) for p, s in zip(extra, layer.stride, strict=True))
        taken = (_padded(place, (0, 0, rows, columns), 0.0),)
        bottom += rows * layer.stride[0] - extra[0]
        right += columns * layer.stride[1] - extra[1]
        extra = (0, 0)
    place.put(
        "ConvTranspose",
        *taken,
        *place.own("weight", "bias"),
        kernel_shape=layer.kernel_size,
        strides=layer.stride,
        pads=(top, left, bottom, right),
        output_padding=extra,
        dilations=layer.dilation,
        group=layer.groups,
    )


def _max_pool(layer: MaxPool2d, place: Place) -> None:
    """Runtimes take no pads as large as the kernel, which dilation may ask for."""
    windows, shape = layer.windows(place.shapes[0]), place.shapes[0]
    pads, taken = added(_pads(windows), _beyond(windows, shape)), place.inputs
    height, width = layer.kernel_size
    if max(pads[::2]) >= height or max(pads[1::2]) >= width:
        taken, pads = (_padded(place, pads, -np.inf),), (0, 0, 0, 0)
    place.put(
        "MaxPool",
        *taken,
        kernel_shape=layer.kernel_size,
        strides=layer.step,
        pads=pads,
        dilations=layer.dilation,
    )


def _avg_pool(layer: AvgPool2d, place: Place) -> None:
    """Zeros that count are put there; what ceil mode adds is never counted."""
    windows, shape = layer.windows(place.shapes[0]), place.shapes[0]
    pads, beyond, taken = _pads(windows), _beyond(windows, shape), place.inputs
    counted = layer.count_padding and any(pads)
    if counted and any(beyond):
        taken, pads, counted = (_padded(place, pads, 0.0),), (0, 0, 0, 0), False
    place.put(
        "AveragePool",
        *taken,
        kernel_shape=layer.kernel_size,
        strides=layer.step,
        pads=added(pads, beyond),
        count_include_pad=int(counted),
    )


def _batch_norm(layer: BatchNorm2d, place: Place) -> None:
    names = place.own("weight", "bias", "running_mean", "running_var")
    place.put("BatchNormalization", *place.inputs, *names, epsilon=layer.epsilon)


def _linear(layer: Linear, place: Place) -> None:
    place.put("Gemm", *place.inputs, *place.own("weight", "bias"), transB=1)


def _upsample(layer: Upsample, place: Place) -> None:
    scales = place.constant("scales", (1, 1, *layer.scale))
    if layer.mode == "nearest":
        how = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        place.put("Resize", *place.inputs, "", scales, mode="nearest", **how)
        return
    place.put(
        "Resize",
        *place.inputs,
        "",
        scales,
        mode="linear",
        coordinate_transformation_mode="half_pixel",
    )


def _gelu(layer: GELU, place: Place) -> None:
    """X / 2 times 1 + erf(x / sqrt 2), or the paper's tanh; an operator since 20."""
    (x,) = place.inputs
    if layer.approximate == "none":
        inner = place.put("Div", x, place.constant("root", sqrt(2)), to="scaled")
        bent = place.put("Erf", inner, to="erf")
    else:
        cube = place.put("Pow", x, place.constant("power", 3), to="cube")
        part = place.put("Mul", cube, place.constant("cubic", 0.044715), to="part")
        total = place.put("Add", x, part, to="sum")
        factor = place.constant("factor", sqrt(2 / pi))
        bent = place.put(
            "Tanh", place.put("Mul", total, factor, to="scaled"), to="tanh"
        )
    share = place.put("Add", bent, place.constant("one", 1), to="share")
    half = place.put("Mul", x, place.constant("half", 0.5), to="halved")
    place.put("Mul", half, share)


def _silu(layer: SiLU, place: Place) -> None:
    place.put("Mul", *place.inputs, place.put("Sigmoid", to="gate"))


def _dropout(layer: Dropout, place: Place) -> None:
    """It does nothing outside of training, and is kept for who trains on."""
    place.put("Dropout", *place.inputs, place.constant("ratio", layer.p))


def _relu6(layer: ReLU6, place: Place) -> None:
    limits = place.constant("least", 0), place.constant("most", 6)
    place.put("Clip", *place.inputs, *limits)


def _multiply(layer: Multiply, place: Place) -> None:
    """ONNX multiplies two at a time."""
    first, *others, last = place.inputs
    for n, other in enumerate(others):
        first = place.put("Mul", first, other, to=f"product{n}")
    place.put("Mul", first, last)


def _concat(layer: Concat, place: Place) -> None:
    sizes = layer.output(*place.shapes)[1:]
    given = enumerate(zip(place.inputs, place.shapes, strict=True))
    parts = [_middle(place, n, name, shape, sizes) for n, (name, shape) in given]
    place.put("Concat", *parts, axis=1)


def _middle(place: Place, n: int, name: str, shape: Shape, wanted: Shape) -> str:
    """The name of an input that is cut to the centre, if it must be."""
    if shape[1:] == wanted:
        return name
    starts, ends = zip(*centre(shape[1:], wanted), strict=True)
    return place.put(
        "Slice",
        name,
        place.constant(f"starts{n}", starts, np.int64),
        place.constant(f"ends{n}", ends, np.int64),
        place.constant(f"axes{n}", (2, 3), np.int64),
        to=f"middle{n}",
    )


def _plain(kind: str, **attributes: Any) -> Writer:
    return lambda layer, place: place.put(kind, **attributes)


WRITERS: Mapping[type[Layer], Writer] = {
    Conv2d: _conv,
    ConvTranspose2d: _conv_transpose,
    MaxPool2d: _max_pool,
    AvgPool2d: _avg_pool,
    GlobalAvgPool2d: _plain("GlobalAveragePool"),
    ReLU: _plain("Relu"),
    ReLU6: _relu6,
    Hardsigmoid: _plain("HardSigmoid", alpha=1 / 6, beta=0.5),
    Hardswish: _plain("HardSwish"),
    LeakyReLU: lambda layer, place: place.put("LeakyRelu", alpha=layer.slope),
    Sigmoid: _plain("Sigmoid"),
    Tanh: _plain("Tanh"),
    GELU: _gelu,
    SiLU: _silu,
    Softmax: _plain("Softmax", axis=1),
    BatchNorm2d: _batch_norm,
    Dropout: _dropout,
    Flatten: _plain("Flatten", axis=1),
    Linear: _linear,
    Upsample: _upsample,
    Add: _plain("Sum"),
    Multiply: _multiply,
    Concat: _concat,
}
"""How each kind of layer is written."""
