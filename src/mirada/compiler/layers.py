"""Which kernels a stage becomes: its forward, its backward, one entry a kind.

`forward(context, stage, x, y)` adds what computes the value y from x. `backward(context,
stage, x, y, dy, dx)` adds what computes the gradients of the stage's parameters and,
where dx is wanted, the gradient by x.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

from mirada.compiler.context import Context
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import activation, convolution, dropout, linear, pooling
from mirada.compiler.lowering.layout import Image
from mirada.compiler.passes import inline
from mirada.compiler.schedules import pixels, product, vectors
from mirada.compiler.stages import Stage
from mirada.network import (
    AvgPool2d,
    Conv2d,
    Dropout,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
)
from mirada.network.window import Window

__all__ = ["STAGES", "Door"]

Forward = Callable[[Context, Stage, Image, Image], None]
Backward = Callable[[Context, Stage, Image, Image, Image, Image | None], None]
Windows = tuple[Window, Window]


class Door(NamedTuple):
    """Forward and backward of one kind of stage."""

    forward: Forward
    backward: Backward


def _windows(stage: Stage) -> Windows:
    return cast(Windows, stage.windows)


# Convolution, with the ReLU and the max pooling behind it --------------------------


def _between(stage: Stage, block: int, what: str) -> Image:
    """A value inside a block, which is never stored."""
    layer = cast(Conv2d, stage.layer)
    channels, height, width = layer.output(stage.input)
    shape = (block, height, width, channels)
    return Image(Buffer(f"{stage.node.name}.{what}", shape), channels, height, width)


def _choice(stage: Stage, to: Image) -> Buffer:
    return pooling.choices(f"{stage.name}.choice", stage.pooling, to)


def _convolution_forward(context: Context, stage: Stage, x: Image, y: Image) -> None:
    layer, target = cast(Conv2d, stage.layer), context.target
    taps = convolution.Taps(*_windows(stage), x)
    lanes = target.vector(layer.out_channels)
    padded = -(-layer.out_channels // lanes) * lanes
    shape = (len(taps.rows), taps.length, padded)
    packed = Buffer(f"{stage.node.name}.packed", shape)
    context.buffer("packed", packed)
    weight, bias = context.weight(stage), context.parameter(stage, "bias")
    name = f"{stage.node.name}.pack"
    context.call("tasks", name, lambda: convolution.pack(name, weight, packed))
    choice = None
    if stage.pool is not None and context.training:
        choice = context.buffer("workspace", _choice(stage, y))

    def make() -> Kernel:
        summed, passed = (_between(stage, x.images, w) for w in ("sum", "relu"))
        name = stage.node.name
        parts = []
        last = stage.pool is None and not stage.relu
        kernel = convolution.forward(name, taps, packed, bias, y if last else summed)
        if stage.relu:
            last = stage.pool is None
            parts.append(activation.relu_forward("relu", summed, y if last else passed))
        if stage.pool is not None:
            read = passed if stage.relu else summed
            window = stage.pooling
            parts.append(pooling.max_forward("pool", window, read, y, choice))
        for part in parts:
            kernel = inline(kernel, part)
        area = 1
        if stage.pool is not None:
            area = stage.pool.kernel_size[0] * stage.pool.kernel_size[1]
        return pixels(kernel, y.channels, y.width, area, target)

    context.call("block", f"{stage.node.name}.forward", make)


def _live(stage: Stage, x: Image, y: Image, dy: Image) -> convolution.Live:
    """Where the gradient of a block's output reaches its convolution."""
    if stage.pool is None:
        return convolution.Live(dy, y, stage.relu)
    down, across = convolution.Taps(*_windows(stage), x).step
    first, second = stage.pooling
    corners = tuple(
        ky * first.dilation * down + kx * second.dilation * across
        for ky in range(first.size)
        for kx in range(second.size)
    )
    step = (first.stride, second.stride)
    choice = _choice(stage, y) if len(corners) > 1 else None
    return convolution.Live(dy, y, stage.relu, choice, corners, step)


