"""What a layer does to the error of its input, and what error it adds itself.

The way forward is that of `reference.bounds`; here is the way back, for every kind of
layer, by the same means. ReLU and max pooling have kinks: where an error could push a
value over one, the bound takes both sides in.
"""

from collections.abc import Callable, Mapping
from functools import reduce
from operator import mul
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.network import (
    GELU,
    BatchNorm2d,
    Hardsigmoid,
    Hardswish,
    Layer,
    LeakyReLU,
    MaxPool2d,
    Multiply,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    Upsample,
)
from mirada.reference import RULES, Moment
from mirada.reference.bounds import (
    Forward,
    batch_moments,
    channels,
    extra_roundings,
    forward_bound,
    grown,
    ones_of,
    positive_of,
    softmax_bound,
    values,
)
from mirada.reference.window import Grid
from tests.tolerance import ELEMENTARY, Bounded

__all__ = ["LayerBound", "bound_of"]

Array = NDArray[np.float64]
Arrays = Mapping[str, Array]
Inputs = tuple[Bounded, ...]
Gradients = tuple[Inputs, dict[str, Bounded]]
Backward = Callable[[Any, Inputs, Arrays, Moment, Bounded], Gradients]

_SLOPES: Mapping[type[Layer], float] = {Sigmoid: 0.1, Tanh: 0.8, GELU: 1.2, SiLU: 0.6}
"""The largest slope of each function's slope."""


_KINKS: Mapping[type[Layer], tuple[float, float]] = {
    ReLU6: (0.0, 6.0),
    Hardsigmoid: (-3.0, 3.0),
    Hardswish: (-3.0, 3.0),
}
"""Where a function's slope jumps; between these its slope rises by at most 1 / 3."""


class LayerBound(NamedTuple):
    """The bounds of a kind of layer, in the form of `reference.Rule`."""

    forward: Forward
    backward: Backward


def bound_of(layer: Layer) -> LayerBound:
    """The bounds of a layer."""
    backward = _BACKWARD.get(type(layer), _linear_backward)
    return LayerBound(forward_bound(layer), backward)


def _linear_backward(
    layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Bounded
) -> Gradients:
    rule, positive, u = RULES[type(layer)], positive_of(parameters), gradient.u
    ones = tuple(np.ones_like(x.value) for x in inputs)
    sizes = tuple(np.abs(x.value) for x in inputs), tuple(x.size for x in inputs)
    one = np.ones_like(gradient.value)
    many = rule.backward(layer, ones, ones_of(parameters), moment, one)
    value = rule.backward(layer, values(inputs), parameters, moment, gradient.value)
    least = rule.backward(layer, sizes[0], positive, moment, np.abs(gradient.value))
    most = rule.backward(layer, sizes[1], positive, moment, gradient.size)
    extra = extra_roundings(layer, inputs)
    shares = np.zeros(())
    if isinstance(layer, Upsample):
        length = max(gradient.value.shape[2:])
        shares = 8 * u * length * _near_sum(layer, gradient.size)
    by_inputs = tuple(
        Bounded(v, grown(a, b, n.max() + extra, u) + shares, u)
        for v, a, b, n in zip(value[0], least[0], most[0], many[0], strict=True)
    )
    return by_inputs, {
        name: Bounded(
            value[1][name],
            grown(least[1][name], most[1][name], many[1][name].max() + extra, u),
            u,
        )
        for name in value[1]
    }


def _near_sum(layer: Upsample, gradient: Array) -> Array:
    """The largest gradient, as often as pixels of it meet in one pixel before."""
    height, width = layer.scale
    return np.asarray(4 * height * width * gradient.max())


def _smooth_backward(
    layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Bounded
) -> Gradients:
    (x,), bend = inputs, _SLOPES[type(layer)]
    one = np.ones_like(gradient.value)
    (slope,), _ = RULES[type(layer)].backward(
        layer, (x.value,), parameters, moment, one
    )
    rounded = ELEMENTARY * x.u * 2 * np.maximum(np.abs(slope), 1.0)
    return (gradient * Bounded(slope, bend * x.bound + rounded, x.u),), {}


def _relu_backward(
    layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Bounded
) -> Gradients:
    (x,), slope = inputs, getattr(layer, "slope", 0.0)
    fragile = (np.abs(x.value) <= x.bound) & (x.bound > 0)
    factor = np.where(x.value > 0, 1.0, slope)
    bound = factor * gradient.bound + 2 * x.u * slope * gradient.size
    bound = np.where(fragile, gradient.size, bound)
    return (Bounded(factor * gradient.value, bound, x.u),), {}


