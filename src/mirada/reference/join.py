"""Joins: layers that take several inputs."""

import numpy as np

from mirada.network import Add, Concat
from mirada.reference.layer import Array, Arrays, Inputs, Moment, Rule

__all__ = ["ADD", "CONCAT"]

Gradients = tuple[Inputs, dict[str, Array]]


def _add(layer: Add, inputs: Inputs, parameters: Arrays, moment: Moment) -> Array:
    return np.asarray(sum(inputs))


def _add_backward(
    layer: Add, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Array
) -> Gradients:
    return tuple(gradient.copy() for _ in inputs), {}


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
CONCAT = Rule(_concat, _concat_backward)
