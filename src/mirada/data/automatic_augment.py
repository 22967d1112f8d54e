"""Which augmentation suits a dataset when nobody says, and why."""

import numpy as np

from mirada.data.augment import MOST_PIXELS, Augmentation
from mirada.data.dataset import Dataset
from mirada.errors import Phrase

__all__ = ["choose_augmentation"]

_DRAWING = 40  # grey images up to this side are taken for drawn signs
_LOOKED_AT = 1000


def choose_augmentation(data: Dataset) -> tuple[Augmentation, tuple[Phrase, ...]]:
    """A careful augmentation for a dataset, with the reasons.

    Small grey images (digits, letters) move by a fourteenth of their side: their
    meaning changes in a mirror. Other images are padded by an eighth and cut out, and
    those in colour, taken for photos, are mirrored as well.

    >>> from mirada.data.sources import load
    >>> choose_augmentation(load("digits"))[0]
    Augmentation(shift=1, crop=0, flip=False, fill=0)
    """
    side = min(data.size)
    if side < 4:
        return Augmentation(), (Phrase("Nothing: the images are too small to move."),)
    if data.channels == 1 and max(data.size) <= _DRAWING:
        shift, fill = max(1, side // 14), _background(data)
        return Augmentation(shift=shift, fill=fill), (
            Phrase(
                "Shift by up to {shift} pixels over grey level {fill}, that of most "
                "borders: small grey images.",
                shift=shift,
                fill=fill,
            ),
            Phrase("No flip: signs such as digits mean something else in a mirror."),
        )
    crop = min(MOST_PIXELS, side // 8 or 1)
    why = Phrase("Pad by {crop} pixels and cut out: the place is chance.", crop=crop)
    if data.channels == 1:
        return Augmentation(crop=crop), (
            why,
            Phrase("No flip: nothing says that grey images may be mirrored."),
        )
    return Augmentation(crop=crop, flip=True), (
        why,
        Phrase("Flip left and right: photos mean the same in a mirror."),
    )


def _background(data: Dataset) -> int:
    """The median level of the borders of up to 1,000 images, evenly spaced."""
    images = data.images[:: -(-len(data) // _LOOKED_AT), :, :, 0]
    border = np.ones(data.size, dtype=bool)
    border[1:-1, 1:-1] = False
    return int(np.median(images[:, border])) if len(images) else 0
