"""Activations by themselves."""

from mirada.compiler.assembly.door import Door
from mirada.compiler.context import Context, Into, Work
from mirada.compiler.ir import Kernel
from mirada.compiler.lowering.activation import ACTIVATIONS
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules import vectors
from mirada.compiler.stages import Stage
from mirada.network import Softmax

__all__ = ["ActivationDoor"]


class ActivationDoor(Door):
    """Every activation: a function of each element, and softmax."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        (x,) = xs
        rule, layer, name = ACTIVATIONS[type(stage.layer)], stage.layer, stage.node.name
        given, to = _seen(stage, x), _seen(stage, y)

        def make() -> Kernel:
            kernel = rule.forward(name, layer, given, to)
            return vectors(kernel, rule.loop, to.channels, context.target)

        how = Work(rows=0 if given is not x else y.height)
        context.work(f"{name}.forward", make, how)

    def backward(
        self,
        context: Context,
        stage: Stage,
        xs: tuple[Image, ...],
        y: Image,
        dy: Image,
        into: tuple[Into | None, ...],
    ) -> None:
        (x,), (to,) = xs, into
        if to is None:
            return
        rule, layer, name = ACTIVATIONS[type(stage.layer)], stage.layer, stage.node.name
        given, value, slope, image = (_seen(stage, one) for one in (x, y, dy, to.image))
        add = to.add

        def make() -> Kernel:
            made = f"{name}.backward"
            kernel = rule.backward(made, layer, given, value, slope, image, add)
            return vectors(kernel, rule.loop, image.channels, context.target)

        context.work(f"{name}.backward", make)


def _seen(stage: Stage, image: Image) -> Image:
    """The softmax of a flattened image runs over all its numbers."""
    whole = isinstance(stage.layer, Softmax) and stage.vector
    return image.flattened if whole and image.plain else image
