"""Convolution, with the ReLU and the max pooling behind it."""

from typing import cast

from mirada.compiler.context import Context
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import activation, convolution, pooling
from mirada.compiler.lowering.layout import Image
from mirada.compiler.passes import inline
from mirada.compiler.schedules import pixels
from mirada.compiler.stages import Stage
from mirada.network import Conv2d

__all__ = ["backward", "forward"]


def _between(stage: Stage, block: int, what: str) -> Image:
    """A value inside a block, which is never stored."""
    layer = cast(Conv2d, stage.layer)
    channels, height, width = layer.output(stage.input)
    shape = (block, height, width, channels)
    return Image(Buffer(f"{stage.node.name}.{what}", shape), channels, height, width)


def _choice(stage: Stage, to: Image) -> Buffer:
    return pooling.choices(f"{stage.name}.choice", stage.pooling, to)


def forward(context: Context, stage: Stage, x: Image, y: Image) -> None:
    """Adds what computes y from x."""
    layer, target = cast(Conv2d, stage.layer), context.target
    taps = convolution.Taps(*stage.slide, x)
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
    down, across = convolution.Taps(*stage.slide, x).step
    first, second = stage.pooling
    corners = tuple(
        ky * first.dilation * down + kx * second.dilation * across
        for ky in range(first.size)
        for kx in range(second.size)
    )
    step = (first.stride, second.stride)
    choice = _choice(stage, y) if len(corners) > 1 else None
    return convolution.Live(dy, y, stage.relu, choice, corners, step)


def backward(
    context: Context, stage: Stage, x: Image, y: Image, dy: Image, dx: Image | None
) -> None:
    """Adds what computes the gradients, that by x where dx is wanted."""
    name, target = stage.node.name, context.target
    taps, live = convolution.Taps(*stage.slide, x), _live(stage, x, y, dy)
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
