"""What a layer does to the error of its input, and what error it adds itself.

Forward and backward for every kind of layer. Three ways cover most of them: a layer
that is linear in its input is bounded by itself with every number made positive; a
function of each element by its largest slope; what divides and normalizes by running
error analysis (`Bounded`). ReLU and max pooling have kinks: where an error could push
a value over one, the bound takes both sides in.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.network import (
    GELU,
    AvgPool2d,
    BatchNorm2d,
    GlobalAvgPool2d,
    Layer,
    LeakyReLU,
    MaxPool2d,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    Upsample,
)
from mirada.reference import RULES, Moment
from mirada.reference.window import Grid
from tests.tolerance import ELEMENTARY, Bounded

__all__ = ["LayerBound", "bound_of"]

Array = NDArray[np.float64]
Arrays = Mapping[str, Array]
Inputs = tuple[Bounded, ...]
Gradients = tuple[Inputs, dict[str, Bounded]]

_SLOPES: Mapping[type[Layer], tuple[float, float]] = {
    Sigmoid: (0.25, 0.1),
    Tanh: (1.0, 0.8),
    GELU: (1.2, 1.2),
    SiLU: (1.2, 0.6),
}
"""The largest slope of each function, and the largest slope of its slope."""

_TINY = float(np.finfo(np.float32).tiny)


class LayerBound(NamedTuple):
    """The bounds of a kind of layer, in the form of `reference.Rule`."""

    forward: Callable[[Any, Inputs, Arrays, Moment], Bounded]
    backward: Callable[[Any, Inputs, Arrays, Moment, Bounded], Gradients]


def bound_of(layer: Layer) -> LayerBound:
    """The bounds of a layer."""
    if type(layer) in _SLOPES:
        return LayerBound(_smooth, _smooth_backward)
    return _BOUNDS.get(type(layer), LayerBound(_linear, _linear_backward))


def _values(inputs: Inputs) -> tuple[Array, ...]:
    return tuple(x.value for x in inputs)


def _extra(layer: Layer, inputs: Inputs) -> int:
    """Roundings beyond the terms that a sum of ones counts."""
    if isinstance(layer, AvgPool2d):
        return int(np.prod(layer.kernel_size)) + 4
    if isinstance(layer, GlobalAvgPool2d):
        return int(inputs[0].value[0, 0].size) + 4
    return 8 if isinstance(layer, Upsample) else 4


def _linear(
    layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Bounded:
    """A sum of products, each an input times a parameter or a constant."""
    rule, positive = RULES[type(layer)], _positive(parameters)
    ones = tuple(np.ones_like(x.value) for x in inputs)
    many = rule.forward(layer, ones, _ones(parameters), moment).max()
    terms = many + _extra(layer, inputs)
    value = rule.forward(layer, _values(inputs), parameters, moment)
    least = rule.forward(
        layer, tuple(np.abs(x.value) for x in inputs), positive, moment
    )
    most = rule.forward(layer, tuple(x.size for x in inputs), positive, moment)
    bound = _grown(least, most, terms, inputs[0].u)
    if isinstance(layer, Upsample):
        # The shares of bilinear interpolation are rounded too, like their places.
        length = max(inputs[0].value.shape[2:])
        bound = bound + 8 * inputs[0].u * length * inputs[0].size.max()
    return Bounded(value, bound, inputs[0].u)


def _linear_backward(
    layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Bounded
) -> Gradients:
    rule, positive, u = RULES[type(layer)], _positive(parameters), gradient.u
    ones = tuple(np.ones_like(x.value) for x in inputs)
    sizes = tuple(np.abs(x.value) for x in inputs), tuple(x.size for x in inputs)
    one = np.ones_like(gradient.value)
    many = rule.backward(layer, ones, _ones(parameters), moment, one)
    value = rule.backward(layer, _values(inputs), parameters, moment, gradient.value)
    least = rule.backward(layer, sizes[0], positive, moment, np.abs(gradient.value))
    most = rule.backward(layer, sizes[1], positive, moment, gradient.size)
    extra = _extra(layer, inputs)
    shares = np.zeros(())
    if isinstance(layer, Upsample):
        length = max(gradient.value.shape[2:])
        shares = 8 * u * length * _near_sum(layer, gradient.size)
    by_inputs = tuple(
        Bounded(v, _grown(a, b, n.max() + extra, u) + shares, u)
        for v, a, b, n in zip(value[0], least[0], most[0], many[0], strict=True)
    )
    return by_inputs, {
        name: Bounded(
            value[1][name],
            _grown(least[1][name], most[1][name], many[1][name].max() + extra, u),
            u,
        )
        for name in value[1]
    }


def _near_sum(layer: Upsample, gradient: Array) -> Array:
    """The largest gradient, as often as pixels of it meet in one pixel before."""
    height, width = layer.scale
    return np.asarray(4 * height * width * gradient.max())


def _grown(least: Array, most: Array, terms: float, u: float) -> Array:
    """What the inputs' errors make of a sum, and the roundings of `terms` products."""
    roundings = terms * u / (1 - terms * u)
    return np.asarray(most - least + roundings * most + terms * _TINY)