def _convolution_backward(
    context: Context, stage: Stage, x: Image, y: Image, dy: Image, dx: Image | None
) -> None:
    name, target = stage.node.name, context.target
    taps, live = convolution.Taps(*_windows(stage), x), _live(stage, x, y, dy)
    weight = context.weight(stage)
    weight_sum = context.weight(stage, gradient=True)
    bias_sum = context.parameter(stage, "bias", gradient=True)

    def weights() -> Kernel:
        made = f"{name}.weight_gradient"
        return convolution.weight_gradient(
            made, taps, live, weight_sum, bias_sum, target
        )

    context.call("block", f"{name}.weight_gradient", weights)
    if dx is None:
        return
    context.clear("block", dx.buffer)

    def inputs() -> Kernel:
        made = f"{name}.input_gradient"
        return convolution.input_gradient(made, taps, live, weight, dx, target)

    context.call("block", f"{name}.input_gradient", inputs)


# Pooling ---------------------------------------------------------------------------


def _max_forward(context: Context, stage: Stage, x: Image, y: Image) -> None:
    windows, name = _windows(stage), stage.node.name
    choice = None
    if context.training:
        choice = pooling.choices(f"{name}.choice", windows, y)
        context.buffer("workspace", choice)

    def make() -> Kernel:
        kernel = pooling.max_forward(name, windows, x, y, choice)
        return vectors(kernel, "oc", y.channels, context.target)

    context.call("block", f"{name}.forward", make)


def _max_backward(
    context: Context, stage: Stage, x: Image, y: Image, dy: Image, dx: Image | None
) -> None:
    if dx is None:
        return
    windows, name = _windows(stage), f"{stage.node.name}.backward"
    choice = pooling.choices(f"{stage.node.name}.choice", windows, y)
    context.clear("block", dx.buffer)
    context.call(
        "block", name, lambda: pooling.max_backward(name, windows, choice, dy, dx)
    )


def _divisors(stage: Stage) -> tuple[float, ...]:
    """By what the sum of each average pooling window is divided, in order."""
    layer, windows = stage.layer, _windows(stage)
    padding = not isinstance(layer, AvgPool2d) or layer.count_padding
    lengths = stage.input[1:]
    counted = [
        [_counted(window, length, at, padding) for at in range(window.output(length))]
        for window, length in zip(windows, lengths, strict=True)
    ]
    return tuple(float(rows * columns) for rows in counted[0] for columns in counted[1])


def _counted(window: Window, length: int, at: int, padding: bool) -> int:
    """Positions of one window that count; what lies beyond the padding never does."""
    start = at * window.stride - window.start
    end = min(start + window.size, length + window.end)
    if padding:
        return end - start
    return max(min(end, length) - max(start, 0), 1)


def _average_forward(context: Context, stage: Stage, x: Image, y: Image) -> None:
    windows, name = _windows(stage), stage.node.name

    def make() -> Kernel:
        kernel = pooling.average_forward(name, windows, _divisors(stage), x, y)
        return vectors(kernel, "oc", y.channels, context.target)

    context.call("block", f"{name}.forward", make)


def _average_backward(
    context: Context, stage: Stage, x: Image, y: Image, dy: Image, dx: Image | None
) -> None:
    if dx is None:
        return
    windows, name = _windows(stage), f"{stage.node.name}.backward"
    context.clear("block", dx.buffer)

    def make() -> Kernel:
        kernel = pooling.average_backward(name, windows, _divisors(stage), dy, dx)
        return vectors(kernel, "oc", y.channels, context.target)

    context.call("block", name, make)


# Element by element ----------------------------------------------------------------


def _relu_forward(context: Context, stage: Stage, x: Image, y: Image) -> None:
    def make() -> Kernel:
        kernel = activation.relu_forward(stage.node.name, x, y)
        return vectors(kernel, "oc", y.channels, context.target)

    context.call("block", f"{stage.node.name}.forward", make)


def _relu_backward(
    context: Context, stage: Stage, x: Image, y: Image, dy: Image, dx: Image | None
) -> None:
    if dx is None:
        return
    name = f"{stage.node.name}.backward"

    def make() -> Kernel:
        kernel = activation.relu_backward(name, y, dy, dx)
        return vectors(kernel, "oc", y.channels, context.target)

    context.call("block", name, make)


def _softmax_forward(context: Context, stage: Stage, x: Image, y: Image) -> None:
    # The softmax of a flattened image runs over all its numbers.
    given, to = (x.flattened, y.flattened) if len(stage.output) == 1 else (x, y)

    def make() -> Kernel:
        kernel = activation.softmax_forward(stage.node.name, given, to)
        return vectors(kernel, "j", to.channels, context.target)

    context.call("block", f"{stage.node.name}.forward", make)


