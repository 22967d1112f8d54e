"""Pooling: the largest or the mean value of each window; nothing is learned."""

from dataclasses import dataclass
from typing import Protocol, cast

from mirada.errors import ShapeError
from mirada.network.field import Flag, Optional, Pair, Whole
from mirada.network.layer import Layer, Shape, image, slide
from mirada.network.window import Padding, Sides, Window

__all__ = ["AvgPool2d", "GlobalAvgPool2d", "MaxPool2d"]


class _Pooling(Protocol):
    @property
    def kernel_size(self) -> tuple[int, int]: ...
    @property
    def padding(self) -> Sides | str: ...
    @property
    def ceil(self) -> bool: ...
    @property
    def step(self) -> tuple[int, int]: ...


@dataclass(frozen=True)
class MaxPool2d(Layer):
    """The largest value of each window; the stride is the kernel unless given.

    >>> MaxPool2d(2).output((6, 28, 28)), MaxPool2d(3, stride=2).text()
    ((6, 14, 14), 'maxpool 3 stride 2')
    """

    kind = "maxpool"
    positional = ("kernel_size",)
    words = {"padding": "pad"}  # noqa: RUF012

    kernel_size: Pair = Pair(Whole(1, 255))
    stride: Optional[tuple[int, int]] = Optional(Pair(Whole(1, 64)))
    padding: Padding = Padding(same=False)
    dilation: Pair = Pair(Whole(1, 64), 1)
    ceil: Flag = Flag(False)

    @property
    def step(self) -> tuple[int, int]:
        """The stride in use."""
        return self.stride or self.kernel_size

    def output(self, *inputs: Shape) -> Shape:
        return _pooled(self, self, inputs[0])

    def windows(self, shape: Shape) -> tuple[Window, Window]:
        return _window(self, 0, self.dilation[0]), _window(self, 1, self.dilation[1])


@dataclass(frozen=True)
class AvgPool2d(Layer):
    """The mean of each window.

    With `count_padding` (PyTorch's default) the zeros of the padding are counted.
    """

    kind = "avgpool"
    positional = ("kernel_size",)
    words = {"padding": "pad", "count_padding": "countpad"}  # noqa: RUF012

    kernel_size: Pair = Pair(Whole(1, 255))
    stride: Optional[tuple[int, int]] = Optional(Pair(Whole(1, 64)))
    padding: Padding = Padding(same=False)
    ceil: Flag = Flag(False)
    count_padding: Flag = Flag(True)

    @property
    def step(self) -> tuple[int, int]:
        """The stride in use."""
        return self.stride or self.kernel_size

    def output(self, *inputs: Shape) -> Shape:
        return _pooled(self, self, inputs[0])

    def windows(self, shape: Shape) -> tuple[Window, Window]:
        return _window(self, 0), _window(self, 1)


@dataclass(frozen=True)
class GlobalAvgPool2d(Layer):
    """The mean of each channel over the whole image."""

    kind = "globalavgpool"

    def output(self, *inputs: Shape) -> Shape:
        return image(self, inputs[0])[0], 1, 1

    def windows(self, shape: Shape) -> tuple[Window, Window]:
        return Window(shape[1]), Window(shape[2])


def _window(layer: _Pooling, axis: int, dilation: int = 1) -> Window:
    sides = cast(Sides, layer.padding)
    start, end = sides[2 * axis], sides[2 * axis + 1]
    size, step = layer.kernel_size[axis], layer.step[axis]
    return Window(size, step, start, end, dilation, layer.ceil)


def _pooled(layer: Layer, pooling: _Pooling, shape: Shape) -> Shape:
    channels, _, _ = image(layer, shape)
    height, width = pooling.kernel_size
    halves = (height // 2, height // 2, width // 2, width // 2)
    sides = cast(Sides, pooling.padding)
    if any(p > half for p, half in zip(sides, halves, strict=True)):
        raise ShapeError(
            "pool-padding",
            "{layer} pads {padding}, more than half of its {kernel} window, so that "
            "some windows would see only padding. Pad at most {most}.{remedy}",
            padding=pooling.padding,
            kernel=f"{height}x{width}",
            most=f"{height // 2}x{width // 2}",
            **layer.place(),
        )
    counts = slide(layer, shape)
    windows = layer.windows(shape)
    assert windows is not None
    if any(w.blind(n) for w, n in zip(windows, shape[1:], strict=True)):
        raise ShapeError(
            "pool-blind",
            "{layer} has a window that sees only padding, because its dilation steps "
            "over the {given} that {source} gives. Use less padding or a smaller "
            "dilation.{remedy}",
            given="x".join(map(str, shape[1:])),
            **layer.place(),
        )
    return (channels, *counts)
