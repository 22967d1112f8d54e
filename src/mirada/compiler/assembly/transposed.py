"""Transposed convolution: every output is gathered from the pixels that reach it."""

from typing import cast

from mirada.compiler.assembly.conv_whole import by_bias
from mirada.compiler.assembly.door import Door, bare
from mirada.compiler.context import ITEMS, Context, Into, Margins, Work
from mirada.compiler.ir import Buffer
from mirada.compiler.lowering import transposed
from mirada.compiler.lowering.layout import Image
from mirada.compiler.stages import Stage
from mirada.network import ConvTranspose2d

__all__ = ["TransposedDoor"]


class TransposedDoor(Door):
    """Forward is what a convolution's input gradient is, and backward its forward."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        name, groups = stage.node.name, cast(ConvTranspose2d, stage.layer).groups
        weight, bias = context.weight(stage), context.parameter(stage.node, "bias")
        context.work(
            f"{name}.forward",
            lambda: transposed.forward(
                name,
                stage.slide,
                groups,
                xs[0],
                weight,
                bias,
                None,
                False,
                y,
                context.target,
            ),
            Work(schedule="phases"),
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
        (x,), (to,) = xs, into
        dy = context.framed(dy, self.arriving(context, stage))
        if context.learns(stage.node):
            self.by_weight(context, stage, x, dy)
            by_bias(context, stage, dy)
        if to is not None:
            self.by_input(context, stage, dy, to)

    def by_weight(self, context: Context, stage: Stage, x: Image, dy: Image) -> None:
        """Adds the gradient by the weight."""
        name, target, windows = stage.node.name, context.target, stage.slide
        groups, add = cast(ConvTranspose2d, stage.layer).groups, not context.layered
        parts = ITEMS if context.layered else 1
        weight = context.weight(stage, gradient=True)
        whole, given = context.whole(dy), context.whole(x)
        how = Work(images=0, parts=0, schedule="phases")
        context.work(
            f"{name}.weight_gradient",
            lambda: transposed.weight_gradient(
                f"{name}.weight_gradient",
                windows,
                groups,
                given,
                whole,
                weight,
                add,
                target,
                parts,
            ),
            how,
        )

    def by_input(self, context: Context, stage: Stage, dy: Image, to: Into) -> None:
        """Adds the gradient by the input."""
        name, groups = stage.node.name, cast(ConvTranspose2d, stage.layer).groups
        weight, windows, target = context.weight(stage), stage.slide, context.target
        channels = weight.shape[0]
        rows = weight.shape[1] * weight.shape[2]
        packed = context.packed(Buffer(f"{name}.packed", (rows, channels)))
        pack = f"{name}.pack"
        context.pack(pack, lambda: transposed.pack(pack, weight, packed))
        made, image, more = f"{name}.input_gradient", to.image, to.add
        context.work(
            made,
            lambda: transposed.input_gradient(
                made, windows, groups, dy, packed, image, more, target
            ),
            Work(schedule="phases"),
        )

    def margins(self, context: Context, stage: Stage) -> Margins:
        found = transposed.forward_margins(
            stage.slide, bare(stage.input), *stage.output[1:]
        )
        return Margins(found.top, found.left, found.bottom, found.right)

    def arriving(self, context: Context, stage: Stage) -> Margins:
        found = transposed.gradient_margins(
            stage.slide, bare(stage.output), *stage.input[1:]
        )
        return Margins(found.top, found.left, found.bottom, found.right)
