"""Convolution in groups, down to one channel a group (depthwise), in both manners."""

from typing import cast

from mirada.compiler.assembly.conv_whole import WholeDoor, gathered_margins, taps_of
from mirada.compiler.assembly.door import window_margins
from mirada.compiler.assembly.weights import weights
from mirada.compiler.context import ITEMS, Context, Into, Margins, Work
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import depthwise, grouped
from mirada.compiler.lowering import weights as sums
from mirada.compiler.lowering.layout import Image
from mirada.compiler.stages import Stage
from mirada.network import Conv2d

__all__ = ["GroupedDoor"]


def _groups(stage: Stage) -> int:
    return cast(Conv2d, stage.layer).groups


def _depthwise(stage: Stage) -> bool:
    return _groups(stage) == stage.input[0]


class GroupedDoor(WholeDoor):
    """Each group reads its own channels."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        name, target, x = stage.node.name, context.target, xs[0]
        other, taps, groups = (
            xs[1] if stage.adds else None,
            taps_of(stage, x),
            _groups(stage),
        )
        weight, bias = weights(context, stage)
        packed = self.packed(context, stage, weight)

        def make() -> Kernel:
            if _depthwise(stage):
                return depthwise.forward(
                    name, taps, packed, bias, other, stage.relu, y, target
                )
            return grouped.forward(
                name, taps, groups, packed, bias, other, stage.relu, y, target
            )

        context.work(f"{name}.forward", make, Work(schedule=self.how(stage)))

    def how(self, stage: Stage) -> str:
        """The schedule in a word."""
        return "depthwise" if _depthwise(stage) else "grouped"

    def packed(
        self, context: Context, stage: Stage, weight: Buffer, again: str = ""
    ) -> Buffer:
        """The weights with output channels as vectors."""
        channels = weight.shape[0]
        rows = weight.shape[1] * weight.shape[2]
        name = f"{stage.node.name}.pack{again}"
        packed = context.packed(Buffer(f"{name}ed", (rows, channels)))
        context.pack(
            name,
            lambda: grouped.pack(name, weight, packed),
            waits=stage.norm is not None,
        )
        return packed

    def by_weight(self, context: Context, stage: Stage, x: Image, dy: Image) -> None:
        name, groups = f"{stage.node.name}.weight_gradient", _groups(stage)
        taps, dy = taps_of(stage, context.whole(x)), context.whole(dy)
        weight, target = context.weight(stage, gradient=True), context.target
        parts, add = ITEMS if context.layered else 1, not context.layered

        def make() -> Kernel:
            if _depthwise(stage):
                return depthwise.weight_gradient(
                    name, taps, dy, weight, add, target, parts
                )
            return sums.weight_gradient(
                name, taps, groups, dy, weight, add, target, parts
            )

        context.work(name, make, Work(images=0, parts=0, schedule=self.how(stage)))

    def by_input(
        self, context: Context, stage: Stage, x: Image, dy: Image, to: Into
    ) -> None:
        name, groups = f"{stage.node.name}.input_gradient", _groups(stage)
        weight, taps = context.weight(stage), taps_of(stage, x)
        image, add, target = to.image, to.add, context.target
        packed = (
            self.packed(context, stage, weight, "2") if _depthwise(stage) else weight
        )

        def make() -> Kernel:
            if _depthwise(stage):
                return depthwise.input_gradient(
                    name, taps, dy, packed, image, add, target
                )
            return grouped.input_gradient(
                name, taps, groups, dy, weight, image, add, target
            )

        context.work(name, make, Work(schedule=self.how(stage)))

    def margins(self, context: Context, stage: Stage) -> Margins:
        return window_margins(stage)

    def arriving(self, context: Context, stage: Stage) -> Margins:
        return gathered_margins(stage)
