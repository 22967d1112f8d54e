"""Pooling by itself."""

from mirada.compiler.context import Context
from mirada.compiler.ir import Kernel
from mirada.compiler.lowering import pooling
from mirada.compiler.lowering.layout import Image
from mirada.compiler.schedules import vectors
from mirada.compiler.stages import Stage
from mirada.network import AvgPool2d
from mirada.network.window import Window

__all__ = ["average_backward", "average_forward", "max_backward", "max_forward"]


def max_forward(context: Context, stage: Stage, x: Image, y: Image) -> None:
    """Adds what computes y from x."""
    windows, name = stage.slide, stage.node.name
    choice = None
    if context.training:
        choice = pooling.choices(f"{name}.choice", windows, y)
        context.buffer("workspace", choice)

    def make() -> Kernel:
        kernel = pooling.max_forward(name, windows, x, y, choice)
        return vectors(kernel, "oc", y.channels, context.target)

    context.call("block", f"{name}.forward", make)


def max_backward(
    context: Context, stage: Stage, x: Image, y: Image, dy: Image, dx: Image | None
) -> None:
    """Adds what computes the gradients, that by x where dx is wanted."""
    if dx is None:
        return
    windows, name = stage.slide, f"{stage.node.name}.backward"
    choice = pooling.choices(f"{stage.node.name}.choice", windows, y)
    context.clear("block", dx.buffer)
    context.call(
        "block", name, lambda: pooling.max_backward(name, windows, choice, dy, dx)
    )


def _divisors(stage: Stage) -> tuple[float, ...]:
    """By what the sum of each average pooling window is divided, in order."""
    layer, windows = stage.layer, stage.slide
    padding = not isinstance(layer, AvgPool2d) or layer.count_padding
    lengths = stage.input[1:]
    counted = [
        [_counted(window, length, at, padding) for at in range(window.output(length))]
        for window, length in zip(windows, lengths, strict=True)
    ]
    return tuple(float(rows * columns) for rows in counted[0] for columns in counted[1])


def _counted(window: Window, length: int, at: int, padding: bool) -> int:
    """Positions of one window that count; what lies beyond the padding never does."""
    start = at * window.stride - window.start
    end = min(start + window.size, length + window.end)
    if padding:
        return end - start
    return max(min(end, length) - max(start, 0), 1)


def average_forward(context: Context, stage: Stage, x: Image, y: Image) -> None:
    """Adds what computes y from x."""
    windows, name = stage.slide, stage.node.name

    def make() -> Kernel:
        kernel = pooling.average_forward(name, windows, _divisors(stage), x, y)
        return vectors(kernel, "oc", y.channels, context.target)

    context.call("block", f"{name}.forward", make)


def average_backward(
    context: Context, stage: Stage, x: Image, y: Image, dy: Image, dx: Image | None
) -> None:
    """Adds what computes the gradients, that by x where dx is wanted."""
    if dx is None:
        return
    windows, name = stage.slide, f"{stage.node.name}.backward"
    context.clear("block", dx.buffer)

    def make() -> Kernel:
        kernel = pooling.average_backward(name, windows, _divisors(stage), dy, dx)
        return vectors(kernel, "oc", y.channels, context.target)

    context.call("block", name, make)
