"""RISE: the image seen through random masks, without looking inside the network."""

import numpy as np
from numpy.typing import NDArray

from mirada.inspection.enlarge import bilinear
from mirada.inspection.question import BLOCK, Question
from mirada.randomness import Purpose, uniform

__all__ = ["CELLS", "MASKS", "random_masks", "rise"]

Doubles = NDArray[np.float64]

MASKS = 2048
"""Masks that one image is seen through."""
CELLS = 7
"""Cells of a mask along each axis; fewer where the image has less than 14 pixels."""
SHOWN = 0.5
"""The chance that a cell shows the image."""

_GRID, _SHIFT = 0, 1


def rise(question: Question, masks: int = MASKS, seed: int = 0) -> Doubles:
    """The mean probability of the class where each pixel can be seen, (h, w).

        map(y, x) = sum over masks M of P(image through M) M(y, x) / sum of M(y, x)

    P is the probability after softmax, as in the paper; where M is 0 the image has the
    baseline's value. The paper divides by what the sum of the masks is expected to be;
    their sum itself takes out how often the draw happened to show each pixel.

    Source: Petsiuk, Das, Saenko, "RISE: randomized input sampling for explanation of
    black-box models", BMVC 2018, sections 3.1 and 3.2, arXiv 1806.07421.
    """
    total, sums = np.zeros(question.size), np.zeros(question.size)
    way = question.image - question.baseline
    for first in range(0, masks, 4 * BLOCK):
        count = min(4 * BLOCK, masks - first)
        shown = random_masks(question.size, first, count, seed)
        images = question.baseline + shown[:, None].astype(np.float32) * way
        total += np.tensordot(question.probability(images), shown, axes=1)
        sums += shown.sum(axis=0)
    found: Doubles = np.divide(total, sums, out=np.zeros_like(sums), where=sums > 0)
    return found


def random_masks(
    size: tuple[int, int], first: int, count: int, seed: int = 0
) -> Doubles:
    """The masks numbered from `first` on, (count, h, w), each from 0 to 1.

    A grid of cells, each 1 or 0 by chance, is enlarged bilinearly to one cell more than
    the image and laid over it with a random shift below one cell.

    >>> random_masks((1, 4), 0, 2).round(2).tolist()
    [[[0.0, 0.0, 0.33, 0.67]], [[0.0, 0.0, 0.33, 0.67]]]
    """
    numbers = np.arange(first, first + count)
    cells = [max(1, min(CELLS, length // 2)) for length in size]
    drawn = uniform(
        seed, Purpose.EXPLAIN, cells[0] * cells[1], epoch=_GRID, sample=numbers
    )
    grids = (drawn < SHOWN).astype(np.float64).reshape(count, *cells)
    shifts = uniform(seed, Purpose.EXPLAIN, 2, epoch=_SHIFT, sample=numbers)
    rows, columns = (
        _laid(length, cell, shift)
        for length, cell, shift in zip(size, cells, shifts.T, strict=True)
    )
    found: Doubles = rows @ grids @ columns.transpose(0, 2, 1)
    return found


def _laid(length: int, cells: int, shifts: Doubles) -> Doubles:
    """For each shift in [0, 1) of a cell the matrix (length, cells) of one axis."""
    side = -(-length // cells)
    whole = bilinear(cells, (cells + 1) * side)
    starts = (shifts * side).astype(np.int64)
    found: Doubles = whole[starts[:, None] + np.arange(length)]
    return found
