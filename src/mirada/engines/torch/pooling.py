"""Pooling: the largest or the mean value of each window.

PyTorch pads both sides alike. Where they differ the image is padded before, as far as
the last windows of ceil mode reach.
"""

import torch
from torch import nn
from torch.nn import functional

from mirada.engines.torch.layer import Compute, Inputs, Moment, Own, sides_of
from mirada.network import AvgPool2d, GlobalAvgPool2d, MaxPool2d
from mirada.network.layer import Shape
from mirada.network.window import Sides, Window, added

__all__ = ["avg_pool", "global_avg_pool", "max_pool"]


def _reach(windows: tuple[Window, Window], sides: Sides, shape: Shape) -> Sides:
    """The padding, and at the ends what ceil mode reads beyond it."""
    rows, columns = windows
    return added(sides, (0, columns.excess(shape[2]), 0, rows.excess(shape[1])))


def max_pool(layer: MaxPool2d, shapes: tuple[Shape, ...]) -> Compute:
    """The largest value of each window; padding is smaller than any."""
    windows, sides = sides_of(layer, shapes[0])
    left, right, top, bottom = sides
    alike = left == right and top == bottom
    reach = _reach(windows, sides, shapes[0])
    padding = (top, left) if alike else 0
    rest = layer.step, padding, layer.dilation, layer.ceil and alike

    def compute(inputs: Inputs, own: Own, moment: Moment) -> torch.Tensor:
        image = inputs[0]
        if not alike:
            image = functional.pad(image, reach, value=float("-inf"))
        return functional.max_pool2d(image, layer.kernel_size, *rest)

    return compute


def avg_pool(layer: AvgPool2d, shapes: tuple[Shape, ...]) -> Compute:
    """The mean of each window, over what `count_padding` says."""
    windows, sides = sides_of(layer, shapes[0])
    left, right, top, bottom = sides
    if left != right or top != bottom:
        return _UnevenAverage(layer, windows, shapes[0], sides)

    def compute(inputs: Inputs, own: Own, moment: Moment) -> torch.Tensor:
        return functional.avg_pool2d(
            inputs[0],
            layer.kernel_size,
            layer.step,
            (top, left),
            layer.ceil,
            layer.count_padding,
        )

    return compute


class _UnevenAverage(nn.Module):
    """The mean of windows over four different sides: a sum, and how many it counts."""

    def __init__(
        self,
        layer: AvgPool2d,
        windows: tuple[Window, Window],
        shape: Shape,
        sides: Sides,
    ) -> None:
        super().__init__()
        self.layer, self.reach = layer, _reach(windows, sides, shape)
        rows, columns = (
            _counted(w, n, layer.count_padding)
            for w, n in zip(windows, shape[1:], strict=True)
        )
        self.register_buffer("counts", rows[:, None] * columns)

    def forward(self, inputs: Inputs, own: Own, moment: Moment) -> torch.Tensor:
        padded = functional.pad(inputs[0], self.reach)
        kernel, step = self.layer.kernel_size, self.layer.step
        sums = functional.avg_pool2d(padded, kernel, step, divisor_override=1)
        return sums / self.counts


def _counted(window: Window, length: int, padding: bool) -> torch.Tensor:
    """How many pixels each window along one axis counts.

    What it sees beyond the padding, in ceil mode, never does (PyTorch's rule).
    """
    first = -window.start if padding else 0
    last = length + window.end if padding else length
    starts = [n * window.stride - window.start for n in range(window.output(length))]
    ends = [min(at + window.size, last) for at in starts]
    counts = [end - max(at, first) for at, end in zip(starts, ends, strict=True)]
    return torch.tensor(counts, dtype=torch.float32)


def global_avg_pool(layer: GlobalAvgPool2d, shapes: tuple[Shape, ...]) -> Compute:
    """The mean of each channel over the whole image."""
    return lambda inputs, own, moment: inputs[0].mean((2, 3), keepdim=True)
