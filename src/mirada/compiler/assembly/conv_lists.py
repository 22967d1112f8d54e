"""Convolution with the ReLU and the max pooling behind it, backward by lists.

The way of small networks, and of every convolution that is pooled at once.
"""

from typing import cast

from mirada.compiler.assembly.door import Door, window_margins
from mirada.compiler.assembly.weights import weights
from mirada.compiler.context import ITEMS, Context, Into, Margins, Work
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import activation, convolution, join, pooling
from mirada.compiler.lowering.layout import Image
from mirada.compiler.passes import deal, inline
from mirada.compiler.schedules import pixels
from mirada.compiler.stages import Stage
from mirada.network import Conv2d

__all__ = ["ListsDoor"]


def _between(stage: Stage, block: int, what: str) -> Image:
    """A value inside a block, which is never stored."""
    layer = cast(Conv2d, stage.layer)
    channels, height, width = layer.output(stage.input)
    shape = (block, height, width, channels)
    return Image(Buffer(f"{stage.node.name}.{what}", shape), channels, height, width)


def _choice(stage: Stage, to: Image) -> Buffer:
    return pooling.choices(f"{stage.name}.choice", stage.pooling, to)


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


class ListsDoor(Door):
    """One kernel forward; backward walks the live positions."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        layer, target, x = cast(Conv2d, stage.layer), context.target, xs[0]
        taps = convolution.Taps(*stage.slide, x)
        lanes = target.vector(layer.out_channels)
        padded = -(-layer.out_channels // lanes) * lanes
        shape = (len(taps.rows), taps.length, padded)
        weight, bias = weights(context, stage)
        packed = context.packed(Buffer(f"{stage.node.name}.packed", shape))
        name = f"{stage.node.name}.pack"
        waits = stage.norm is not None
        context.pack(name, lambda: convolution.pack(name, weight, packed), waits=waits)
        choice = None
        if stage.pool is not None and context.form.backward:
            choice = context.keep(_choice(stage, y))
        other = xs[1] if stage.adds else None

        def make() -> Kernel:
            kernel = _fused(stage, taps, (packed, bias, other), y, choice)
            area = 1
            if stage.pool is not None:
                area = stage.pool.kernel_size[0] * stage.pool.kernel_size[1]
            return pixels(kernel, y.channels, y.width, area, target)

        how = Work(rows=y.height, schedule="direct")
        context.work(f"{stage.node.name}.forward", make, how)

    def backward(
        self,
        context: Context,
        stage: Stage,
        xs: tuple[Image, ...],
        y: Image,
        dy: Image,
        into: tuple[Into | None, ...],
    ) -> None:
        name, target, (x,), (to,) = stage.node.name, context.target, xs, into
        if context.learns(stage.node):
            self.by_weight(context, stage, (x, y, dy))
        if to is None:
            return
        if not to.add:
            context.clear(to.image.buffer)
        weight, image = context.weight(stage), to.image

        def by_input() -> Kernel:
            # Where taps lie in the gradient, whose border may be another's than x's.
            taps = convolution.Taps(*stage.slide, image)
            live, made = _live(stage, image, y, dy), f"{name}.input_gradient"
            return convolution.input_gradient(made, taps, live, weight, image, target)

        context.work(f"{name}.input_gradient", by_input, Work(schedule="lists"))

    def by_weight(
        self, context: Context, stage: Stage, images: tuple[Image, Image, Image]
    ) -> None:
        """Adds the gradients by the weight and the bias, from x, y and dy."""
        name, target, dy = stage.node.name, context.target, images[2]
        whole = [context.whole(image) for image in images]
        weight_sum = context.weight(stage, gradient=True)
        bias_sum = context.parameter(stage.node, "bias", gradient=True)
        parts = min(ITEMS, dy.channels) if context.layered else 1

        def by_weights() -> Kernel:
            x, y, dy = whole
            taps, live = convolution.Taps(*stage.slide, x), _live(stage, x, y, dy)
            kernel = convolution.weight_gradient(
                f"{name}.weight_gradient", taps, live, weight_sum, bias_sum, target
            )
            return deal(kernel, "oc", parts) if parts > 1 else kernel

        while dy.channels % parts:
            parts -= 1
        for gradient in (weight_sum, bias_sum):
            if gradient is not None:
                context.zero(gradient)
        how = Work(images=0, parts=parts, schedule="lists")
        context.work(f"{name}.weight_gradient", by_weights, how)

    def scattered(self, context: Context, stage: Stage) -> Margins:
        return window_margins(stage)


def _fused(
    stage: Stage,
    taps: convolution.Taps,
    given: tuple[Buffer, Buffer | None, Image | None],
    y: Image,
    choice: Buffer | None,
) -> Kernel:
    """The convolution and what it takes along, as plain loops of one kernel."""
    packed, bias, other = given
    block, name = taps.image.images, stage.node.name
    summed, added, passed = (_between(stage, block, w) for w in ("sum", "add", "relu"))
    last = [passed if stage.relu else None, added if other else None, summed]
    ends = next(image for image in last if image is not None)
    if stage.pool is None:
        summed, added, passed = (
            y if image is ends else image for image in (summed, added, passed)
        )
    kernel = convolution.forward(name, taps, packed, bias, summed)
    value = summed
    if other is not None:
        kernel = inline(kernel, join.add_forward("add", (value, other), False, added))
        value = added
    if stage.relu:
        kernel = inline(kernel, activation.relu_forward("relu", value, passed))
        value = passed
    if stage.pool is not None:
        pool = pooling.max_forward("pool", stage.pooling, value, y, choice)
        kernel = inline(kernel, pool)
    return kernel
