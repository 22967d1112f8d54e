"""Activations by themselves."""

from mirada.compiler.context import Context
from mirada.compiler.ir import Kernel
from mirada.compiler.lowering import activation
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules import vectors
from mirada.compiler.stages import Stage

__all__ = ["relu_backward", "relu_forward", "softmax_backward", "softmax_forward"]


def relu_forward(context: Context, stage: Stage, x: Image, y: Image) -> None:
    """Adds what computes y from x."""

    def make() -> Kernel:
        kernel = activation.relu_forward(stage.node.name, x, y)
        return vectors(kernel, "oc", y.channels, context.target)

    context.call("block", f"{stage.node.name}.forward", make)


def relu_backward(
    context: Context, stage: Stage, x: Image, y: Image, dy: Image, dx: Image | None
) -> None:
    """Adds what computes the gradients, that by x where dx is wanted."""
    if dx is None:
        return
    name = f"{stage.node.name}.backward"

    def make() -> Kernel:
        kernel = activation.relu_backward(name, y, dy, dx)
        return vectors(kernel, "oc", y.channels, context.target)

    context.call("block", name, make)


def softmax_forward(context: Context, stage: Stage, x: Image, y: Image) -> None:
    """Adds what computes y from x."""
    # The softmax of a flattened image runs over all its numbers.
    given, to = (x.flattened, y.flattened) if len(stage.output) == 1 else (x, y)

    def make() -> Kernel:
        kernel = activation.softmax_forward(stage.node.name, given, to)
        return vectors(kernel, "j", to.channels, context.target)

    context.call("block", f"{stage.node.name}.forward", make)


def softmax_backward(
    context: Context, stage: Stage, x: Image, y: Image, dy: Image, dx: Image | None
) -> None:
    """Adds what computes the gradients, that by x where dx is wanted."""
    raise AssertionError("a softmax inside a network is refused before")
