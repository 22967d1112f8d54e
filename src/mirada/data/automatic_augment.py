"""Which augmentation suits a dataset when nobody says, and why."""

import numpy as np

from mirada.data.augment import MOST_PIXELS, Augmentation
from mirada.data.dataset import Dataset
from mirada.errors import Phrase

__all__ = ["choose_augmentation"]

_SMALL = 40
"""Grey images up to this side are taken for drawn signs, larger ones in colour for
photos whose objects are seen from near and far."""
_FEW = 2000
"""Below so many images a network learns them by heart."""
_LOOKED_AT = 1000
_AREA, _LIGHT, _CUT = 0.35, 0.3, 0.25


def choose_augmentation(data: Dataset) -> tuple[Augmentation, tuple[Phrase, ...]]:
    """A careful augmentation for a dataset, with the reasons.

    Small grey images (digits, letters) move by a fourteenth of their side: their
    meaning changes in a mirror. Larger grey ones, and small ones in colour, are padded
    by an eighth and cut out. Larger ones in colour, taken for photos, are cut to a
    part and drawn to size, in changing light. What has colour is mirrored as well, and
    of small images in colour a square is cut out where there are few.

    >>> from mirada.data.sources import load
    >>> choose_augmentation(load("digits"))[0].text()
    'shift 1'
    """
    side, is_small = min(data.size), max(data.size) <= _SMALL
    if side < 4:
        return Augmentation(), (Phrase("Nothing: the images are too small to move."),)
    if data.channels == 1:
        return _signs(data) if is_small else _grey(side)
    if is_small:
        return _small_photos(side, len(data))
    return _photos()


def _signs(data: Dataset) -> tuple[Augmentation, tuple[Phrase, ...]]:
    shift, fill = max(1, min(data.size) // 14), _background(data)
    return Augmentation(shift=shift, fill=fill), (
        Phrase(
            "Shift by up to {shift} pixels over grey level {fill}, that of most "
            "borders: small grey images.",
            shift=shift,
            fill=fill,
        ),
        Phrase("No flip: signs such as digits mean something else in a mirror."),
    )


def _grey(side: int) -> tuple[Augmentation, tuple[Phrase, ...]]:
    crop = _crop(side)
    return Augmentation(crop=crop), (
        _why_crop(crop),
        Phrase("No flip: nothing says that grey images may be mirrored."),
    )


def _small_photos(side: int, count: int) -> tuple[Augmentation, tuple[Phrase, ...]]:
    crop = _crop(side)
    whys = (_why_crop(crop), _why_flip())
    if count >= _FEW:
        return Augmentation(crop=crop, flip=True), whys
    return Augmentation(crop=crop, flip=True, cutout=_CUT), (
        *whys,
        Phrase(
            "Cut out a square of {share:g} of the side: with only {count} images none "
            "of their details shall be enough.",
            share=_CUT,
            count=count,
        ),
    )


def _photos() -> tuple[Augmentation, tuple[Phrase, ...]]:
    found = Augmentation(
        resized_crop=(_AREA, 1.0, 3 / 4, 4 / 3),
        flip=True,
        reflect=True,
        brightness=_LIGHT,
        contrast=_LIGHT,
        saturation=_LIGHT,
    )
    return found, (
        Phrase(
            "Cut out from {area:.0%} to all of the area, drawn to size: objects in "
            "photos are near or far.",
            area=_AREA,
        ),
        _why_flip(),
        Phrase(
            "Brightness, contrast and saturation change by up to {share:.0%}: so does "
            "light.",
            share=_LIGHT,
        ),
    )


def _crop(side: int) -> int:
    return min(MOST_PIXELS, side // 8 or 1)


def _why_crop(crop: int) -> Phrase:
    return Phrase("Pad by {crop} pixels and cut out: the place is chance.", crop=crop)


def _why_flip() -> Phrase:
    return Phrase("Flip left and right: photos mean the same in a mirror.")


def _background(data: Dataset) -> int:
    """The median level of the borders of up to 1,000 images, evenly spaced."""
    images = data.images[:: -(-len(data) // _LOOKED_AT), :, :, 0]
    border = np.ones(data.size, dtype=bool)
    border[1:-1, 1:-1] = False
    return int(np.median(images[:, border])) if len(images) else 0