def _positive(parameters: Arrays) -> dict[str, Array]:
    return {name: np.abs(value) for name, value in parameters.items()}


def _ones(parameters: Arrays) -> dict[str, Array]:
    return {name: np.ones_like(value) for name, value in parameters.items()}


def _smooth(
    layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Bounded:
    slope, _ = _SLOPES[type(layer)]
    size = np.maximum(inputs[0].size, 1.0)
    return inputs[0].apply(
        lambda x: RULES[type(layer)].forward(layer, (x,), parameters, moment),
        slope,
        size,
    )


def _smooth_backward(
    layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Bounded
) -> Gradients:
    (x,), (_, bend) = inputs, _SLOPES[type(layer)]
    one = np.ones_like(gradient.value)
    (slope,), _ = RULES[type(layer)].backward(
        layer, (x.value,), parameters, moment, one
    )
    rounded = ELEMENTARY * x.u * 2 * np.maximum(np.abs(slope), 1.0)
    return (gradient * Bounded(slope, bend * x.bound + rounded, x.u),), {}


def _relu(layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment) -> Bounded:
    """A value that is surely negative becomes exactly 0 (times the slope)."""
    (x,), slope = inputs, getattr(layer, "slope", 0.0)
    value = np.where(x.value > 0, x.value, slope * x.value)
    negative = slope * (x.bound + 2 * x.u * x.size)
    return Bounded(value, np.where(x.value < -x.bound, negative, x.bound), x.u)


def _relu_backward(
    layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Bounded
) -> Gradients:
    (x,), slope = inputs, getattr(layer, "slope", 0.0)
    fragile = (np.abs(x.value) <= x.bound) & (x.bound > 0)
    factor = np.where(x.value > 0, 1.0, slope)
    bound = factor * gradient.bound + 2 * x.u * slope * gradient.size
    bound = np.where(fragile, gradient.size, bound)
    return (Bounded(factor * gradient.value, bound, x.u),), {}


def _max_pool(
    layer: MaxPool2d, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Bounded:
    rule, (x,) = RULES[MaxPool2d], inputs
    value = rule.forward(layer, (x.value,), parameters, moment)
    return Bounded(value, rule.forward(layer, (x.bound,), parameters, moment), x.u)


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


def _softmax(
    layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Bounded:
    (x,) = inputs
    top = x.value.max(axis=1, keepdims=True), x.bound.max(axis=1, keepdims=True)
    raised = (x - Bounded(*top, x.u)).exp()
    return raised / raised.sum(axis=1)


def _softmax_backward(
    layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Bounded
) -> Gradients:
    shares = _softmax(layer, inputs, parameters, moment)
    return (shares * (gradient - (shares * gradient).sum(axis=1)),), {}


def _channels(value: Array, u: float) -> Bounded:
    return Bounded.exact(value[:, None, None], u)


def _batch_moments(
    layer: BatchNorm2d, x: Bounded, parameters: Arrays, moment: Moment
) -> tuple[Bounded, Bounded]:
    """The mean and the deviation of each channel, (1, c, 1, 1)."""
    count = x.value.size / x.value.shape[1]
    if moment.training:
        mean = x.sum((0, 2, 3)) / count
        variance = ((x - mean) * (x - mean)).sum((0, 2, 3)) / count
    else:
        mean = _channels(parameters["running_mean"], x.u)
        variance = _channels(parameters["running_var"], x.u)
    return mean, (variance + layer.epsilon).sqrt()


def _batch_norm(
    layer: BatchNorm2d, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Bounded:
    (x,) = inputs
    mean, deviation = _batch_moments(layer, x, parameters, moment)
    scale = _channels(parameters["weight"], x.u) / deviation
    found = x * scale - mean * scale + _channels(parameters["bias"], x.u)
    value = RULES[BatchNorm2d].forward(layer, (x.value,), parameters, moment)
    return Bounded(value, found.bound, x.u)


def _batch_norm_backward(
    layer: BatchNorm2d,
    inputs: Inputs,
    parameters: Arrays,
    moment: Moment,
    gradient: Bounded,
) -> Gradients:
    (x,), axes = inputs, (0, 2, 3)
    count = x.value.size / x.value.shape[1]
    mean, deviation = _batch_moments(layer, x, parameters, moment)
    normal = (x - mean) / deviation
    passed = gradient
    if moment.training:
        passed = passed - gradient.sum(axes) / count
        passed = passed - normal * ((gradient * normal).sum(axes) / count)
    by_input = passed * (_channels(parameters["weight"], x.u) / deviation)
    sums = {"weight": (gradient * normal).sum(axes), "bias": gradient.sum(axes)}
    flat = {n: Bounded(s.value.ravel(), s.bound.ravel(), x.u) for n, s in sums.items()}
    return (by_input,), flat


_BOUNDS: Mapping[type[Layer], LayerBound] = {
    ReLU: LayerBound(_relu, _relu_backward),
    LeakyReLU: LayerBound(_relu, _relu_backward),
    MaxPool2d: LayerBound(_max_pool, _max_pool_backward),
    Softmax: LayerBound(_softmax, _softmax_backward),
    BatchNorm2d: LayerBound(_batch_norm, _batch_norm_backward),
}
