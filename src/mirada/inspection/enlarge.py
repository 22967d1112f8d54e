"""Coarse maps brought to the size of the image, bilinearly.

A place of a layer's map is laid on the middle of what it sees: without padding, as in
LeNet-5, the first one looks not at the edge of the image but several pixels inside.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Axis", "bilinear", "enlarged"]

Doubles = NDArray[np.float64]
Axis = tuple[float, float]
"""The pixel on which the first place lies, and how far on the next one is."""


def enlarged(
    values: Doubles, size: tuple[int, int], axes: tuple[Axis, Axis] | None = None
) -> Doubles:
    """A map (h, w) at another size (height, width).

    Its places lie where `axes` say (rows, columns), else evenly over the whole.

    >>> enlarged(np.array([[0.0, 1.0]]), (1, 4)).tolist()
    [[0.0, 0.25, 0.75, 1.0]]
    """
    rows, columns = (
        bilinear(own, wanted, axis)
        for own, wanted, axis in zip(
            values.shape, size, axes or (None, None), strict=True
        )
    )
    found: Doubles = rows @ values @ columns.T
    return found


def bilinear(length: int, wanted: int, axis: Axis | None = None) -> Doubles:
    """The matrix (wanted, length) that brings one axis to another length.

    A pixel between two places takes from both, the nearer the more; beyond the first or
    the last it takes that one. Without `axis` places lie evenly: the middle of place i
    at (i + 1/2) wanted/length - 1/2.

    >>> bilinear(2, 4).tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    >>> bilinear(2, 4, (1.0, 2.0)).tolist()
    [[1.0, 0.0], [1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    """
    step = wanted / length
    first, apart = axis or ((step - 1) / 2, step)
    places = (np.arange(wanted) - first) / apart
    inside = np.clip(places, 0.0, length - 1.0)
    distance = np.abs(inside[:, None] - np.arange(length)[None, :])
    found: Doubles = np.maximum(1.0 - distance, 0.0)
    return found
