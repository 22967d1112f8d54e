"""A picture to filter before one has brought one's own: hills, a sun, a fence."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["drawn_photo"]

_SKY, _LOW_SKY = np.array([70.0, 130.0, 205.0]), np.array([250.0, 205.0, 160.0])
_SUN, _FAR, _NEAR = (
    np.array([255.0, 240.0, 190.0]),
    np.array([86.0, 104.0, 132.0]),
    np.array([60.0, 112.0, 58.0]),
)
_FENCE = np.array([236.0, 226.0, 206.0])


def drawn_photo(height: int = 240, width: int = 320) -> NDArray[np.uint8]:
    """Pixels (h, w, 3): smooth areas, edges of every direction, fine stripes."""
    y, x = np.mgrid[0:height, 0:width] / np.array([height, width])[:, None, None]
    share = np.clip(y / 0.65, 0, 1)[..., None]
    picture = _SKY * (1 - share) + _LOW_SKY * share
    picture[(x - 0.72) ** 2 * (width / height) ** 2 + (y - 0.26) ** 2 < 0.012] = _SUN
    ridge = 0.5 + 0.14 * np.abs(np.sin(7 * x + 0.6)) - 0.1 * np.sin(3 * x)
    _painted(picture, y > ridge, _FAR * (1.25 - 0.4 * y[..., None]))
    hill = 0.72 + 0.06 * np.sin(6 * x + 2)
    rows = 1 + 0.22 * np.sin((y - hill) * 130 + 12 * x)[..., None]
    _painted(picture, y > hill, _NEAR * rows)
    posts = ((x * 15) % 1 < 0.32) & (y > 0.78) & (y < 0.96)
    rails = (np.abs(y - 0.83) < 0.012) | (np.abs(y - 0.91) < 0.012)
    picture[posts | rails] = _FENCE
    grain = np.random.Generator(np.random.Philox(3)).normal(0, 2.5, (height, width, 1))
    found: NDArray[np.uint8] = np.clip(picture + grain, 0, 255).astype(np.uint8)
    return found


def _painted(
    picture: NDArray[np.float64],
    where: NDArray[np.bool_],
    colours: NDArray[np.float64],
) -> None:
    """Puts colours (h, w, 3) where they are wanted."""
    picture[where] = colours[where]
