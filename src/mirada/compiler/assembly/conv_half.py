"""Convolution by its definition, of numbers rounded to half their bits."""

from math import prod

from mirada.compiler.assembly.conv_dense import DenseDoor, wanted_parts
from mirada.compiler.assembly.conv_whole import taps_of
from mirada.compiler.assembly.weights import weights
from mirada.compiler.context import ITEMS, Context, Into, Work
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import dense, half
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules import vectors
from mirada.compiler.stages import Stage

__all__ = ["HalfDoor"]

_HOW = "bf16"
_LEAST_USES = 32


class HalfDoor(DenseDoor):
    """The same sums over pairs of numbers, which are made before each of them."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        name, target, x = stage.node.name, context.target, xs[0]
        other = xs[1] if stage.adds else None
        weight, bias = weights(context, stage)
        near = half.halved(x, f"{name}.half")
        context.lend(near.buffer)
        _halve(context, f"{name}.halve", x, near)
        taps = Taps(*stage.slide, near)
        words = context.packed(half.words_of(weight, f"{name}.words", x.channels))
        inputs, first = x.channels, f"{name}.halve_weight"

        def rounded() -> Kernel:
            kernel = half.halve_inputs(first, weight, inputs, words)
            return vectors(kernel, "oc", max(inputs // 2, 1), target)

        context.pack(first, rounded, parts=0, waits=stage.norm is not None)
        shape = dense.packed_shape(taps, y.channels, target)
        packed = context.packed(Buffer(f"{name}.packed", shape, "u32"))
        pack = f"{name}.pack"
        context.pack(
            pack, lambda: half.pack(pack, words, packed, target), parts=0, waits=True
        )
        parts = wanted_parts(context, x)
        context.work(
            f"{name}.forward",
            lambda: half.forward(
                name, taps, packed, bias, other, stage.relu, y, target, parts
            ),
            Work(parts=0, schedule=_HOW),
        )

    def by_weight(self, context: Context, stage: Stage, x: Image, dy: Image) -> None:
        if not _pays(stage):
            super().by_weight(context, stage, x, dy)
            return
        name, target = f"{stage.node.name}.weight_gradient", context.target
        taps, alone = taps_of(stage, x), half.alone(*stage.slide)
        form = half.halved_columns if alone else half.neighbours
        pixels = form(x, f"{name}.x")
        slopes = half.halved_columns(dy, f"{name}.dy")
        context.lend(pixels.buffer)
        context.lend(slopes.buffer)
        apart, row = stage.slide[1].stride, x.columns * x.channels

        def paired() -> Kernel:
            if alone:
                kernel = half.halve_columns(f"{name}.pixels", x, pixels)
                return vectors(kernel, "oc", x.channels, target)
            kernel = half.pair_neighbours(f"{name}.pixels", x, apart, pixels)
            return vectors(kernel, "oc", row, target)

        def columns() -> Kernel:
            kernel = half.halve_columns(f"{name}.slopes", dy, slopes)
            return vectors(kernel, "oc", dy.channels, target)

        context.work(f"{name}.pixels", paired, Work(rows=x.height if alone else x.rows))
        context.work(f"{name}.slopes", columns, Work(rows=dy.height))
        taps = half.over_pairs(taps, context.whole(pixels))
        weight, given = context.weight(stage, gradient=True), context.whole(slopes)
        context.work(
            name,
            lambda: half.weight_gradient(name, taps, given, weight, target, ITEMS),
            Work(images=0, parts=0, schedule=_HOW),
        )

    def by_input(
        self, context: Context, stage: Stage, x: Image, dy: Image, to: Into
    ) -> None:
        name, target = f"{stage.node.name}.input_gradient", context.target
        weight, taps = context.weight(stage), taps_of(stage, x)
        near = half.halved(dy, f"{name}.half")
        context.lend(near.buffer)
        _halve(context, f"{name}.halve", dy, near)
        words = context.packed(half.words_of(weight, f"{name}.words"))
        first, pack = f"{name}.halve_weight", f"{stage.node.name}.turn"

        def rounded() -> Kernel:
            kernel = half.halve_outputs(first, weight, words)
            return vectors(kernel, "oc", weight.shape[1] * weight.shape[2], target)

        context.pack(first, rounded, parts=0)
        shape = dense.turned_shape(taps, near.channels, target)
        turned = context.packed(Buffer(f"{stage.node.name}.turned", shape, "u32"))
        context.pack(
            pack,
            lambda: half.pack_turned(pack, taps, words, turned, target),
            parts=0,
            waits=True,
        )
        image, add, parts = to.image, to.add, wanted_parts(context, x)
        context.work(
            name,
            lambda: half.input_gradient(
                name, taps, near, turned, image, add, target, parts
            ),
            Work(parts=0, schedule=_HOW),
        )


def _pays(stage: Stage) -> bool:
    """Whether pairs of pixels are used often enough to be worth making."""
    (inputs, *size), window = stage.input, stage.slide
    outputs, *result = stage.layer.output(stage.input)
    products = inputs * outputs * window[0].size * window[1].size * prod(result)
    moved = inputs * prod(size) + outputs * prod(result)
    return products >= _LEAST_USES * moved


def _halve(context: Context, name: str, image: Image, to: Image) -> None:
    """Pairs of the channels of an image."""

    def make() -> Kernel:
        kernel = half.halve(name, image, to)
        return vectors(kernel, "oc", max(image.channels // 2, 1), context.target)

    context.work(name, make, Work(rows=image.rows))
