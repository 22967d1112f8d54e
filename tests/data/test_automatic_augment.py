"""The automatic augmentation is careful, and says why."""

import numpy as np
import pytest

from mirada.data.augment import Augmentation
from mirada.data.automatic_augment import choose_augmentation
from mirada.data.dataset import Dataset
from mirada.data.sources import load


def dataset(h: int, w: int, channels: int, level: int = 0, count: int = 2) -> Dataset:
    """Images of one level."""
    images = np.full((count, h, w, channels), level, dtype=np.uint8)
    return Dataset.of(images, np.arange(count) % 2, ["a", "b"])


PHOTOS = (
    "resized-crop 0.35, flip, reflect, brightness 0.3, contrast 0.3, saturation 0.3"
)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (dataset(28, 28, 1), "shift 2"),
        (dataset(28, 28, 1, 255), "shift 2, fill 255"),
        (dataset(8, 8, 1), "shift 1"),
        (dataset(3, 3, 1), "none"),
        (dataset(96, 96, 1), "crop 12"),
        (dataset(32, 32, 3), "crop 4, flip, cutout 0.25"),
        (dataset(32, 32, 3, count=2000), "crop 4, flip"),
        (dataset(96, 128, 3), PHOTOS),
        (dataset(48, 64, 3, count=2000), PHOTOS),
    ],
)
def test_the_kind_of_images_decides(data: Dataset, wanted: str) -> None:
    found, reasons = choose_augmentation(data)
    assert found == Augmentation.from_text(wanted)
    assert reasons and all(str(reason) for reason in reasons)
    found.apply(data.images[:2], [0, 1], 0, 0)


def test_the_reasons_can_be_read() -> None:
    _, reasons = choose_augmentation(load("digits"))
    assert [str(reason) for reason in reasons] == [
        "Shift by up to 1 pixels over grey level 0, that of most borders: small grey "
        "images.",
        "No flip: signs such as digits mean something else in a mirror.",
    ]
    _, reasons = choose_augmentation(dataset(96, 96, 3))
    assert [str(reason) for reason in reasons] == [
        "Cut out from 35% to all of the area, drawn to size: objects in photos are "
        "near or far.",
        "Flip left and right: photos mean the same in a mirror.",
        "Brightness, contrast and saturation change by up to 30%: so does light.",
    ]
    _, reasons = choose_augmentation(dataset(32, 32, 3))
    assert str(reasons[-1]) == (
        "Cut out a square of 0.25 of the side: with only 2 images none of their "
        "details shall be enough."
    )
