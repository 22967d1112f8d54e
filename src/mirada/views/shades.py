"""Maps of numbers as pixels: signed, clipped, stretched, or laid over a photo.

Colours keep their meaning in light and in dark: negative is blue, positive orange, zero
white. They are drawn so that who sees no red or no green tells them apart.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["clipped", "overlaid", "signed", "stretched"]

_NEGATIVE = np.array([5.0, 80.0, 174.0])
_ZERO = np.array([255.0, 255.0, 255.0])
_POSITIVE = np.array([188.0, 76.0, 0.0])

Numbers = NDArray[np.floating]
Pixels = NDArray[np.uint8]


def signed(values: Numbers, largest: float | None = None) -> Pixels:
    """A map (h, w) as RGB (h, w, 3): blue below zero, white at zero, orange above.

    `largest` is the size that has the full colour; else the largest of the map.

    >>> signed(np.array([[-1.0, 0.0, 1.0]]))[0].tolist()
    [[5, 80, 174], [255, 255, 255], [188, 76, 0]]
    """
    most = float(np.abs(values).max(initial=0.0)) if largest is None else largest
    share = np.clip(values / most if most else np.zeros_like(values), -1.0, 1.0)
    ends = np.where(share[..., None] < 0, _NEGATIVE, _POSITIVE)
    mixed = _ZERO + (ends - _ZERO) * np.abs(share)[..., None]
    found: Pixels = np.rint(mixed).astype(np.uint8)
    return found


def clipped(values: Numbers) -> Pixels:
    """A map as grey: what is below 0 is black, what is above 255 white.

    >>> clipped(np.array([[-3.0, 12.4, 300.0]])).tolist()
    [[0, 12, 255]]
    """
    return np.rint(np.clip(values, 0.0, 255.0)).astype(np.uint8)


def stretched(values: Numbers) -> Pixels:
    """A map as grey, its least value black and its largest white; a flat one is black.

    >>> stretched(np.array([[2.0, 4.0, 6.0]])).tolist()
    [[0, 128, 255]]
    """
    low, high = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
    if not high > low:
        return np.zeros(values.shape, np.uint8)
    share = (values.astype(np.float64) - low) / (high - low)
    found: Pixels = np.rint(255 * share).astype(np.uint8)
    return found


def overlaid(image: Pixels, values: Numbers, strength: float = 0.6) -> Pixels:
    """A map (h, w), as `signed`, over an image (h, w, c) that is turned to grey.

    Where the map is zero the image shows; `strength` is the most that is covered.

    >>> overlaid(np.full((1, 1, 1), 9, np.uint8), np.zeros((1, 1))).tolist()
    [[[9, 9, 9]]]
    """
    grey = np.repeat(image.mean(axis=2, keepdims=True), 3, axis=2)
    most = float(np.abs(values).max(initial=0.0))
    share = np.abs(values) / most if most else np.zeros(values.shape)
    cover = strength * share[..., None]
    ends = np.where(values[..., None] < 0, _NEGATIVE, _POSITIVE)
    found: Pixels = np.rint(grey * (1 - cover) + ends * cover).astype(np.uint8)
    return found
