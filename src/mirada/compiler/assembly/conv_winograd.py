"""Convolution by Winograd's algorithm: fewer multiplications, a little less exact."""

from typing import NamedTuple

from mirada.compiler.assembly.conv_whole import WholeDoor
from mirada.compiler.assembly.weights import weights
from mirada.compiler.context import Context, Into, Margins, Work
from mirada.compiler.ir import Buffer
from mirada.compiler.lowering import winograd
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules.winograd import tiling, weight_tiling
from mirada.compiler.stages import Stage

__all__ = ["WinogradDoor"]


class _Plan:
    """How the three convolutions of a stage are cut."""

    def __init__(self, context: Context, stage: Stage) -> None:
        inputs, height, width = stage.input
        outputs, rows, columns = _result(stage)
        self.size = size = 4 if min(height, width, rows, columns) > 2 else 2
        batch, target = context.batch, context.target
        self.padding = stage.slide[0].start, stage.slide[1].start
        self.opposite = 2 - self.padding[0], 2 - self.padding[1]
        self.forward = tiling(size, batch, rows, columns, inputs, outputs, target)
        self.back = tiling(size, batch, height, width, outputs, inputs, target)
        self.weights = weight_tiling(
            size, batch, rows, columns, inputs, outputs, target
        )
        self.input, self.output = (height, width), (rows, columns)


class _Job(NamedTuple):
    """One of a stage's convolutions: the outputs, or the gradient by the input."""

    name: str
    cut: winograd.Tiling
    padding: tuple[int, int]
    turned: bool


class _Finish(NamedTuple):
    """What is done with its sums before they are stored."""

    bias: Buffer | None
    other: Image | None
    relu: bool
    add: bool


def _how(cut: winograd.Tiling) -> str:
    return f"winograd {cut.size}x{cut.size}"


def _result(stage: Stage) -> tuple[int, ...]:
    """The shape of the convolution's own output."""
    return stage.layer.output(stage.input)


class WinogradDoor(WholeDoor):
    """Tiles of 4x4 outputs, 36 small matrix products each."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        plan = _Plan(context, stage)
        weight, bias = weights(context, stage)
        other = xs[1] if stage.adds else None
        finish = _Finish(bias, other, stage.relu, False)
        job = _Job(f"{stage.node.name}.forward", plan.forward, plan.padding, False)
        self.convolve(context, stage, job, xs[0], weight, finish, y)

    def convolve(
        self,
        context: Context,
        stage: Stage,
        job: _Job,
        x: Image,
        weight: Buffer,
        finish: _Finish,
        y: Image,
    ) -> None:
        """Adds a convolution with the filters, or with these turned."""
        cut, target = job.cut, context.target
        x, y = x.of(cut.images), y.of(cut.images)
        bias, other, relu, add = finish
        if other is not None:
            other = other.of(cut.images)
        how = Work(cut.images, cut.parts, schedule=_how(cut))
        if context.form.backward and cut.holds(context.batch):
            # All tiles at once: nobody else needs the transformed filters.
            context.work(
                job.name,
                lambda: winograd.forward_from_weights(
                    job.name,
                    cut,
                    job.padding,
                    x,
                    weight,
                    job.turned,
                    bias,
                    other,
                    relu,
                    y,
                    add,
                    target,
                ),
                how,
            )
            return
        packed = self.pack(context, stage, weight, job.turned)
        context.work(
            job.name,
            lambda: winograd.forward(
                job.name, cut, job.padding, x, packed, bias, other, relu, y, add, target
            ),
            how,
        )

    def pack(
        self, context: Context, stage: Stage, weight: Buffer, turned: bool
    ) -> Buffer:
        """The transformed filters, for the outputs or for the input's gradient."""
        size, target = _Plan(context, stage).size, context.target
        channels = stage.input[0], _result(stage)[0]
        inputs, outputs = channels[::-1] if turned else channels
        shape = winograd.packed_shape(size, inputs, outputs, target)
        name = f"{stage.node.name}.{'turn' if turned else 'pack'}"
        packed = context.packed(Buffer(f"{name}ed", shape))
        context.pack(
            name,
            lambda: winograd.pack(name, weight, packed, turned, size, target),
            parts=0,
            waits=stage.norm is not None,
        )
        return packed

    def by_weight(self, context: Context, stage: Stage, x: Image, dy: Image) -> None:
        plan, name = _Plan(context, stage), f"{stage.node.name}.weight_gradient"
        x, dy = context.whole(x), context.whole(dy)
        weight, cut = context.weight(stage, gradient=True), plan.weights
        context.work(
            name,
            lambda: winograd.weight_gradient(
                name, cut, plan.padding, x, dy, weight, context.target
            ),
            Work(0, cut.weight_parts, schedule=_how(cut)),
        )

    def by_input(
        self, context: Context, stage: Stage, x: Image, dy: Image, to: Into
    ) -> None:
        plan, name = _Plan(context, stage), f"{stage.node.name}.input_gradient"
        job = _Job(name, plan.back, plan.opposite, True)
        finish = _Finish(None, None, False, to.add)
        weight = context.weight(stage)
        self.convolve(context, stage, job, dy, weight, finish, to.image)

    def margins(self, context: Context, stage: Stage) -> Margins:
        plan = _Plan(context, stage)
        found = Margins(*winograd.margins(plan.forward, *plan.input, plan.padding))
        if not context.form.backward:
            return found
        more = winograd.margins(plan.weights, *plan.input, plan.padding)
        return found.with_(Margins(*more))

    def arriving(self, context: Context, stage: Stage) -> Margins:
        plan = _Plan(context, stage)
        found = Margins(*winograd.margins(plan.back, *plan.output, plan.opposite))
        cut = plan.weights
        height, width = plan.output
        own = Margins(
            0, 0, cut.rows * cut.size - height, cut.columns * cut.size - width
        )
        return found.with_(own)
