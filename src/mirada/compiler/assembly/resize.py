"""Enlarging."""

from typing import cast

from mirada.compiler.assembly.door import Door
from mirada.compiler.context import Context, Into, Margins
from mirada.compiler.lowering import resize
from mirada.compiler.lowering.layout import Image
from mirada.compiler.stages import Stage
from mirada.network import Upsample

__all__ = ["UpsampleDoor"]


class UpsampleDoor(Door):
    """The nearest pixel, or interpolation between four."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        (x,), name, mode = xs, stage.node.name, cast(Upsample, stage.layer).mode
        context.work(
            f"{name}.forward", lambda: resize.forward(name, mode, x, y, context.target)
        )

    def backward(
        self,
        context: Context,
        stage: Stage,
        xs: tuple[Image, ...],
        y: Image,
        dy: Image,
        into: tuple[Into | None, ...],
    ) -> None:
        (to,), name = into, f"{stage.node.name}.backward"
        mode = cast(Upsample, stage.layer).mode
        if to is None:
            return
        image, add = to.image, to.add
        context.work(
            name, lambda: resize.backward(name, mode, dy, image, add, context.target)
        )

    def margins(self, context: Context, stage: Stage) -> Margins:
        return Margins()
