"""Folders of images with copies planted in them, of every kind a report must find."""

from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["photo", "recompressed", "saved", "smooth"]


def smooth(number: int, side: int = 96) -> NDArray[np.uint8]:
    """Colours that change slowly, as in a photo, drawn by a number: (side, side, 3)."""
    drawn = np.random.default_rng(number)
    coarse = drawn.integers(0, 256, (7, 6, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((side, side), Image.Resampling.BICUBIC)
    noise = drawn.normal(0, 4, (side, side, 3))
    return np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8)


def photo(number: int, size: tuple[int, int] = (120, 90)) -> Image.Image:
    """The same as an image (width, height)."""
    whole = Image.fromarray(smooth(number, max(size)))
    return whole.crop((0, 0, *size))


def recompressed(image: Image.Image, quality: int) -> Image.Image:
    """The image as a JPEG of that quality shows it."""
    stream = BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert(image.mode)


def saved(image: Image.Image, path: Path) -> Path:
    """Writes the image, its folder made where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return path
