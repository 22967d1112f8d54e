"""The linear layer, with the ReLU behind it."""

from mirada.compiler.assembly.door import Door
from mirada.compiler.context import Context, Into, Work
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import activation, linear
from mirada.compiler.lowering.layout import Image
from mirada.compiler.passes import inline
from mirada.compiler.schedules import product, vectors
from mirada.compiler.stages import Stage

__all__ = ["LinearDoor"]


class LinearDoor(Door):
    """Matrix products over the images of a block."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        name, target, x = stage.node.name, context.target, context.whole(xs[0])
        y = context.whole(y)
        weight = context.weight(stage)
        bias = context.parameter(stage.node, "bias")

        def make() -> Kernel:
            summed = y.named(f"{name}.sum") if stage.relu else y
            kernel = linear.forward(name, x, weight, bias, summed)
            if stage.relu:
                kernel = inline(kernel, linear.relu_rows("relu", summed, y))
            return product(kernel, "m", x.images, y.features, target)

        context.work(f"{name}.forward", make, Work(images=0))

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
        how = Work(images=0)
        weight, weight_sum = context.weight(stage), context.weight(stage, gradient=True)
        bias_sum = context.parameter(stage.node, "bias", gradient=True)

        def passed() -> Kernel:
            kernel = activation.relu_backward(f"{name}.relu", y, dy, dy)
            return vectors(kernel, "oc", y.channels, target)

        def weights() -> Kernel:
            made = f"{name}.weight_gradient"
            kernel = linear.weight_gradient(made, x, dy, weight_sum)
            return product(kernel, "i", x.features, dy.features, target)

        if stage.relu:
            context.work(f"{name}.relu", passed, how)
        for gradient in (weight_sum, bias_sum):
            if gradient is not None:
                context.zero(gradient)
        context.work(f"{name}.weight_gradient", weights, how)
        if bias_sum is not None:
            bias: Buffer = bias_sum

            def biases() -> Kernel:
                kernel = linear.bias_gradient(f"{name}.bias_gradient", dy, bias)
                return vectors(kernel, "oc", dy.features, target)

            context.work(f"{name}.bias_gradient", biases, how)
        if to is None:
            return
        turned = Buffer(f"{name}.turned", (weight.shape[1], weight.shape[0]))
        context.packed(turned)
        pack = f"{name}.transpose"
        context.pack(pack, lambda: linear.transpose(pack, weight, turned))
        image, add = context.whole(to.image), to.add

        def inputs() -> Kernel:
            made = f"{name}.input_gradient"
            kernel = linear.input_gradient(made, dy, turned, image, add=add)
            return product(kernel, "m", image.images, image.features, target)

        context.work(f"{name}.input_gradient", inputs, how)
