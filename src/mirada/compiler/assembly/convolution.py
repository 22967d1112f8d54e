"""Convolution: the way that suits a layer, chosen by its shape alone."""

from typing import cast

from mirada.compiler.assembly.conv_dense import DenseDoor
from mirada.compiler.assembly.conv_grouped import GroupedDoor
from mirada.compiler.assembly.conv_half import HalfDoor
from mirada.compiler.assembly.conv_lists import ListsDoor
from mirada.compiler.assembly.conv_strided import StridedDoor, strided
from mirada.compiler.assembly.conv_winograd import WinogradDoor
from mirada.compiler.assembly.door import Door
from mirada.compiler.context import Context, Into, Margins
from mirada.compiler.lowering.layout import Image
from mirada.compiler.manner import half_suits, winograd_suits
from mirada.compiler.stages import Stage
from mirada.network import Conv2d

__all__ = ["ConvolutionDoor"]

_LISTS, _DENSE, _WINOGRAD = ListsDoor(), DenseDoor(), WinogradDoor()
_GROUPED, _HALF, _STRIDED = GroupedDoor(), HalfDoor(), StridedDoor()


class ConvolutionDoor(Door):
    """Hands a stage to the door of its way."""

    def way(self, context: Context, stage: Stage) -> Door:
        """How the stage's convolution is computed."""
        layer = cast(Conv2d, stage.layer)
        if layer.groups > 1:
            return _GROUPED
        if not context.layered or stage.pool is not None:
            return _LISTS
        # Rounded or not: few multiplications are faster than many of half the bits.
        if winograd_suits(layer, stage.input, context.batch) and not context.exact:
            return _WINOGRAD
        if strided(stage) and context.form.backward:
            return _STRIDED
        if context.half and half_suits(layer, stage.input):
            return _HALF
        return _DENSE

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
