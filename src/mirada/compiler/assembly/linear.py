"""The linear layer, with the ReLU behind it."""

from collections.abc import Callable

from mirada.compiler.assembly.door import Door
from mirada.compiler.assembly.linear_half import forward_of_pairs, rounds
from mirada.compiler.context import ITEMS, Context, Into, Work
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import activation, linear
from mirada.compiler.lowering.layout import Image
from mirada.compiler.lowering.product import (
    linear_bias_gradient,
    linear_forward,
    linear_input_gradient,
    linear_weight_gradient,
)
from mirada.compiler.passes import inline
from mirada.compiler.schedules import product, vectors
from mirada.compiler.stages import Stage

__all__ = ["LinearDoor"]


class LinearDoor(Door):
    """Matrix products: over a block in a stream, else over all of the batch."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        name, target = stage.node.name, context.target
        x, y = context.whole(xs[0]), context.whole(y)
        weight = context.weight(stage)
        bias = context.parameter(stage.node, "bias")
        if rounds(context, weight):
            forward_of_pairs(context, stage, xs[0], y)
            return

        def streamed() -> Kernel:
            summed = y.named(f"{name}.sum") if stage.relu else y
            kernel = linear.forward(name, x, weight, bias, summed)
            if stage.relu:
                kernel = inline(kernel, linear.relu_rows("relu", summed, y))
            return product(kernel, "m", x.images, y.features, target)

        def layered() -> Kernel:
            return linear_forward(name, x, weight, bias, stage.relu, y, target, ITEMS)

        make = layered if context.layered else streamed
        context.work(f"{name}.forward", make, _how(context))

    def backward(
        self,
        context: Context,
        stage: Stage,
        xs: tuple[Image, ...],
        y: Image,
        dy: Image,
        into: tuple[Into | None, ...],
    ) -> None:
        name, target, (to,) = stage.node.name, context.target, into
        x, y, dy = (context.whole(image) for image in (xs[0], y, dy))
        if stage.relu:

            def passed() -> Kernel:
                kernel = activation.relu_backward(f"{name}.relu", y, dy, dy)
                return vectors(kernel, "oc", y.channels, target)

            context.work(f"{name}.relu", passed, Work(images=0))
        if context.learns(stage.node):
            self._by_weight(context, stage, x, dy)
            self._by_bias(context, stage, dy)
        if to is not None:
            self._by_input(context, stage, dy, to)

    def _by_weight(self, context: Context, stage: Stage, x: Image, dy: Image) -> None:
        name, target = f"{stage.node.name}.weight_gradient", context.target
        weight = context.weight(stage, gradient=True)

        def streamed() -> Kernel:
            kernel = linear.weight_gradient(name, x, dy, weight)
            return product(kernel, "i", x.features, dy.features, target)

        def layered() -> Kernel:
            return linear_weight_gradient(name, x, dy, weight, target, ITEMS)

        context.work(name, layered if context.layered else streamed, _how(context))

    def _by_bias(self, context: Context, stage: Stage, dy: Image) -> None:
        name, target = f"{stage.node.name}.bias_gradient", context.target
        bias = context.parameter(stage.node, "bias", gradient=True)
        if bias is None:
            return

        def streamed() -> Kernel:
            kernel = linear.bias_gradient(name, dy, bias)
            return vectors(kernel, "oc", dy.features, target)

        def layered() -> Kernel:
            return linear_bias_gradient(name, dy, bias, target, ITEMS)

        context.work(name, layered if context.layered else streamed, _how(context))

    def _by_input(self, context: Context, stage: Stage, dy: Image, to: Into) -> None:
        name, target = stage.node.name, context.target
        weight, add, image = context.weight(stage), to.add, context.whole(to.image)
        made = f"{name}.input_gradient"
        if context.layered:
            make: Callable[[], Kernel] = lambda: linear_input_gradient(  # noqa: E731
                made, dy, weight, image, add, target, ITEMS
            )
        else:
            turned = Buffer(f"{name}.turned", (weight.shape[1], weight.shape[0]))
            context.packed(turned)
            pack = f"{name}.transpose"
            context.pack(pack, lambda: linear.transpose(pack, weight, turned))

            def make() -> Kernel:
                kernel = linear.input_gradient(made, dy, turned, image, add=add)
                return product(kernel, "m", image.images, image.features, target)

        context.work(made, make, _how(context))


def _how(context: Context) -> Work:
    return Work(images=0, parts=0 if context.layered else 1)
