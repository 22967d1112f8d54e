"""Occlusion: what the score loses when a part of the image is covered."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mirada.inspection.question import BLOCK, Question

__all__ = ["occlusion", "patch_side", "patches"]

Doubles = NDArray[np.float64]


def occlusion(question: Question) -> Doubles:
    """The mean loss of score over the patches that cover each pixel, (h, w), signed.

        map(y, x) = S(image) - mean of S(image without P) over patches P around (y, x)

    A covered pixel has the baseline's value.

    Source: Zeiler, Fergus, "Visualizing and understanding convolutional networks", ECCV
    2014, section 4.2, arXiv 1311.2901.
    """
    height, width = question.size
    total, covers = np.zeros((height, width)), np.zeros((height, width))
    whole = question.score(question.image)[0]
    places = [*patches(height, width)]
    for start in range(0, len(places), 4 * BLOCK):
        some = places[start : start + 4 * BLOCK]
        images = np.repeat(question.image, len(some), axis=0)
        for image, (rows, columns) in zip(images, some, strict=True):
            image[:, rows, columns] = question.baseline[0, :, rows, columns]
        for place, score in zip(some, question.score(images), strict=True):
            total[place] += whole - score
            covers[place] += 1
    found: Doubles = total / covers
    return found


def patch_side(length: int) -> int:
    """The side of the patch: a seventh of the image's, 2 pixels at least.

    >>> patch_side(28), patch_side(224), patch_side(8)
    (4, 32, 2)
    """
    return min(max(2, -(-length // 7)), length)


def patches(height: int, width: int) -> Iterator[tuple[slice, slice]]:
    """Where the patch is laid: every half of its side, and along the far edges.

    >>> [(rows.start, columns.stop) for rows, columns in patches(2, 5)]
    [(0, 2), (0, 3), (0, 4), (0, 5)]
    """
    for row in _starts(height):
        for column in _starts(width):
            yield (
                slice(row, row + patch_side(height)),
                slice(column, column + patch_side(width)),
            )


def _starts(length: int) -> list[int]:
    side = patch_side(length)
    return sorted({*range(0, length - side + 1, max(1, side // 2)), length - side})
