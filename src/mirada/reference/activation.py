"""Activations: a function of each element with its slope, and softmax."""

from collections.abc import Callable
from math import erf, pi, sqrt
from typing import TypeVar

import numpy as np

from mirada import network
from mirada.network import LeakyReLU, Softmax
from mirada.reference.layer import Array, Arrays, Inputs, Moment, Rule

__all__ = [
    "GELU",
    "HARDSIGMOID",
    "HARDSWISH",
    "LEAKY_RELU",
    "RELU",
    "RELU6",
    "SIGMOID",
    "SILU",
    "SOFTMAX",
    "TANH",
    "log_softmax",
    "softmax",
]

L = TypeVar("L")
Function = Callable[[L, Array], Array]
Gradients = tuple[Inputs, dict[str, Array]]

_erf = np.vectorize(erf, otypes=[np.float64])


def _elementwise(value: Function[L], slope: Function[L]) -> Rule[L]:
    """The rule of a function of each element, from the function and its derivative."""

    def forward(layer: L, inputs: Inputs, parameters: Arrays, moment: Moment) -> Array:
        return value(layer, inputs[0])

    def backward(
        layer: L, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Array
    ) -> Gradients:
        return (gradient * slope(layer, inputs[0]),), {}

    return Rule(forward, backward)


def _sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), written so that nothing overflows."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -x)))


def _relu(layer: object, x: Array) -> Array:
    return np.maximum(x, 0.0)


def _relu_slope(layer: object, x: Array) -> Array:
    """1 where x is positive; at 0 itself the slope is 0."""
    return np.where(x > 0, 1.0, 0.0)


def _relu6(layer: object, x: Array) -> Array:
    return np.clip(x, 0.0, 6.0)


def _relu6_slope(layer: object, x: Array) -> Array:
    """1 between 0 and 6; at both ends the slope is 0."""
    return np.where((x > 0) & (x < 6), 1.0, 0.0)


def _leaky_relu(layer: LeakyReLU, x: Array) -> Array:
    return np.where(x > 0, x, layer.slope * x)


def _leaky_relu_slope(layer: LeakyReLU, x: Array) -> Array:
    return np.where(x > 0, 1.0, layer.slope)


def _logistic(layer: object, x: Array) -> Array:
    return _sigmoid(x)


def _logistic_slope(layer: object, x: Array) -> Array:
    return _sigmoid(x) * _sigmoid(-x)


def _tanh(layer: object, x: Array) -> Array:
    return np.asarray(np.tanh(x))


def _tanh_slope(layer: object, x: Array) -> Array:
    return np.asarray(1.0 - np.tanh(x) ** 2)


def _silu(layer: object, x: Array) -> Array:
    return x * _sigmoid(x)


def _silu_slope(layer: object, x: Array) -> Array:
    return _sigmoid(x) * (1.0 + x * _sigmoid(-x))


def _gelu(layer: network.GELU, x: Array) -> Array:
    """The exact x * Phi(x), or 0.5 x (1 + tanh(u)) with u about x * sqrt(2 / pi)."""
    if layer.approximate == "none":
        return np.asarray(x * 0.5 * (1.0 + _erf(x / sqrt(2.0))))
    u = sqrt(2.0 / pi) * (x + 0.044715 * x**3)
    return np.asarray(0.5 * x * (1.0 + np.tanh(u)))


def _gelu_slope(layer: network.GELU, x: Array) -> Array:
    if layer.approximate == "none":
        density = np.exp(-0.5 * x**2) / sqrt(2.0 * pi)
        return np.asarray(0.5 * (1.0 + _erf(x / sqrt(2.0))) + x * density)
    u = sqrt(2.0 / pi) * (x + 0.044715 * x**3)
    u_slope = sqrt(2.0 / pi) * (1.0 + 3 * 0.044715 * x**2)
    bend = 0.5 * x * (1.0 - np.tanh(u) ** 2) * u_slope
    return np.asarray(0.5 * (1.0 + np.tanh(u)) + bend)


def _hardsigmoid(layer: object, x: Array) -> Array:
    return np.asarray(np.clip(x + 3.0, 0.0, 6.0) / 6.0)


def _hardsigmoid_slope(layer: object, x: Array) -> Array:
    """1 / 6 between -3 and 3; at both ends the slope is 0."""
    return np.where(np.abs(x) < 3, 1.0 / 6.0, 0.0)


def _hardswish(layer: object, x: Array) -> Array:
    return x * _hardsigmoid(layer, x)


def _hardswish_slope(layer: object, x: Array) -> Array:
    """The line x / 3 + 1 / 2 from -3 to 3; 0 before, 1 behind, at its ends too."""
    return np.where(np.abs(x) < 3, x / 3.0 + 0.5, np.where(x > 0, 1.0, 0.0))


def log_softmax(scores: Array) -> Array:
    """The logarithm of softmax over axis 1.

    >>> np.exp(log_softmax(np.array([[1000.0, 1001.0, 1002.0]]))).round(4).tolist()
    [[0.09, 0.2447, 0.6652]]
    """
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def softmax(scores: Array) -> Array:
    """The probabilities exp(x) / sum of exp(x), of scores over the second axis.

    >>> softmax(np.array([[0.0, 0.0, -1000.0]])).tolist()
    [[0.5, 0.5, 0.0]]
    """
    return np.asarray(np.exp(log_softmax(scores)))


def _softmax(
    layer: Softmax, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Array:
    return softmax(inputs[0])


def _softmax_backward(
    layer: Softmax, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Array
) -> Gradients:
    """p[i] * (g[i] - sum of p[j] * g[j])."""
    shares = softmax(inputs[0])
    mean = (shares * gradient).sum(axis=1, keepdims=True)
    return (shares * (gradient - mean),), {}


RELU = _elementwise(_relu, _relu_slope)
RELU6 = _elementwise(_relu6, _relu6_slope)
LEAKY_RELU = _elementwise(_leaky_relu, _leaky_relu_slope)
SIGMOID = _elementwise(_logistic, _logistic_slope)
TANH = _elementwise(_tanh, _tanh_slope)
GELU = _elementwise(_gelu, _gelu_slope)
SILU = _elementwise(_silu, _silu_slope)
HARDSIGMOID = _elementwise(_hardsigmoid, _hardsigmoid_slope)
HARDSWISH = _elementwise(_hardswish, _hardswish_slope)
SOFTMAX = Rule(_softmax, _softmax_backward)
