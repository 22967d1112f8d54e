"""Convolution by its definition, near the processor's peak."""

from mirada.compiler.assembly.conv_whole import WholeDoor, taps_of
from mirada.compiler.assembly.door import bare, window_margins
from mirada.compiler.assembly.weights import weights
from mirada.compiler.context import ITEMS, Context, Into, Margins, Work
from mirada.compiler.ir import Buffer
from mirada.compiler.lowering import dense
from mirada.compiler.lowering.layout import Image
from mirada.compiler.stages import Stage

__all__ = ["DenseDoor", "wanted_parts"]

_HOW = "direct"


class DenseDoor(WholeDoor):
    """Panels of weights against blocks of pixels."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        name, target, x = stage.node.name, context.target, xs[0]
        other, taps = xs[1] if stage.adds else None, taps_of(stage, x)
        weight, bias = weights(context, stage)
        shape = dense.packed_shape(taps, y.channels, target)
        packed = context.packed(Buffer(f"{name}.packed", shape))
        pack = f"{name}.pack"
        context.pack(
            pack,
            lambda: dense.pack(pack, weight, packed, target),
            parts=0,
            waits=stage.norm is not None,
        )
        wanted = wanted_parts(context, x)
        context.work(
            f"{name}.forward",
            lambda: dense.forward(
                name, taps, packed, bias, other, stage.relu, y, target, wanted
            ),
            Work(parts=0, schedule=_HOW),
        )

    def by_weight(self, context: Context, stage: Stage, x: Image, dy: Image) -> None:
        name = f"{stage.node.name}.weight_gradient"
        taps, dy = taps_of(stage, context.whole(x)), context.whole(dy)
        weight = context.weight(stage, gradient=True)
        context.work(
            name,
            lambda: dense.weight_gradient(
                name, taps, dy, weight, context.target, ITEMS
            ),
            Work(images=0, parts=0, schedule=_HOW),
        )

    def by_input(
        self, context: Context, stage: Stage, x: Image, dy: Image, to: Into
    ) -> None:
        name, target = f"{stage.node.name}.input_gradient", context.target
        weight, taps = context.weight(stage), taps_of(stage, x)
        shape = dense.turned_shape(taps, dy.channels, target)
        turned = context.packed(Buffer(f"{stage.node.name}.turned", shape))
        pack = f"{stage.node.name}.turn"
        context.pack(
            pack,
            lambda: dense.pack_turned(pack, taps, weight, turned, target),
            parts=0,
        )
        image, add, wanted = to.image, to.add, wanted_parts(context, x)
        context.work(
            name,
            lambda: dense.input_gradient(
                name, taps, dy, turned, image, add, target, wanted
            ),
            Work(parts=0, schedule=_HOW),
        )

    def margins(self, context: Context, stage: Stage) -> Margins:
        return window_margins(stage)

    def arriving(self, context: Context, stage: Stage) -> Margins:
        taps = taps_of(stage, bare(stage.input, window_margins(stage)))
        _, height, width = stage.layer.output(stage.input)
        top, bottom, left, right = dense.margins(taps, height, width)
        return Margins(top, left, bottom, right)


def wanted_parts(context: Context, x: Image) -> int:
    """Parts of a block's work that keep a usual machine's threads busy."""
    return -(-ITEMS // -(-context.batch // x.images))
