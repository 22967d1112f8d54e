"""What a layer does to the error of its input, and what error it adds itself.

Three ways cover most kinds of layers: one that is linear in its input is bounded by
itself with every number made positive; a function of each element by its largest slope;
what divides and normalizes by running error analysis (`Bounded`).
"""

from collections.abc import Callable, Collection, Mapping
from functools import reduce
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mirada.network import (
    GELU,
    INPUT,
    AvgPool2d,
    BatchNorm2d,
    GlobalAvgPool2d,
    Hardsigmoid,
    Hardswish,
    Layer,
    LeakyReLU,
    MaxPool2d,
    Multiply,
    Network,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
    Upsample,
)
from mirada.reference.layer import Moment
from mirada.reference.network import RULES, own_parameters
from mirada.reference.rounding import Bounded, unit

__all__ = [
    "Forward",
    "batch_moments",
    "channels",
    "extra_roundings",
    "forward_bound",
    "forward_bounds",
    "grown",
    "ones_of",
    "positive_of",
    "softmax_bound",
    "values",
]

Array = NDArray[np.float64]
Arrays = Mapping[str, Array]
Inputs = tuple[Bounded, ...]
Forward = Callable[[Any, Inputs, Arrays, Moment], Bounded]
"""The forward rule of a layer, on values with their bounds."""

_SLOPES: Mapping[type[Layer], float] = {
    Sigmoid: 0.25,
    Tanh: 1.0,
    GELU: 1.2,
    SiLU: 1.2,
    ReLU6: 1.0,
    Hardsigmoid: 1 / 6,
    Hardswish: 1.5,
}
"""The largest slope of each function."""

_TINY = float(np.finfo(np.float32).tiny)


def forward_bounds(
    network: Network,
    parameters: Mapping[str, NDArray[np.floating]],
    images: NDArray[np.floating],
    dtype: DTypeLike,
    *,
    training: bool = False,
    seed: int = 0,
    step: int = 0,
    others: Mapping[str, Forward] | None = None,
    fixed: Collection[str] = (),
) -> dict[str, Bounded]:
    """The exact output of every layer, by name, with its bound in `dtype`.

    The roundings of both are counted, those of a computation in `dtype` in any order,
    and the reference's own. `others` has the bounds of layers that are computed in
    another way, by name; those in `fixed` are in inference form, as in `forward`.

    >>> network = Network("tiny", (1, 1, 2), (ReLU(), GlobalAvgPool2d()))
    >>> found = forward_bounds(network, {}, np.array([[[[1.0, 2.0]]]]), np.float32)
    >>> last = found["globalavgpool1"]
    >>> last.value.item(), 1e-8 < last.bound.item() < 1e-5
    (1.5, True)
    """
    u = unit(dtype) + unit(np.float64)
    found = {INPUT: Bounded.exact(images, u)}
    for place, node in enumerate(network.nodes):
        moment = Moment(training and node.name not in fixed, seed, step, place)
        inputs = tuple(found[name] for name in node.inputs)
        own = own_parameters(node, parameters)
        rule = (others or {}).get(node.name, forward_bound(node.layer))
        found[node.name] = rule(node.layer, inputs, own, moment)
    return found


def forward_bound(layer: Layer) -> Forward:
    """The rule of a layer."""
    return _BOUNDS.get(type(layer), _linear)


def values(inputs: Inputs) -> tuple[Array, ...]:
    """The exact values of a layer's inputs."""
    return tuple(x.value for x in inputs)


def extra_roundings(layer: Layer, inputs: Inputs) -> int:
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
    rule, positive = RULES[type(layer)], positive_of(parameters)
    ones = tuple(np.ones_like(x.value) for x in inputs)
    many = rule.forward(layer, ones, ones_of(parameters), moment).max()
    terms = many + extra_roundings(layer, inputs)
    value = rule.forward(layer, values(inputs), parameters, moment)
    least = rule.forward(
        layer, tuple(np.abs(x.value) for x in inputs), positive, moment
    )
    most = rule.forward(layer, tuple(x.size for x in inputs), positive, moment)
    bound = grown(least, most, terms, inputs[0].u)
    if isinstance(layer, Upsample):
        # The shares of bilinear interpolation are rounded too, like their places.
        length = max(inputs[0].value.shape[2:])
        bound = bound + 8 * inputs[0].u * length * inputs[0].size.max()
    return Bounded(value, bound, inputs[0].u)


