"""CIE L*a*b* to sRGB."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["lab_to_rgb8"]

_WHITE_D50 = np.array([0.9642, 1.0, 0.8249])

# XYZ under D50 to linear sRGB, with the Bradford adaptation to D65 in it.
# Source: B. Lindbloom, "RGB/XYZ matrices", sRGB D50.
_TO_LINEAR = np.array(
    [
        [3.1338561, -1.6168667, -0.4906146],
        [-0.9787684, 1.9161415, 0.0334540],
        [0.0719453, -0.2289914, 1.4052427],
    ]
)
_ROWS = 64


def lab_to_rgb8(samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Samples of L* (0..255 is 0..100), a* and b* (128 is 0), (h, w, 3), as sRGB.

    The white is D50 as in ICC profiles; colours that sRGB lacks are cut channel by
    channel. Source: CIE 15:2004, section 8.2.1; IEC 61966-2-1 for the sRGB curve.
    """
    out = np.empty(samples.shape, dtype=np.uint8)
    for row in range(0, len(samples), _ROWS):
        part = samples[row : row + _ROWS].astype(np.float64)
        linear = np.clip(_xyz(part) @ _TO_LINEAR.T, 0.0, 1.0)
        curved = np.where(
            linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055
        )
        out[row : row + _ROWS] = np.floor(curved * 255 + 0.5)
    return out


def _xyz(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    y = (samples[..., 0] * (100 / 255) + 16) / 116
    x = y + (samples[..., 1] - 128) / 500
    z = y - (samples[..., 2] - 128) / 200
    root = np.stack([x, y, z], axis=-1)
    above = root > 6 / 29
    relative = np.where(above, root**3, 3 * (6 / 29) ** 2 * (root - 4 / 29))
    return np.asarray(relative * _WHITE_D50)
