"""Batch normalization, with the sum and the ReLU behind it."""

from typing import cast

from mirada.compiler.assembly.door import Door
from mirada.compiler.context import Context, Into, Work
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering import join, normalization, normalization_gradient
from mirada.compiler.lowering.layout import Image
from mirada.compiler.lowering.normalization import Parameters
from mirada.compiler.schedules import channels, vectors
from mirada.compiler.stages import Stage
from mirada.network import BatchNorm2d, Node

__all__ = ["NormDoor", "norm_parameters"]


def norm_parameters(context: Context, node: Node) -> Parameters:
    """The parameters of a batch normalization."""
    found = [context.parameter(node, name) for name in Parameters._fields]
    return Parameters(*(one for one in found if one is not None))


class NormDoor(Door):
    """Statistics, then the normalized values; backward the same way round."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        x, other = xs[0], xs[1] if stage.adds else None
        name, coefficients = stage.node.name, _coefficients(context, stage)
        if context.normalizes(stage.node):
            self._statistics(context, stage, x, coefficients)
        elif not context.form.backward:
            self._running(context, stage, coefficients, context.pack)
        else:
            self._running(context, stage, coefficients, _once(context))

        def make() -> Kernel:
            kernel = normalization.normalize(
                name, x, coefficients, other, stage.relu, y
            )
            return channels(kernel, y.channels, context.target)

        context.work(f"{name}.forward", make, Work(rows=y.height))

    def _running(
        self, context: Context, stage: Stage, coefficients: Buffer, add: object
    ) -> None:
        layer, name = cast(BatchNorm2d, stage.layer), f"{stage.node.name}.running"
        parameters = norm_parameters(context, stage.node)

        def make() -> Kernel:
            kernel = normalization.running(name, layer, parameters, coefficients)
            return vectors(kernel, "oc", coefficients.shape[1], context.target)

        add(name, make)  # type: ignore[operator]

    def _statistics(
        self, context: Context, stage: Stage, x: Image, coefficients: Buffer
    ) -> None:
        layer, name = cast(BatchNorm2d, stage.layer), stage.node.name
        partials = context.keep(_partials(f"{name}.partials", x))
        whole = _whole(context, partials)
        parameters, target = norm_parameters(context, stage.node), context.target
        if not context.updates:
            # The running statistics stay: what they would become goes nowhere.
            shape = (x.channels,)
            parameters = parameters._replace(
                **{
                    word: context.keep(
                        Buffer(f"{name}.{word}.moved", shape), images=False
                    )
                    for word in ("running_mean", "running_var")
                }
            )

        def part() -> Kernel:
            kernel = normalization.partial(f"{name}.partial", x, partials)
            return channels(kernel, x.channels, target)

        def combine() -> Kernel:
            pixels = x.height * x.width
            kernel = normalization.combine(
                f"{name}.combine", layer, pixels, whole, parameters, coefficients
            )
            return channels(kernel, x.channels, target)

        context.work(f"{name}.partial", part)
        context.work(f"{name}.combine", combine, Work(images=0))

    def backward(
        self,
        context: Context,
        stage: Stage,
        xs: tuple[Image, ...],
        y: Image,
        dy: Image,
        into: tuple[Into | None, ...],
    ) -> None:
        x, mask = xs[0], y if stage.relu else None
        shape = (3, x.channels)
        name = f"{stage.node.name}.slopes"
        slopes = context.keep(Buffer(name, shape), images=False)
        if context.learns(stage.node):
            self._sums(context, stage, x, mask, dy, slopes)
        else:
            coefficients = _coefficients(context, stage, reserve=False)

            def make() -> Kernel:
                kernel = normalization_gradient.fixed_slopes(name, coefficients, slopes)
                return channels(kernel, x.channels, context.target)

            context.work(name, make, Work(images=0))
        to, other = into[0], into[1] if stage.adds else None
        self._passed(context, stage, (x, mask, dy, slopes), to, other)

    def _sums(
        self,
        context: Context,
        stage: Stage,
        x: Image,
        mask: Image | None,
        dy: Image,
        slopes: Buffer,
    ) -> None:
        """The gradients by weight and bias, and the slopes that follow from them."""
        name, target = stage.node.name, context.target
        coefficients = _coefficients(context, stage, reserve=False)
        partials = context.keep(_partials(f"{name}.sums", x))
        whole = _whole(context, partials)
        weight, bias = (
            context.parameter(stage.node, p, gradient=True) for p in ("weight", "bias")
        )
        assert weight is not None
        assert bias is not None
        fixed = not context.normalizes(stage.node)

        def part() -> Kernel:
            kernel = normalization_gradient.backward_partial(
                f"{name}.sums", x, mask, dy, coefficients, partials
            )
            return channels(kernel, x.channels, target)

        def combine() -> Kernel:
            kernel = normalization_gradient.backward_combine(
                f"{name}.slopes",
                x.height * x.width,
                whole,
                coefficients,
                weight,
                bias,
                slopes,
                fixed=fixed,
            )
            return channels(kernel, x.channels, target)

        context.work(f"{name}.sums", part)
        context.work(f"{name}.slopes", combine, Work(images=0))

    def _passed(
        self,
        context: Context,
        stage: Stage,
        given: tuple[Image, Image | None, Image, Buffer],
        to: Into | None,
        other: Into | None,
    ) -> None:
        """The gradient by x, and that by what was added."""
        name, (x, mask, dy, slopes) = f"{stage.node.name}.backward", given
        if to is None:
            # Nobody needs the first: a sum's gradient alone.
            if other is not None:
                _from_sum(context, name, mask, dy, other)
            return
        add, image = to.add, to.image
        read = x if context.normalizes(stage.node) else None

        def make() -> Kernel:
            kernel = normalization_gradient.backward(
                name,
                read,
                mask,
                dy,
                slopes,
                image,
                add=add,
                other_to=None if other is None else other.image,
                add_other=other is not None and other.add,
            )
            return channels(kernel, image.channels, context.target)

        context.work(name, make)


def _from_sum(
    context: Context, name: str, mask: Image | None, dy: Image, to: Into
) -> None:
    """The gradient of what was added to a value."""

    def make() -> Kernel:
        kernel = join.add_backward(name, mask, dy, to.image, add=to.add)
        return channels(kernel, dy.channels, context.target)

    context.work(name, make)


def _once(context: Context) -> object:
    return lambda name, make: context.work(name, make, Work(images=0))


def _coefficients(context: Context, stage: Stage, reserve: bool = True) -> Buffer:
    buffer = Buffer(f"{stage.node.name}.coefficients", (4, stage.input[0]))
    if not reserve:
        return buffer
    if context.form.backward:
        return context.keep(buffer, images=False)
    return context.packed(buffer)


def _partials(name: str, x: Image) -> Buffer:
    return Buffer(name, (x.images, 2, x.channels))


def _whole(context: Context, partials: Buffer) -> Buffer:
    """The partials of all of the batch."""
    return Buffer(partials.name, (context.batch, *partials.shape[1:]))
