"""Two changes an image, drawn from a list, with one strength for all of them.

As RandAugment, but each change is as strong as chance says, from nothing to the given
strength, so that there is one number to choose.

Source: Cubuk, Zoph, Shlens, Le, "RandAugment: practical automated data augmentation
with a reduced search space", 2019, arXiv 1909.13719; Müller, Hutter, "TrivialAugment",
2021, arXiv 2103.10158.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from mirada.data.augment_colour import grey_level
from mirada.data.augment_draws import Draw, Draws, either_way
from mirada.data.augment_geometry import Pushes

__all__ = ["CHANGES", "changed", "pushes_of"]

Pixels = NDArray[np.uint8]
Doubles = NDArray[np.float64]

_TURN, _SHEAR, _WAY = 30.0, 0.3, 0.3
"""Degrees, pixels for a pixel, and share of the side, at strength 1."""
_COLOUR = 0.9

_PLACES = ("rotate", "shear-across", "shear-down", "move-across", "move-down")
_PAIRS = (
    (Draw.FIRST_CHANGE, Draw.FIRST_STRENGTH),
    (Draw.SECOND_CHANGE, Draw.SECOND_STRENGTH),
)


def pushes_of(strength: float, draws: Draws, size: tuple[int, ...]) -> Pushes:
    """The moves among the changes of every image, both together."""
    totals = {name: np.zeros(len(draws)) for name in _PLACES}
    for which, much in _PAIRS:
        names, amount = _drawn(strength, draws, which, much)
        for number, name in enumerate(_PLACES):
            totals[name] += np.where(names == number, amount, 0.0)
    height, width = size
    return Pushes(
        _TURN * totals["rotate"],
        _SHEAR * totals["shear-across"],
        _SHEAR * totals["shear-down"],
        _WAY * width * totals["move-across"],
        _WAY * height * totals["move-down"],
    )


def changed(images: Pixels, strength: float, draws: Draws) -> Pixels:
    """The images (n, h, w, c) after their changes of colour, the first one first."""
    out = images.copy()
    for which, much in _PAIRS:
        names, amount = _drawn(strength, draws, which, much)
        for place, (number, size) in enumerate(zip(names, amount, strict=True)):
            change = CHANGES[_NAMES[number]]
            if change is not None:
                out[place] = change(out[place], float(size))
    return out


def _drawn(
    strength: float, draws: Draws, which: Draw, much: Draw
) -> tuple[NDArray[np.int64], Doubles]:
    """The number of a change an image, and from -strength to strength how much."""
    numbers = (draws[:, which] * len(_NAMES)).astype(np.int64)
    return numbers, strength * either_way(draws[:, much])


def _looked_up(image: Pixels, table: NDArray[np.floating]) -> Pixels:
    levels: Pixels = np.rint(table).clip(0, 255).astype(np.uint8)
    return levels[image]


def _grey(image: Pixels) -> Pixels:
    if image.shape[2] == 1:
        return image
    planes = image.transpose(2, 0, 1).astype(np.float32)
    return np.rint(grey_level(planes)).astype(np.uint8)[..., None]


def _brightness(image: Pixels, amount: float) -> Pixels:
    return _looked_up(image, np.arange(256) * (1.0 + _COLOUR * amount))


def _contrast(image: Pixels, amount: float) -> Pixels:
    grey = _grey(image)
    middle = (2 * int(grey.sum(dtype=np.int64)) + grey.size) // (2 * grey.size)
    return _looked_up(
        image, middle + (1.0 + _COLOUR * amount) * (np.arange(256) - middle)
    )


def _saturation(image: Pixels, amount: float) -> Pixels:
    return _blended(_grey(image).astype(np.float32), image, amount)


def _sharpness(image: Pixels, amount: float) -> Pixels:
    """Away from or towards the mean of 3x3 pixels, the middle one five times."""
    smooth = image.astype(np.int64)
    wide = smooth.copy()
    centre = wide[1:-1, 1:-1]
    height, width = image.shape[:2]
    total = 4 * centre
    for y in range(3):
        for x in range(3):
            total = total + wide[y : y + height - 2, x : x + width - 2]
    smooth[1:-1, 1:-1] = (2 * total + 13) // 26
    return _blended(smooth.astype(np.float32), image, amount)


def _blended(other: NDArray[np.float32], image: Pixels, amount: float) -> Pixels:
    factor = np.float32(1.0 + _COLOUR * amount)
    found = other + factor * (image - other)
    return np.rint(found).clip(0, 255).astype(np.uint8)


def _posterized(image: Pixels, amount: float) -> Pixels:
    """With fewer bits: 8 to 4."""
    lost = round(4.0 * abs(amount))
    return image >> np.uint8(lost) << np.uint8(lost)


def _solarized(image: Pixels, amount: float) -> Pixels:
    """Levels above a threshold become their opposites."""
    threshold = round(256.0 * (1.0 - abs(amount)))
    levels = np.arange(256)
    return _looked_up(image, np.where(levels < threshold, levels, 255.0 - levels))


def _stretched(image: Pixels, amount: float) -> Pixels:
    """The levels of every channel from 0 to 255 (how much makes no difference)."""
    out = np.empty_like(image)
    for channel in range(image.shape[2]):
        values = image[..., channel]
        low, high = int(values.min()), int(values.max())
        scale = 255.0 / (high - low) if high > low else 1.0
        shift = low if high > low else 0
        out[..., channel] = _looked_up(values, (np.arange(256) - shift) * scale)
    return out


def _equalized(image: Pixels, amount: float) -> Pixels:
    """Levels of every channel as often as each other, as Pillow's `equalize` has it."""
    out = np.empty_like(image)
    for channel in range(image.shape[2]):
        values = image[..., channel]
        counts = np.bincount(values.ravel(), minlength=256)
        there = counts[counts > 0]
        step = (int(counts.sum()) - int(there[-1])) // 255
        table = np.arange(256)
        if len(there) > 1 and step:
            table = (step // 2 + np.cumsum(counts) - counts) // step
        out[..., channel] = _looked_up(values, table.astype(np.float64))
    return out


CHANGES: Mapping[str, Callable[[Pixels, float], Pixels] | None] = {
    **dict.fromkeys((*_PLACES, "nothing"), None),
    "brightness": _brightness,
    "contrast": _contrast,
    "saturation": _saturation,
    "sharpness": _sharpness,
    "posterize": _posterized,
    "solarize": _solarized,
    "autocontrast": _stretched,
    "equalize": _equalized,
}
"""Every change by name; those without a function move pixels, or do nothing."""

_NAMES = tuple(CHANGES)
