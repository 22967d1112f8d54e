"""The linear layer, with the ReLU behind it."""

from mirada.compiler.context import Context
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import activation, linear
from mirada.compiler.lowering.layout import Image
from mirada.compiler.passes import inline
from mirada.compiler.schedules import product, vectors
from mirada.compiler.stages import Stage

__all__ = ["backward", "forward"]


def forward(context: Context, stage: Stage, x: Image, y: Image) -> None:
    """Adds what computes y from x."""
    name, target = stage.node.name, context.target
    weight, bias = context.weight(stage), context.parameter(stage, "bias")

    def make() -> Kernel:
        summed = y.named(f"{name}.sum") if stage.relu else y
        kernel = linear.forward(name, x, weight, bias, summed)
        if stage.relu:
            kernel = inline(kernel, linear.relu_rows("relu", summed, y))
        return product(kernel, "m", x.images, y.features, target)

    context.call("block", f"{name}.forward", make)


def backward(
    context: Context, stage: Stage, x: Image, y: Image, dy: Image, dx: Image | None
) -> None:
    """Adds what computes the gradients, that by x where dx is wanted."""
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
