"""The random numbers of augmentation: a row for a sample in an epoch, each with a use.

A row is a function of seed, epoch and the number of the sample in its dataset.
"""

from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mirada.randomness import Purpose, uniform

__all__ = ["Draw", "Draws", "alternating", "draw", "either_way"]

Draws = NDArray[np.float64]

_MOST_KEPT = 2**23
_TABLE_PIECE = 2**16


class Draw(IntEnum):
    """The column of a draw; one that is there keeps its place for ever."""

    CROP_DOWN = 0
    CROP_RIGHT = 1
    SHIFT_DOWN = 2
    SHIFT_RIGHT = 3
    FLIP = 4
    FLIP_VERTICAL = 5
    AREA = 6
    ASPECT = 7
    BOX_DOWN = 8
    BOX_RIGHT = 9
    SCALE = 10
    ROTATE = 11
    SHEAR_ACROSS = 12
    SHEAR_DOWN = 13
    BRIGHTNESS = 14
    CONTRAST = 15
    SATURATION = 16
    HUE = 17
    GREY = 18
    BLUR = 19
    CUT_DOWN = 20
    CUT_RIGHT = 21
    FIRST_CHANGE = 22
    FIRST_STRENGTH = 23
    SECOND_CHANGE = 24
    SECOND_STRENGTH = 25


def draw(seed: int, epoch: int, samples: NDArray[np.int64], count: int) -> Draws:
    """The first `count` draws in [0, 1) of every sample, (n, count).

    >>> few, more = (draw(1, 2, np.array([7]), count) for count in (5, 9))
    >>> bool((few == more[:, :5]).all())
    True
    """
    length = _length(int(samples.max()))
    if length * count > _MOST_KEPT:
        return _drawn(samples, seed, epoch, count)
    return _table(length, seed, epoch, count)[samples]


def alternating(
    draws: Draws, seed: int, epoch: int, samples: NDArray[np.int64]
) -> Draws:
    """The draws, with those of the mirror taken by turns.

    The first epoch decides by chance, and from then on every epoch does the other
    thing: an image and its mirror image are seen equally often (arXiv 2404.00498,
    section 3.6).

    >>> samples = np.arange(9)
    >>> seen = [alternating(draw(1, e, samples, 5), 1, e, samples)[:, 4] >= 0.5
    ...         for e in range(3)]
    >>> bool((seen[0] != seen[1]).all() and (seen[0] == seen[2]).all())
    True
    """
    first = draw(seed, 0, samples, Draw.FLIP + 1)[:, Draw.FLIP]
    turned = draws.copy()
    turned[:, Draw.FLIP] = first if epoch % 2 == 0 else (first + 0.5) % 1.0
    return turned


def either_way(draws: Draws) -> Draws:
    """Draws from [0, 1) as numbers from [-1, 1)."""
    return 2.0 * draws - 1.0


def _length(largest: int) -> int:
    """A power of two above `largest`: batches of one epoch share one table."""
    return 1 << max(10, largest.bit_length())


@lru_cache(maxsize=2)
def _table(length: int, seed: int, epoch: int, count: int) -> Draws:
    """The draws of samples 0 to `length` in one epoch: Philox has a start-up."""
    table = np.empty((length, count))
    for start in range(0, length, _TABLE_PIECE):
        piece = np.arange(start, min(length, start + _TABLE_PIECE))
        table[piece] = _drawn(piece, seed, epoch, count)
    table.flags.writeable = False
    return table


def _drawn(samples: NDArray[np.int64], seed: int, epoch: int, count: int) -> Draws:
    return uniform(seed, Purpose.AUGMENT, count, epoch=epoch, sample=samples)
