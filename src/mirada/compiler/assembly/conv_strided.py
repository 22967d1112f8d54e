"""Convolution whose windows lie far apart: the input's gradient has many phases."""

from mirada.compiler.assembly.conv_dense import DenseDoor
from mirada.compiler.assembly.conv_whole import gathered_margins, taps_of
from mirada.compiler.context import Context, Into, Margins, Work
from mirada.compiler.lowering import grouped
from mirada.compiler.lowering.layout import Image
from mirada.compiler.lowering.phases import MOST
from mirada.compiler.stages import Stage

__all__ = ["StridedDoor", "strided"]


def strided(stage: Stage) -> bool:
    """Whether a sweep of its own for each phase would be too much code."""
    down, across = stage.slide
    return down.stride * across.stride > MOST


class StridedDoor(DenseDoor):
    """As any other, but for the gradient by the input: phases are loops there."""

    def by_input(
        self, context: Context, stage: Stage, x: Image, dy: Image, to: Into
    ) -> None:
        name, target = f"{stage.node.name}.input_gradient", context.target
        weight, taps = context.weight(stage), taps_of(stage, x)
        image, add = to.image, to.add
        context.work(
            name,
            lambda: grouped.input_gradient(
                name, taps, 1, dy, weight, image, add, target
            ),
            Work(schedule="phases"),
        )

    def arriving(self, context: Context, stage: Stage) -> Margins:
        return gathered_margins(stage)
