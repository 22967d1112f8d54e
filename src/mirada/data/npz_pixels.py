"""Arrays of numbers as eight-bit images with channels last.

By the rule of `depth`, over all images together: one dark image must stay dark.
"""

from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from mirada.data.fitting import LARGEST_SIDE
from mirada.data.npy import StoredArray
from mirada.errors import DataError, Phrase

__all__ = ["brightness", "image_shape", "to_bytes"]

_WHITE_16 = 65_535


def image_shape(array: StoredArray) -> tuple[int, int, int]:
    """Height, width and channels of the images of an array.

    Raises DataError (`npz-shape`).
    """
    shape = array.shape[1:]
    if len(shape) == 2:
        shape = (*shape, 1)
    if len(shape) == 3 and shape[2] not in (1, 3) and shape[0] in (1, 3):
        shape = (*shape[1:], shape[0])
    if (
        len(shape) != 3
        or shape[2] not in (1, 3)
        or not 0 < min(shape) <= max(shape) <= LARGEST_SIDE
        or array.dtype.kind not in "buif"
    ):
        raise DataError(
            "npz-shape",
            "'{file}' has the shape {shape} of {dtype}. Images must be numbers of "
            "shape (n, height, width), (n, height, width, 1 or 3) or (n, 1 or 3, "
            "height, width), of at most {most} on a side. Reshape the array.",
            file=array.name,
            shape=array.shape,
            dtype=array.dtype.name,
            most=LARGEST_SIDE,
        )
    return shape[0], shape[1], shape[2]


def _last(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """The samples with channels last."""
    if values.ndim == 3:
        return values[..., None]
    if values.shape[3] not in (1, 3):
        return values.transpose(0, 2, 3, 1)
    return values


def brightness(
    stream: BinaryIO, name: str, arrays: Sequence[StoredArray]
) -> tuple[float, tuple[Phrase, ...]]:
    """What samples are multiplied by, from the range of all of them; and that told.

    Raises DataError (`npz-range`).
    """
    kinds = {array.dtype for array in arrays}
    if kinds == {np.dtype(np.uint8)}:
        return 1.0, ()
    low, high = _range(stream, arrays)
    if not (low >= 0 and high <= _WHITE_16):  # NaN ends here too
        raise DataError(
            "npz-range",
            "The samples of '{file}' run from {low:g} to {high:g}, and nothing says "
            "which is black and which is white. Save them as uint8 from 0 to 255, or "
            "as numbers from 0 to 1.",
            file=name,
            low=low,
            high=high,
        )
    fractions = all(kind.kind in "fb" for kind in kinds)
    white = 1 if fractions and high <= 1 else 255 if high <= 255 else _WHITE_16
    told = Phrase(
        "samples of {dtype} from {low:g} to {high:g}: {white} is taken for white",
        dtype=", ".join(sorted(kind.name for kind in kinds)),
        low=low,
        high=high,
        white=white,
    )
    return 255 / white, (told,)


def _range(stream: BinaryIO, arrays: Sequence[StoredArray]) -> tuple[float, float]:
    ends = [
        (float(np.min(values)), float(np.max(values)))
        for array in arrays
        for values in array.rows(stream)
    ]
    lows, highs = np.array(ends).T
    return float(lows.min()), float(highs.max())  # of NumPy: NaN stays NaN


def to_bytes(values: NDArray[np.generic], factor: float) -> NDArray[np.uint8]:
    """Images (n, h, w, c) in eight bits, halves rounded up."""
    values = _last(values)
    if factor == 1 and values.dtype.kind in "bui":
        return values.astype(np.uint8)
    scaled = values.astype(np.float64)
    scaled *= factor
    return np.floor(scaled + 0.5).astype(np.uint8)
