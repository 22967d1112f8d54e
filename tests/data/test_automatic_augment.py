"""The automatic augmentation is careful, and says why."""

import numpy as np
import pytest

from mirada.data.augment import Augmentation
from mirada.data.automatic_augment import choose_augmentation
from mirada.data.dataset import Dataset
from mirada.data.sources import load


def dataset(h: int, w: int, channels: int, level: int = 0) -> Dataset:
    """Two images of one level."""
    images = np.full((2, h, w, channels), level, dtype=np.uint8)
    return Dataset.of(images, [0, 1], ["a", "b"])


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (dataset(28, 28, 1), Augmentation(shift=2)),
        (dataset(28, 28, 1, 255), Augmentation(shift=2, fill=255)),
        (dataset(8, 8, 1), Augmentation(shift=1)),
        (dataset(3, 3, 1), Augmentation()),
        (dataset(96, 96, 1), Augmentation(crop=12)),
        (dataset(32, 32, 3), Augmentation(crop=4, flip=True)),
        (dataset(600, 700, 3), Augmentation(crop=64, flip=True)),
    ],
)
def test_the_kind_of_images_decides(data: Dataset, wanted: Augmentation) -> None:
    found, reasons = choose_augmentation(data)
    assert found == wanted
    assert reasons and all(str(reason) for reason in reasons)
    found.apply(data.images, [0, 1], 0, 0)


def test_the_reasons_can_be_read() -> None:
    _, reasons = choose_augmentation(load("digits"))
    assert [str(reason) for reason in reasons] == [
        "Shift by up to 1 pixels over grey level 0, that of most borders: small grey "
        "images.",
        "No flip: signs such as digits mean something else in a mirror.",
    ]
