"""Small real files for the tests: folders of images and IDX sets."""

import gzip
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mirada.data.dataset import Dataset


def picture(number: int, size: tuple[int, int] = (12, 10)) -> Image.Image:
    """A colour image (width, height) whose pixels depend on its number."""
    drawn = np.random.default_rng(number)
    pixels = drawn.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def image_folder(
    root: Path, classes: Mapping[str, int], size: tuple[int, int] = (12, 10)
) -> Path:
    """A folder with so many PNG files in a subfolder for each class."""
    for label, count in classes.items():
        folder = root / label
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            picture(number, size).save(folder / f"{number:03}.png")
    return root


def idx_bytes(values: NDArray[np.uint8]) -> bytes:
    """An array as an IDX file of unsigned bytes."""
    lengths = np.array(values.shape, dtype=">u4").tobytes()
    return bytes([0, 0, 8, values.ndim]) + lengths + values.tobytes()


def idx_set(root: Path, train: int = 6, test: int = 4, *, zipped: bool = True) -> Path:
    """A folder with the four files of an IDX set of 5x4 images, labels 0, 1, 0, 1..."""
    root.mkdir(parents=True, exist_ok=True)
    for head, count in (("train", train), ("t10k", test)):
        images = np.arange(count * 20, dtype=np.uint8).reshape(count, 5, 4)
        labels = (np.arange(count) % 2).astype(np.uint8)
        for name, values in (("images-idx3", images), ("labels-idx1", labels)):
            path = root / f"{head}-{name}-ubyte{'.gz' if zipped else ''}"
            content = idx_bytes(values)
            path.write_bytes(gzip.compress(content) if zipped else content)
    return root


def grey_dataset(
    counts: Mapping[str, int], side: int = 8, parts: list[int] | None = None
) -> Dataset:
    """A dataset of drawn grey images with so many samples of each class, in turns."""
    labels = [k for k, name in enumerate(counts) for _ in range(counts[name])]
    shape = (len(labels), side, side, 1)
    images = np.random.default_rng(3).integers(0, 256, shape, dtype=np.uint8)
    return Dataset(
        name="drawn",
        images=images,
        labels=np.array(labels, dtype=np.int64),
        classes=tuple(counts),
        names=tuple(map(str, range(len(labels)))),
        given=None if parts is None else np.array(parts, dtype=np.uint8),
    )
