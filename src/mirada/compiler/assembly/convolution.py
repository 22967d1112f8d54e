"""Convolution: the way that suits a layer, chosen by its shape alone."""

from mirada.compiler.assembly.conv_lists import ListsDoor
from mirada.compiler.assembly.door import Door
from mirada.compiler.context import Context, Into, Margins
from mirada.compiler.lowering.layout import Image
from mirada.compiler.stages import Stage

__all__ = ["ConvolutionDoor"]

_LISTS = ListsDoor()


class ConvolutionDoor(Door):
    """Hands a stage to the door of its way."""

    def way(self, context: Context, stage: Stage) -> Door:
        """How the stage's convolution is computed."""
        return _LISTS

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        self.way(context, stage).forward(context, stage, xs, y)

    def backward(
        self,
        context: Context,
        stage: Stage,
        xs: tuple[Image, ...],
        y: Image,
        dy: Image,
        into: tuple[Into | None, ...],
    ) -> None:
        self.way(context, stage).backward(context, stage, xs, y, dy, into)

    def margins(self, context: Context, stage: Stage) -> Margins:
        return self.way(context, stage).margins(context, stage)

    def arriving(self, context: Context, stage: Stage) -> Margins:
        return self.way(context, stage).arriving(context, stage)

    def scattered(self, context: Context, stage: Stage) -> Margins:
        return self.way(context, stage).scattered(context, stage)
