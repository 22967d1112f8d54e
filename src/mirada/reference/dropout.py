"""Dropout.

Whether an element is kept is a function of seed, step, layer, image and element, so
that every engine drops the same ones: element e (in c, h, w order) of image i of the
layer at place l is kept when word e % 4 of philox((e // 4, i, step, l)) is at least
floor(p * 2**32).
"""

from math import floor

import numpy as np
from numpy.typing import NDArray

from mirada.network import Dropout
from mirada.randomness import Purpose, key, philox
from mirada.reference.layer import Array, Arrays, Inputs, Moment, Rule

__all__ = ["DROPOUT", "kept"]


def kept(layer: Dropout, shape: tuple[int, ...], moment: Moment) -> NDArray[np.bool_]:
    """Which elements of a batch of `shape` (n, ...) are kept.

    >>> kept(Dropout(0.5), (1, 6), Moment(training=True, seed=1)).tolist()
    [[False, True, False, False, False, True]]
    """
    count = int(np.prod(shape[1:]))
    blocks = np.arange(-(-count // 4))
    images = np.arange(shape[0])[:, None]
    counter = (blocks, images, moment.step, moment.place)
    words = philox(counter, key(moment.seed, Purpose.DROPOUT))
    by_element = words.reshape(shape[0], -1)[:, :count].reshape(shape)
    return np.asarray(by_element >= floor(layer.p * 2**32))


def _scales(layer: Dropout, shape: tuple[int, ...], moment: Moment) -> Array:
    """What each element is multiplied by: 0 or 1 / (1 - p) in training, else 1."""
    if not moment.training:
        return np.ones(shape)
    return np.where(kept(layer, shape, moment), 1.0 / (1.0 - layer.p), 0.0)


def _forward(
    layer: Dropout, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Array:
    return inputs[0] * _scales(layer, inputs[0].shape, moment)


def _backward(
    layer: Dropout, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Array
) -> tuple[Inputs, dict[str, Array]]:
    return (gradient * _scales(layer, gradient.shape, moment),), {}


DROPOUT = Rule(_forward, _backward)
