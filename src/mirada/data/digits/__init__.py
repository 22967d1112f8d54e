"""The handwritten digits that come with mirada: 1,797 real images of 8x8.

Published values run from 0 to 16 (ink in a block of 4x4) and are scaled to 0 to 255 by
value * 255 / 16, rounded half up: 16 gives 255, 8 gives 128. Licence: LICENSE.txt.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

__all__ = ["read_digits"]

_FILE = Path(__file__).parent / "digits.safetensors"


def read_digits() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Images (1797, 8, 8, 1) and labels (1797,) of the bundled digits.

    Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI
    Machine Learning Repository, 1998, DOI 10.24432/C50P49.

    >>> images, labels = read_digits()
    >>> images.shape, int(labels[0])
    ((1797, 8, 8, 1), 0)
    """
    tensors = load_file(_FILE)
    scaled = (tensors["images"].astype(np.uint16) * 255 + 8) // 16
    return scaled.astype(np.uint8)[..., None], tensors["labels"].astype(np.int64)
