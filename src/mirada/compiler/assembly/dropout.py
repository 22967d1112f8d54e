"""Dropout."""

from typing import cast

from mirada.compiler.assembly.door import Door
from mirada.compiler.context import Context, Into
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import activation, dropout, join
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules import vectors
from mirada.compiler.stages import Stage
from mirada.network import Dropout

__all__ = ["DropoutDoor"]


def _kept(stage: Stage, y: Image) -> Buffer:
    shape = (y.images, y.height, y.width, y.channels)
    return Buffer(f"{stage.node.name}.kept", shape, "u8")


class DropoutDoor(Door):
    """Dropout in training; in inference a copy, or no stage at all."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        (x,), name, p = xs, stage.node.name, cast(Dropout, stage.layer).p
        if not context.form.training:
            context.work(f"{name}.forward", lambda: _copy(context, name, x, y))
            return
        kept = context.keep(_kept(stage, y))

        def make() -> Kernel:
            key, place = context.dropout_key(), stage.place
            kernel = dropout.forward(name, p, place, key, x, y, kept)
            return vectors(kernel, "oc", min(y.channels, 8), context.target)

        context.work(f"{name}.forward", make)

    def backward(
        self,
        context: Context,
        stage: Stage,
        xs: tuple[Image, ...],
        y: Image,
        dy: Image,
        into: tuple[Into | None, ...],
    ) -> None:
        (to,) = into
        if to is None:
            return
        name, p = f"{stage.node.name}.backward", cast(Dropout, stage.layer).p

        def make() -> Kernel:
            if not context.form.training:
                kernel = join.add_backward(name, None, dy, to.image, add=to.add)
                return vectors(kernel, "oc", y.channels, context.target)
            kept = _kept(stage, y)
            kernel = dropout.backward(name, p, kept, dy, to.image, add=to.add)
            return vectors(kernel, "oc", y.channels, context.target)

        context.work(name, make)


def _copy(context: Context, name: str, x: Image, y: Image) -> Kernel:
    kernel = activation.copy(name, x, y)
    return vectors(kernel, "oc", y.channels, context.target)