def grown(least: Array, most: Array, terms: float, u: float) -> Array:
    """What the inputs' errors make of a sum, and the roundings of `terms` products."""
    roundings = terms * u / (1 - terms * u)
    return np.asarray(most - least + roundings * most + terms * _TINY)


def positive_of(parameters: Arrays) -> dict[str, Array]:
    """The magnitudes of parameters."""
    return {name: np.abs(value) for name, value in parameters.items()}


def ones_of(parameters: Arrays) -> dict[str, Array]:
    """Ones in their place, with which a layer counts its terms."""
    return {name: np.ones_like(value) for name, value in parameters.items()}


def _smooth(
    layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Bounded:
    slope = _SLOPES[type(layer)]
    size = np.maximum(inputs[0].size, 1.0)
    return inputs[0].apply(
        lambda x: RULES[type(layer)].forward(layer, (x,), parameters, moment),
        slope,
        size,
    )


def _relu(layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment) -> Bounded:
    """A value that is surely negative becomes exactly 0 (times the slope)."""
    (x,), slope = inputs, getattr(layer, "slope", 0.0)
    value = np.where(x.value > 0, x.value, slope * x.value)
    negative = slope * (x.bound + 2 * x.u * x.size)
    return Bounded(value, np.where(x.value < -x.bound, negative, x.bound), x.u)


def _max_pool(
    layer: MaxPool2d, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Bounded:
    rule, (x,) = RULES[MaxPool2d], inputs
    value = rule.forward(layer, (x.value,), parameters, moment)
    return Bounded(value, rule.forward(layer, (x.bound,), parameters, moment), x.u)


def softmax_bound(
    layer: Layer, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Bounded:
    """Softmax by the shifted exponentials."""
    (x,) = inputs
    top = x.value.max(axis=1, keepdims=True), x.bound.max(axis=1, keepdims=True)
    raised = (x - Bounded(*top, x.u)).exp()
    return raised / raised.sum(axis=1)


def channels(value: Array, u: float) -> Bounded:
    """One known value a channel, against (n, c, h, w)."""
    return Bounded.exact(value[:, None, None], u)


def batch_moments(
    layer: BatchNorm2d, x: Bounded, parameters: Arrays, moment: Moment
) -> tuple[Bounded, Bounded]:
    """The mean and the deviation of each channel, (1, c, 1, 1)."""
    count = x.value.size / x.value.shape[1]
    if moment.training:
        mean = x.sum((0, 2, 3)) / count
        variance = ((x - mean) * (x - mean)).sum((0, 2, 3)) / count
    else:
        mean = channels(parameters["running_mean"], x.u)
        variance = channels(parameters["running_var"], x.u)
    return mean, (variance + layer.epsilon).sqrt()


def _batch_norm(
    layer: BatchNorm2d, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Bounded:
    (x,) = inputs
    mean, deviation = batch_moments(layer, x, parameters, moment)
    scale = channels(parameters["weight"], x.u) / deviation
    found = x * scale - mean * scale + channels(parameters["bias"], x.u)
    value = RULES[BatchNorm2d].forward(layer, (x.value,), parameters, moment)
    return Bounded(value, found.bound, x.u)


def _product(
    layer: Multiply, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Bounded:
    """The product in any order; gates spread over their channels."""
    return reduce(mul, inputs)


_BOUNDS: Mapping[type[Layer], Forward] = {
    **dict.fromkeys(_SLOPES, _smooth),
    ReLU: _relu,
    LeakyReLU: _relu,
    MaxPool2d: _max_pool,
    Multiply: _product,
    Softmax: softmax_bound,
    BatchNorm2d: _batch_norm,
}
"""What is not linear in its input."""
