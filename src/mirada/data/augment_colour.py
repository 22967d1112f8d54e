"""Changes of colour: brightness, contrast, saturation, hue and grey, in this order.

In float32 from the first to the last, rounded to uint8 once.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.data.augment_draws import Draw, Draws, either_way

__all__ = ["Colours", "coloured", "grey_level", "hue_turned", "rounded"]

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

_BLOCK = 2**15
"""Pixels that are changed together: their planes stay in cache."""


class Colours(NamedTuple):
    """What may happen to colours; see `Augmentation` for each."""

    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    hue: float = 0.0
    grey: float = 0.0


def coloured(images: Pixels, colours: Colours, draws: Draws) -> Pixels:
    """The images (n, h, w, c) after their changes of colour."""
    out = np.empty_like(images)
    size = max(1, _BLOCK // max(1, images.shape[1] * images.shape[2]))
    for start in range(0, len(images), size):
        piece = slice(start, start + size)
        _change(images[piece], colours, draws[piece], out[piece])
    return out


def _change(images: Pixels, colours: Colours, draws: Draws, out: Pixels) -> None:
    n, h, w, channels = images.shape
    flat = images.reshape(n, h * w, channels)
    planes = np.stack([flat[..., c] for c in range(channels)]).astype(np.float32)
    if colours.brightness:
        planes *= _factor(colours.brightness, draws[:, Draw.BRIGHTNESS])
        np.clip(planes, 0.0, 255.0, out=planes)
    if colours.contrast:
        factor = _factor(colours.contrast, draws[:, Draw.CONTRAST])
        planes = _blended(_middle(planes), planes, factor)
    if channels == 3:
        planes = _tinted(planes, colours, draws)
    whole = rounded(planes)
    for channel in range(channels):
        out.reshape(n, h * w, channels)[..., channel] = whole[channel]


def _tinted(planes: Floats, colours: Colours, draws: Draws) -> Floats:
    if colours.saturation:
        factor = _factor(colours.saturation, draws[:, Draw.SATURATION])
        planes = _blended(grey_level(planes), planes, factor)
    if colours.hue:
        turns = colours.hue * either_way(draws[:, Draw.HUE])
        planes = hue_turned(planes, turns.astype(np.float32)[:, None])
    if colours.grey:
        chosen = np.flatnonzero(draws[:, Draw.GREY] < colours.grey)
        planes[:, chosen] = grey_level(planes[:, chosen])
    return planes


def _factor(most: float, draws: Draws) -> Floats:
    """A factor from 1 - `most` to 1 + `most` an image."""
    return (1.0 + most * either_way(draws)).astype(np.float32)[:, None]


def _blended(other: Floats, planes: Floats, factor: Floats) -> Floats:
    """The sum other + factor (planes - other), between black and white."""
    found = planes - other
    found *= factor
    found += other
    return np.clip(found, 0.0, 255.0, out=found)


def _middle(planes: Floats) -> Floats:
    """The mean grey level of every image, whole: a sum of whole numbers is exact."""
    levels = np.rint(grey_level(planes) if len(planes) == 3 else planes[0])
    mean = levels.sum(axis=1, keepdims=True, dtype=np.float64) / levels.shape[1]
    whole: Floats = np.floor(mean + 0.5).astype(np.float32)
    return whole


def grey_level(planes: Floats) -> Floats:
    """The luma of planes (3, ...): 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).

    >>> grey_level(np.array([255.0, 0.0, 0.0], np.float32)).round(2)
    np.float32(76.24)
    """
    red, green, blue = planes
    found: Floats = red * np.float32(0.299)
    found += green * np.float32(0.587)
    found += blue * np.float32(0.114)
    return found


def hue_turned(planes: Floats, turns: Floats | np.float32) -> Floats:
    """Planes (3, ...) of levels with their hue in HSV moved on; 1 is once around.

    With V = max, C = V - min and k = (n + 6 hue) mod 6 a channel is
    V - C max(0, min(k, 4 - k, 1)), n 5 for red, 3 for green, 1 for blue
    (A. R. Smith, "Color gamut transform pairs", SIGGRAPH 1978).

    >>> red = np.array([[255.0], [0.0], [0.0]], np.float32)
    >>> hue_turned(red, np.float32(1 / 3))[:, 0].tolist()
    [0.0, 255.0, 0.0]
    """
    red, green, blue = planes
    value = np.maximum(np.maximum(red, green), blue)
    chroma = value - np.minimum(np.minimum(red, green), blue)
    over = 1.0 / np.maximum(chroma, np.float32(1e-6))
    six = np.where(
        value == red,
        (green - blue) * over,
        np.where(
            value == green,
            (blue - red) * over + np.float32(2.0),
            (red - green) * over + np.float32(4.0),
        ),
    )
    six += np.float32(6.0) * turns
    found = np.empty_like(planes)
    for plane, place in zip(found, (5.0, 3.0, 1.0), strict=True):
        k = six + np.float32(place)
        k -= np.float32(6.0) * np.floor(k * np.float32(1 / 6))
        np.minimum(k, np.float32(4.0) - k, out=k)
        np.clip(k, 0.0, 1.0, out=k)
        np.subtract(value, chroma * k, out=plane)
    return found


def rounded(values: Floats) -> Pixels:
    """The nearest levels from 0 to 255."""
    np.rint(values, out=values)
    return np.clip(values, 0.0, 255.0, out=values).astype(np.uint8)
