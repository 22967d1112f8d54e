"""Convolution as layered mode computes it: every gradient, of every position.

What its ways share: the mask of the ReLU, the border of the gradient, the bias.
"""

from abc import abstractmethod

from mirada.compiler.assembly.door import Door, bare
from mirada.compiler.context import ITEMS, Context, Into, Margins, Work
from mirada.compiler.ir import Kernel
from mirada.compiler.lowering import activation, dense, grouped, weights
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules import channels
from mirada.compiler.stages import Stage

__all__ = ["WholeDoor", "by_bias", "gathered_margins", "taps_of"]


def taps_of(stage: Stage, x: Image) -> Taps:
    """Where the taps of a stage's convolution lie in its input."""
    return Taps(*stage.slide, x)


def by_bias(context: Context, stage: Stage, dy: Image) -> None:
    """Adds the gradient by the bias, if there is one."""
    bias = context.parameter(stage.node, "bias", gradient=True)
    if bias is None:
        return
    name, whole, target = (
        f"{stage.node.name}.bias_gradient",
        context.whole(dy),
        context.target,
    )

    def make() -> Kernel:
        if context.layered:
            return dense.bias_gradient(name, whole, bias, target, ITEMS)
        return weights.bias_gradient(name, whole, bias, True, target)

    context.work(name, make, Work(images=0, parts=0))


def gathered_margins(stage: Stage) -> Margins:
    """The zeros around dy from which an input's gradient is gathered."""
    taps = taps_of(stage, bare(stage.input))
    found = grouped.gradient_margins(taps, bare(stage.layer.output(stage.input)))
    return Margins(found.top, found.left, found.bottom, found.right)


class WholeDoor(Door):
    """A convolution whose gradients are dense; abstract."""

    @abstractmethod
    def by_weight(self, context: Context, stage: Stage, x: Image, dy: Image) -> None:
        """Adds the gradient by the weight."""

    @abstractmethod
    def by_input(
        self, context: Context, stage: Stage, x: Image, dy: Image, to: Into
    ) -> None:
        """Adds the gradient by the input."""

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
        if stage.relu:

            def masked() -> Kernel:
                kernel = activation.relu_backward(f"{name}.relu", y, dy, dy)
                return channels(kernel, y.channels, target)

            context.work(f"{name}.relu", masked)
        # The name `dy` stays what it was: `masked` is called later.
        framed = context.framed(dy, self.arriving(context, stage))
        if context.learns(stage.node):
            by_bias(context, stage, framed)
            self.by_weight(context, stage, x, framed)
        if to is not None:
            self.by_input(context, stage, x, framed, to)
