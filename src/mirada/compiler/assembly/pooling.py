"""Pooling by itself."""

from mirada.compiler.assembly.door import Door
from mirada.compiler.context import Context, Into, Work
from mirada.compiler.ir import Kernel
from mirada.compiler.lowering import pooling
from mirada.compiler.lowering.layout import Image
from mirada.compiler.lowering.pooling_gradient import Divisors
from mirada.compiler.schedules import channels, windowed
from mirada.compiler.stages import Stage
from mirada.network import AvgPool2d
from mirada.network.window import Window

__all__ = ["AveragePoolDoor", "MaxPoolDoor"]


def _area(stage: Stage) -> int:
    down, across = stage.slide
    return down.size * across.size


class MaxPoolDoor(Door):
    """The largest value of each window."""

    fill = float("-inf")

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        windows, name = stage.slide, stage.node.name
        x = context.surrounded(stage, xs[0], self.fill)
        choice = None
        if context.form.backward:
            choice = context.keep(pooling.choices(f"{name}.choice", windows, y))

        def make() -> Kernel:
            kernel = pooling.max_forward(name, windows, x, y, choice)
            return windowed(kernel, y.channels, _area(stage), context.target)

        context.work(f"{name}.forward", make, Work(rows=y.height))

    def backward(
        self,
        context: Context,
        stage: Stage,
        xs: tuple[Image, ...],
        y: Image,
        dy: Image,
        into: tuple[Into | None, ...],
    ) -> None:
        (to,) = into
        if to is None:
            return
        windows, name = stage.slide, f"{stage.node.name}.backward"
        choice = pooling.choices(f"{stage.node.name}.choice", windows, y)

        def make() -> Kernel:
            kernel = pooling.max_backward(
                name, windows, choice, dy, to.image, add=to.add
            )
            return channels(kernel, y.channels, context.target, 1)

        context.work(name, make)


def _divisors(stage: Stage) -> Divisors:
    """How many rows and columns of each average pooling window count."""
    layer, windows = stage.layer, stage.slide
    padding = not isinstance(layer, AvgPool2d) or layer.count_padding
    lengths = stage.input[1:]
    down, across = (
        [_counted(window, length, at, padding) for at in range(window.output(length))]
        for window, length in zip(windows, lengths, strict=True)
    )
    return down, across


def _counted(window: Window, length: int, at: int, padding: bool) -> int:
    """Positions of one window that count; what lies beyond the padding never does."""
    start = at * window.stride - window.start
    end = min(start + window.size, length + window.end)
    if padding:
        return end - start
    return max(min(end, length) - max(start, 0), 1)


class AveragePoolDoor(Door):
    """The mean of each window, or of the whole image."""

    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        (x,), windows, name = xs, stage.slide, stage.node.name

        def make() -> Kernel:
            kernel = pooling.average_forward(name, windows, _divisors(stage), x, y)
            return windowed(kernel, y.channels, _area(stage), context.target)

        context.work(f"{name}.forward", make, Work(rows=y.height))

    def backward(
        self,
        context: Context,
        stage: Stage,
        xs: tuple[Image, ...],
        y: Image,
        dy: Image,
        into: tuple[Into | None, ...],
    ) -> None:
        (to,) = into
        if to is None:
            return
        windows, name = stage.slide, f"{stage.node.name}.backward"

        def make() -> Kernel:
            kernel = pooling.average_backward(
                name, windows, _divisors(stage), dy, to.image, add=to.add
            )
            return channels(kernel, y.channels, context.target, 1)

        context.work(name, make)
