"""A small data set in the files of MNIST, for readers who do not have MNIST."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirada import load

__all__ = ["write_stand_in"]

_TRAINING, _TEST = 300, 100


def write_stand_in(folder: Path) -> None:
    """Writes digits of 28x28 pixels as the four IDX files, a few hundred of them."""
    digits = load("digits")
    larger = digits.images[..., 0].repeat(3, axis=1).repeat(3, axis=2)
    images = np.pad(larger, ((0, 0), (2, 2), (2, 2)))
    folder.mkdir()
    for part, first, count in (("train", 0, _TRAINING), ("t10k", _TRAINING, _TEST)):
        rows = slice(first, first + count)
        _write(folder / f"{part}-images-idx3-ubyte", images[rows])
        _write(folder / f"{part}-labels-idx1-ubyte", digits.labels[rows])


def _write(path: Path, values: NDArray[np.generic]) -> None:
    head = (8 << 8 | values.ndim, *values.shape)
    path.write_bytes(np.array(head, ">i4").tobytes() + values.astype("u1").tobytes())
