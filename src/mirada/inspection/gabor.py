"""Gabor filters: a grating under a Gaussian, what simple cells of the eye respond to.

    g(x, y) = exp(-(u^2 + aspect^2 v^2) / (2 sigma^2)) cos(2 pi u / wavelength + phase)
    u = x cos(angle) + y sin(angle),  v = -x sin(angle) + y cos(angle)

x goes right and y down, from the middle of the filter; the angle is that of the normal
of the stripes, so that angle 0 answers to vertical edges.

Source: Daugman, "Uncertainty relation for resolution in space, spatial frequency, and
orientation optimized by two-dimensional visual cortical filters", JOSA A 2 (1985).
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["gabor"]


def gabor(
    height: int,
    width: int,
    *,
    angle: float,
    wavelength: float,
    sigma: float,
    phase: float = 0.0,
    aspect: float = 1.0,
) -> NDArray[np.float64]:
    """One filter (height, width); angle and phase in radians, lengths in pixels.

    >>> gabor(3, 3, angle=0.0, wavelength=4.0, sigma=1.0)[1].round(3).tolist()
    [0.0, 1.0, 0.0]
    """
    y = np.arange(height)[:, None] - (height - 1) / 2
    x = np.arange(width)[None, :] - (width - 1) / 2
    u = x * np.cos(angle) + y * np.sin(angle)
    v = -x * np.sin(angle) + y * np.cos(angle)
    envelope = np.exp(-(u**2 + (aspect * v) ** 2) / (2 * sigma**2))
    found: NDArray[np.float64] = envelope * np.cos(2 * np.pi * u / wavelength + phase)
    return found
