"""The fully connected layer, and the flattening before it."""

import numpy as np

from mirada.network import Flatten, Linear
from mirada.reference.layer import Array, Arrays, Inputs, Moment, Rule

__all__ = ["FLATTEN", "LINEAR"]

Gradients = tuple[Inputs, dict[str, Array]]


def _flatten(
    layer: Flatten, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Array:
    return inputs[0].reshape(len(inputs[0]), int(np.prod(inputs[0].shape[1:])))


def _flatten_backward(
    layer: Flatten, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Array
) -> Gradients:
    return (gradient.reshape(inputs[0].shape),), {}


def _linear(layer: Linear, inputs: Inputs, parameters: Arrays, moment: Moment) -> Array:
    """The sum y = W x + b for every vector x, the rows of the input."""
    output = inputs[0] @ parameters["weight"].T
    return np.asarray(output + parameters["bias"] if layer.bias else output)


def _linear_backward(
    layer: Linear, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Array
) -> Gradients:
    found = {"weight": gradient.T @ inputs[0]}
    if layer.bias:
        found["bias"] = gradient.sum(axis=0)
    return (gradient @ parameters["weight"],), found


FLATTEN = Rule(_flatten, _flatten_backward)
LINEAR = Rule(_linear, _linear_backward)