def _kinked_backward(
    layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Bounded
) -> Gradients:
    """Near a kink the slope may be either side's: none is off by more than 2."""
    (x,), kinks = inputs, _KINKS[type(layer)]
    one = np.ones_like(gradient.value)
    (slope,), _ = RULES[type(layer)].backward(
        layer, (x.value,), parameters, moment, one
    )
    fragile = np.any([np.abs(x.value - kink) <= x.bound for kink in kinks], axis=0)
    rounded = x.bound / 3 + ELEMENTARY * x.u * np.maximum(np.abs(slope), 1.0)
    bound = np.where(fragile & (x.bound > 0), 2.0, rounded)
    return (gradient * Bounded(slope, bound, x.u),), {}


def _product_backward(
    layer: Multiply,
    inputs: Inputs,
    parameters: Arrays,
    moment: Moment,
    gradient: Bounded,
) -> Gradients:
    found = []
    for place, x in enumerate(inputs):
        slope = reduce(mul, (*inputs[:place], *inputs[place + 1 :]), gradient)
        gate = x.value.shape != gradient.value.shape
        found.append(slope.sum((2, 3)) if gate else slope)
    return tuple(found), {}


def _max_pool_backward(
    layer: MaxPool2d,
    inputs: Inputs,
    parameters: Arrays,
    moment: Moment,
    gradient: Bounded,
) -> Gradients:
    """Every pixel that could be its window's largest could take the gradient."""
    rule, (x,) = RULES[MaxPool2d], inputs
    (value,), _ = rule.backward(layer, (x.value,), parameters, moment, gradient.value)
    grid = Grid.over(x.value, layer.windows(x.value.shape[1:]))
    low = np.stack([s for _, s in grid.taps(grid.canvas(x.value - x.bound, -np.inf))])
    high = np.stack([s for _, s in grid.taps(grid.canvas(x.value + x.bound, -np.inf))])
    could = high >= low.max(axis=0)
    exact = np.all(~could | (high == low), axis=0)
    first = np.arange(len(low))[:, None, None, None, None] == low.argmax(axis=0)
    sure = exact | (could.sum(axis=0) == 1)
    canvas = grid.canvas(np.zeros_like(x.value))
    for place, (_, at) in enumerate(grid.taps(canvas)):
        at += np.where(
            sure,
            np.where(first[place], gradient.bound, 0.0),
            np.where(could[place], gradient.size, 0.0),
        )
    taps = grid.windows[0].size * grid.windows[1].size
    rounded = taps * x.u * (np.abs(value) + grid.inner(canvas))
    return (Bounded(value, grid.inner(canvas) + rounded, x.u),), {}


def _softmax_backward(
    layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Bounded
) -> Gradients:
    shares = softmax_bound(layer, inputs, parameters, moment)
    return (shares * (gradient - (shares * gradient).sum(axis=1)),), {}


def _batch_norm_backward(
    layer: BatchNorm2d,
    inputs: Inputs,
    parameters: Arrays,
    moment: Moment,
    gradient: Bounded,
) -> Gradients:
    (x,), axes = inputs, (0, 2, 3)
    count = x.value.size / x.value.shape[1]
    mean, deviation = batch_moments(layer, x, parameters, moment)
    normal = (x - mean) / deviation
    passed = gradient
    if moment.training:
        passed = passed - gradient.sum(axes) / count
        passed = passed - normal * ((gradient * normal).sum(axes) / count)
    by_input = passed * (channels(parameters["weight"], x.u) / deviation)
    sums = {"weight": (gradient * normal).sum(axes), "bias": gradient.sum(axes)}
    flat = {n: Bounded(s.value.ravel(), s.bound.ravel(), x.u) for n, s in sums.items()}
    return (by_input,), flat


_BACKWARD: Mapping[type[Layer], Backward] = {
    **dict.fromkeys(_SLOPES, _smooth_backward),
    **dict.fromkeys(_KINKS, _kinked_backward),
    Multiply: _product_backward,
    ReLU: _relu_backward,
    LeakyReLU: _relu_backward,
    MaxPool2d: _max_pool_backward,
    Softmax: _softmax_backward,
    BatchNorm2d: _batch_norm_backward,
}
