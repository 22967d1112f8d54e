"""Samples of more than eight bits brought to eight: scaled by their range, not cut."""

import numpy as np
from numpy.typing import NDArray

from mirada.errors import DataError

__all__ = ["WHITE_LEVEL_16", "integers_to_8bit", "numbers_to_8bit"]

WHITE_LEVEL_16 = 65_535

_ROWS = 64  # worked on at a time: a large image needs no second copy of itself


def integers_to_8bit(
    samples: NDArray[np.integer],
    white: int = WHITE_LEVEL_16,
    levels: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Unsigned samples of shape (h, w) scaled so that `white` gives 255.

    round(sample * 255 / white), halves up; what lies above `white` gives 255. With
    `levels` (65,536 of them, what each 16-bit level means): levels[sample * 65535 /
    white] instead.

    >>> integers_to_8bit(np.array([[0, 257, 65535]], dtype=np.uint16)).tolist()
    [[0, 1, 255]]
    """
    level = np.arange(WHITE_LEVEL_16 + 1, dtype=np.int64)
    most = 255 if levels is None else WHITE_LEVEL_16
    scaled = np.minimum((level * 2 * most + white) // (2 * white), most)
    table = scaled.astype(np.uint8) if levels is None else levels[scaled]
    out = np.empty(samples.shape, dtype=np.uint8)
    for row in range(0, len(samples), _ROWS):
        out[row : row + _ROWS] = table[samples[row : row + _ROWS]]
    return out


def numbers_to_8bit(samples: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Samples without a declared white, (h, w), scaled by the range they lie in.

    All in 0..1: times 255, when they are floating. All in 0..255: as they are. All in
    0..65535: as 16 bits. Halves are rounded up. Anything else has no brightness that
    could be told from the file.

    Raises DataError (`image-range`).
    """
    low, high = float(samples.min()), float(samples.max())
    if not (low >= 0.0 and high <= WHITE_LEVEL_16):  # NaN and infinity end here too
        raise DataError(
            "image-range",
            "The samples of the image run from {low:g} to {high:g}, and nothing says "
            "which is black and which is white. Save it with samples from 0 to 1, 0 to "
            "255, or 0 to 65535.",
            low=low,
            high=high,
        )
    floating = samples.dtype.kind == "f"
    factor = 255.0 if floating and high <= 1 else 1.0 if high <= 255 else 255 / 65535
    out = np.empty(samples.shape, dtype=np.uint8)
    for row in range(0, len(samples), _ROWS):
        part = samples[row : row + _ROWS].astype(np.float64)
        out[row : row + _ROWS] = np.floor(part * factor + 0.5)
    return out
