"""Joins: layers that take several inputs."""

from math import prod

import numpy as np

from mirada.network import Add, Concat, Multiply
from mirada.reference.layer import Array, Arrays, Inputs, Moment, Rule

__all__ = ["ADD", "CONCAT", "MULTIPLY"]

Gradients = tuple[Inputs, dict[str, Array]]


def _add(layer: Add, inputs: Inputs, parameters: Arrays, moment: Moment) -> Array:
    return np.asarray(sum(inputs))


def _add_backward(
    layer: Add, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Array
) -> Gradients:
    return tuple(gradient.copy() for _ in inputs), {}


def _multiply(
    layer: Multiply, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Array:
    return np.asarray(prod(inputs))


def _multiply_backward(
    layer: Multiply, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Array
) -> Gradients:
    """The gradient times all other inputs; a gate's is the sum over its channel."""
    found = []
    for place, image in enumerate(inputs):
        others = (*inputs[:place], *inputs[place + 1 :])
        slope = gradient * prod(others)
        gate = image.shape != gradient.shape
        found.append(slope.sum(axis=(2, 3), keepdims=True) if gate else slope)
    return tuple(found), {}


def _middle(image: Array, sizes: tuple[int, ...]) -> Array:
    """The centre of an image, of `sizes` (h, w); what is odd is cut at the end."""
    places: list[slice] = [slice(None), slice(None)]
    for have, want in zip(image.shape[2:], sizes, strict=True):
        start = (have - want) // 2
        places.append(slice(start, start + want))
    return image[tuple(places)]


def _smallest(inputs: Inputs) -> tuple[int, ...]:
    return tuple(map(min, *(image.shape[2:] for image in inputs)))


def _concat(layer: Concat, inputs: Inputs, parameters: Arrays, moment: Moment) -> Array:
    sizes = _smallest(inputs)
    return np.concatenate([_middle(image, sizes) for image in inputs], axis=1)


def _concat_backward(
    layer: Concat, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Array
) -> Gradients:
    sizes = _smallest(inputs)
    ends = np.cumsum([image.shape[1] for image in inputs])[:-1]
    found = tuple(np.zeros_like(image) for image in inputs)
    for image, part in zip(found, np.split(gradient, ends, axis=1), strict=True):
        _middle(image, sizes)[...] = part
    return found, {}


ADD = Rule(_add, _add_backward)
MULTIPLY = Rule(_multiply, _multiply_backward)
CONCAT = Rule(_concat, _concat_backward)