def _softmax_backward(
    context: Context, stage: Stage, x: Image, y: Image, dy: Image, dx: Image | None
) -> None:
    raise AssertionError("a softmax inside a network is refused before")


def _kept(stage: Stage, y: Image) -> Buffer:
    shape = (y.images, y.height, y.width, y.channels)
    return Buffer(f"{stage.node.name}.kept", shape, "u8")


def _dropout_forward(context: Context, stage: Stage, x: Image, y: Image) -> None:
    name, p = stage.node.name, cast(Dropout, stage.layer).p
    kept = _kept(stage, y)
    if context.training:
        context.buffer("workspace", kept)

    def make() -> Kernel:
        if not context.training:
            kernel = activation.copy(name, x, y)
        else:
            key, place = context.dropout_key(), stage.place
            kernel = dropout.forward(name, p, place, key, x, y, kept)
        return vectors(kernel, "oc", min(y.channels, 8), context.target)

    context.call("block", f"{name}.forward", make)


def _dropout_backward(
    context: Context, stage: Stage, x: Image, y: Image, dy: Image, dx: Image | None
) -> None:
    if dx is None:
        return
    name, p = f"{stage.node.name}.backward", cast(Dropout, stage.layer).p

    def make() -> Kernel:
        kernel = dropout.backward(name, p, _kept(stage, y), dy, dx)
        return vectors(kernel, "oc", y.channels, context.target)

    context.call("block", name, make)


# Linear, with the ReLU behind it ---------------------------------------------------


def _linear_forward(context: Context, stage: Stage, x: Image, y: Image) -> None:
    name, target = stage.node.name, context.target
    weight, bias = context.weight(stage), context.parameter(stage, "bias")

    def make() -> Kernel:
        summed = y.named(f"{name}.sum") if stage.relu else y
        kernel = linear.forward(name, x, weight, bias, summed)
        if stage.relu:
            kernel = inline(kernel, linear.relu_rows("relu", summed, y))
        return product(kernel, "m", x.images, y.features, target)

    context.call("block", f"{name}.forward", make)


def _linear_backward(
    context: Context, stage: Stage, x: Image, y: Image, dy: Image, dx: Image | None
) -> None:
    name, target = stage.node.name, context.target
    weight, weight_sum = context.weight(stage), context.weight(stage, gradient=True)
    bias_sum = context.parameter(stage, "bias", gradient=True)

    def passed() -> Kernel:
        kernel = activation.relu_backward(f"{name}.relu", y, dy, dy)
        return vectors(kernel, "oc", y.channels, target)

    def weights() -> Kernel:
        made = f"{name}.weight_gradient"
        kernel = linear.weight_gradient(made, x, dy, weight_sum)
        return product(kernel, "i", x.features, dy.features, target)

    if stage.relu:
        context.call("block", f"{name}.relu", passed)
    context.call("block", f"{name}.weight_gradient", weights)
    if bias_sum is not None:
        bias: Buffer = bias_sum

        def biases() -> Kernel:
            kernel = linear.bias_gradient(f"{name}.bias_gradient", dy, bias)
            return vectors(kernel, "oc", dy.features, target)

        context.call("block", f"{name}.bias_gradient", biases)
    if dx is None:
        return
    turned = Buffer(f"{name}.turned", (weight.shape[1], weight.shape[0]))
    context.buffer("packed", turned)
    pack = f"{name}.transpose"
    context.call("tasks", pack, lambda: linear.transpose(pack, weight, turned))

    def inputs() -> Kernel:
        kernel = linear.input_gradient(f"{name}.input_gradient", dy, turned, dx)
        return product(kernel, "m", dx.images, dx.features, target)

    context.call("block", f"{name}.input_gradient", inputs)


STAGES: Mapping[type[Layer], Door] = {
    Conv2d: Door(_convolution_forward, _convolution_backward),
    MaxPool2d: Door(_max_forward, _max_backward),
    AvgPool2d: Door(_average_forward, _average_backward),
    GlobalAvgPool2d: Door(_average_forward, _average_backward),
    ReLU: Door(_relu_forward, _relu_backward),
    Softmax: Door(_softmax_forward, _softmax_backward),
    Dropout: Door(_dropout_forward, _dropout_backward),
    Linear: Door(_linear_forward, _linear_backward),
}
