"""The entry of a kind of stage: what it adds to a program, and the room it needs."""

from abc import ABC, abstractmethod
from typing import ClassVar

from mirada.compiler.context import Context, Into, Margins
from mirada.compiler.ir import Buffer
from mirada.compiler.lowering.layout import Image
from mirada.compiler.stages import Stage
from mirada.network import Shape
from mirada.network.window import Window

__all__ = ["Door", "bare", "window_margins"]


class Door(ABC):
    """Forward and backward of one kind of stage; abstract."""

    fill: ClassVar[float] = 0.0
    """What the border of its input holds."""

    @abstractmethod
    def forward(
        self, context: Context, stage: Stage, xs: tuple[Image, ...], y: Image
    ) -> None:
        """Adds what computes the value y from the values xs."""

    @abstractmethod
    def backward(
        self,
        context: Context,
        stage: Stage,
        xs: tuple[Image, ...],
        y: Image,
        dy: Image,
        into: tuple[Into | None, ...],
    ) -> None:
        """Adds what computes the gradients, by each x where `into` says where to."""

    def margins(self, context: Context, stage: Stage) -> Margins:
        """The border that its input needs."""
        return window_margins(stage)

    def arriving(self, context: Context, stage: Stage) -> Margins:
        """The border that the gradient by its value needs; zeros are its own affair."""
        return Margins()

    def scattered(self, context: Context, stage: Stage) -> Margins:
        """How far beyond the pixels it writes, in the gradient by its input."""
        return Margins()


def bare(shape: Shape, margins: Margins = Margins()) -> Image:  # noqa: B008
    """One image of this shape in a border, for questions about where things lie."""
    channels, height, width = shape
    rows = margins.top + height + margins.bottom
    columns = margins.left + width + margins.right
    buffer = Buffer("bare", (1, rows, columns, channels))
    return Image(buffer, channels, height, width, margins.top, margins.left)


def window_margins(stage: Stage) -> Margins:
    """The border that the windows of a stage reach into."""
    if stage.windows is None or len(stage.input) != 3:
        return Margins()
    down, across = stage.windows
    bottom, right = (
        max(_reach(window, length) - window.start - length, 0)
        for window, length in zip(stage.windows, stage.input[1:], strict=True)
    )
    return Margins(down.start, across.start, bottom, right)


def _reach(window: Window, length: int) -> int:
    """The length, padding included, that the windows along one axis read."""
    return (window.output(length) - 1) * window.stride + window.span
