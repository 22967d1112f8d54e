"""The preview shows what the network gets, number by number."""

from io import BytesIO

import numpy as np
from PIL import Image

from mirada.data.augment import Augmentation
from mirada.data.batches import assemble
from mirada.data.dataset import Dataset
from mirada.data.preprocessing import Preprocessing
from mirada.data.preview import preview_png, seen_pixels
from tests.data.copied import smooth
from tests.data.pictures import grey_dataset


def colours(count: int = 6, side: int = 12) -> Dataset:
    """Some smooth colour images of two classes."""
    images = np.stack([smooth(number, side) for number in range(count)])
    return Dataset.of(images, [n % 2 for n in range(count)], ["cat", "dog"])


def test_numbers_become_the_same_pixels() -> None:
    for data in (colours(), grey_dataset({"a": 3, "b": 3})):
        ready = Preprocessing.measured(data.images)
        batch = assemble(data, np.arange(6), ready)
        assert (seen_pixels(ready, batch) == data.images).all()


def shown(data: Dataset, augmentation: Augmentation, epochs: int = 2) -> np.ndarray:
    """The pixels of a preview of three samples."""
    ready = Preprocessing.measured(data.images)
    content = preview_png(
        "title", data, np.array([4, 1, 0]), ready, augmentation, seed=3, epochs=epochs
    )
    return np.asarray(Image.open(BytesIO(content)))


def test_each_tile_is_what_training_gets() -> None:
    data, change = colours(), Augmentation(shift=2, flip=True)
    seen = shown(data, change)
    samples = np.array([4, 1, 0])
    expected = [data.images[samples]]
    expected += [change.apply(data.images[samples], samples, e, 3) for e in range(2)]
    scale = 132 // 12
    for images in expected:
        for image in images:
            tile = image.repeat(scale, axis=0).repeat(scale, axis=1)
            rows, columns = seen.shape[0] - 132 + 1, seen.shape[1] - 132 + 1
            found = any(
                (seen[top : top + 132, left : left + 132] == tile).all()
                for top in range(rows)
                for left in range(columns)
                if (seen[top, left] == tile[0, 0]).all()
                and (seen[top + 131, left + 131] == tile[131, 131]).all()
            )
            assert found


def test_mixing_changes_tiles_and_words() -> None:
    data = colours()
    plain, mixed = shown(data, Augmentation()), shown(data, Augmentation(mixup=0.9))
    assert plain.shape == mixed.shape and (plain != mixed).any()
