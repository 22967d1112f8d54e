"""Enlarging: every new row and every new column is a mixture of old ones.

So along each axis the enlargement is a matrix, and its backward the transposed one.
"""

import numpy as np

from mirada.network import Upsample
from mirada.reference.layer import Array, Arrays, Inputs, Moment, Rule

__all__ = ["UPSAMPLE", "mixture"]


def mixture(mode: str, length: int, scale: int) -> Array:
    """The matrix (length * scale, length) from old pixels to new ones.

    "bilinear" measures between pixel centres, so new pixel j lies at
    (j + 1/2) / scale - 1/2, and holds still beyond the first and the last.

    >>> mixture("bilinear", 2, 2).tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    """
    if mode == "nearest":
        return np.repeat(np.eye(length), scale, axis=0)
    place = np.maximum((np.arange(length * scale) + 0.5) / scale - 0.5, 0.0)
    before = np.floor(place).astype(int)
    after = np.minimum(before + 1, length - 1)
    share = (place - before)[:, None]
    pixels = np.eye(length)
    return np.asarray((1.0 - share) * pixels[before] + share * pixels[after])


def _mixtures(layer: Upsample, image: Array) -> tuple[Array, Array]:
    _, _, ih, iw = image.shape
    rows, columns = layer.scale
    return mixture(layer.mode, ih, rows), mixture(layer.mode, iw, columns)


def _forward(
    layer: Upsample, inputs: Inputs, parameters: Arrays, moment: Moment
) -> Array:
    rows, columns = _mixtures(layer, inputs[0])
    return np.asarray(rows @ inputs[0] @ columns.T)


def _backward(
    layer: Upsample, inputs: Inputs, parameters: Arrays, moment: Moment, gradient: Array
) -> tuple[Inputs, dict[str, Array]]:
    rows, columns = _mixtures(layer, inputs[0])
    return (rows.T @ gradient @ columns,), {}


UPSAMPLE = Rule(_forward, _backward)
