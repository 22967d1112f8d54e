"""Pooling: the largest or the mean value of each window."""

import numpy as np

from mirada.network import AvgPool2d, GlobalAvgPool2d, MaxPool2d
from mirada.reference.layer import Array, Arrays, Inputs, Moment, Rule
from mirada.reference.window import Grid

__all__ = ["AVG_POOL", "GLOBAL_AVG_POOL", "MAX_POOL"]

Gradients = tuple[Inputs, dict[str, Array]]


def _seen(layer: MaxPool2d, inputs: Inputs) -> tuple[Grid, Array]:
    """The grid, and what every tap reads: (taps, n, c, oh, ow); padding is -inf."""
    grid = Grid.over(inputs[0], layer.windows(inputs[0].shape[1:]))
    canvas = grid.canvas(inputs[0], -np.inf)
    return grid, np.stack([seen for _, seen in grid.taps(canvas)])


def _max(layer: MaxPool2d, inputs: Inputs, parameters: Arrays, moment: Moment) -> Array:
    _, seen = _seen(layer, inputs)
    return np.asarray(seen.max(axis=0))


def _max_backward(
    layer: MaxPool2d,
    inputs: Inputs,
    parameters: Arrays,
    moment: Moment,
    gradient: Array,
) -> Gradients:
    """The largest pixel takes the window's gradient; among equals the first tap.

    NaN is larger than any number; among several the last one counts (PyTorch's rule).
    """
    grid, seen = _seen(layer, inputs)
    unknown = np.isnan(seen)
    last = len(seen) - 1 - unknown[::-1].argmax(axis=0)
    largest = np.where(unknown.any(axis=0), last, seen.argmax(axis=0))
    by_canvas = grid.canvas(np.zeros_like(inputs[0]))
    for place, (_, at) in enumerate(grid.taps(by_canvas)):
        at += np.where(largest == place, gradient, 0.0)
    return (grid.inner(by_canvas),), {}


def _divisors(layer: AvgPool2d, grid: Grid) -> Array:
    """How many pixels each window counts, (oh, ow).

    The padding counts when `count_padding` says so; what a window of ceil mode sees
    beyond the padding never does (PyTorch's rule).
    """
    counted = np.zeros_like(grid.canvas(np.zeros(grid.shape)))
    if layer.count_padding:
        ends = (
            w.start + n + w.end for w, n in zip(grid.windows, grid.shape, strict=True)
        )
        counted[tuple(slice(end) for end in ends)] = 1.0
    grid.inner(counted)[...] = 1.0
    return np.asarray(sum(seen for _, seen in grid.taps(counted)))


def _avg(layer: AvgPool2d, inputs: Inputs, parameters: Arrays, moment: Moment) -> Array:
    grid = Grid.over(inputs[0], layer.windows(inputs[0].shape[1:]))
    total = sum(seen for _, seen in grid.taps(grid.canvas(inputs[0])))
    return np.asarray(total / _divisors(layer, grid))


def _avg_backward(
    layer: AvgPool2d,
    inputs: Inputs,
    parameters: Arrays,
    moment: Moment,
    gradient: Array,
) -> Gradients:
    grid = Grid.over(inputs[0], layer.windows(inputs[0].shape[1:]))
    share = gradient / _divisors(layer, grid)
    by_canvas = grid.canvas(np.zeros_like(inputs[0]))
    for _, at in grid.taps(by_canvas):
        at += share
    return (grid.inner(by_canvas),), {}


def _global(
    layer: GlobalAvgPool2d, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Array:
    return np.asarray(inputs[0].mean(axis=(2, 3), keepdims=True))


def _global_backward(
    layer: GlobalAvgPool2d,
    inputs: Inputs,
    parameters: Arrays,
    moment: Moment,
    gradient: Array,
) -> Gradients:
    _, _, ih, iw = inputs[0].shape
    return (np.broadcast_to(gradient / (ih * iw), inputs[0].shape).copy(),), {}


MAX_POOL = Rule(_max, _max_backward)
AVG_POOL = Rule(_avg, _avg_backward)
GLOBAL_AVG_POOL = Rule(_global, _global_backward)
