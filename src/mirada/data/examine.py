"""What one image is, for a report on many: its kind, its size, what tells copies.

A record has a fixed length, so that those of a million images are one array, and so
that a decoder process answers with one.
"""

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mirada.data.decoding import opened
from mirada.data.encoded import Encoded
from mirada.data.fitting import draft
from mirada.data.limits import Limits
from mirada.data.pixels import to_8bit

__all__ = ["RECORD", "SIDE", "examine", "pixel_digest"]

SIDE = 24
"""The side of the small grey image that is kept of each."""

RECORD = np.dtype(
    [
        ("content", "S32"),  # SHA-256 of the encoded bytes
        ("pixels", "S32"),  # SHA-256 of what is seen (see `pixel_digest`)
        ("height", "<i4"),  # of the upright image, as stored
        ("width", "<i4"),
        ("kind", "S24"),  # format and mode, as in "JPEG RGB"
        ("turned", "?"),  # by its EXIF orientation
        ("coloured", "?"),  # whether any pixel is not grey
        ("constant", "?"),  # whether all pixels are the same
        ("small", "u1", (SIDE, SIDE)),
    ]
)
"""What is known of an image, as one element of an array."""

_EXIF_ORIENTATION = 0x0112
_STRIP_PIXELS = 2**20
_WHOLE = (1024, 1024)  # a JPEG of four times these sides is decoded smaller
_SMOOTH = Image.Resampling.BILINEAR


def examine(source: Encoded, limits: Limits) -> NDArray[np.uint8]:
    """The record of an image as the bytes (1, n, 1) of one `RECORD`.

    All of it is decoded; a very large JPEG at half its size or less.

    Raises DataError as `decoding.decode` does.
    """
    record = np.zeros(1, dtype=RECORD)
    with opened(source, limits) as (content, image):
        width, height = image.size
        kind = f"{image.format} {image.mode}"
        orientation = _orientation(image)
        draft(image, _WHOLE)
        whole = to_8bit(image)
        is_upright = (whole.width > whole.height) == (width > height)
        sides = (height, width) if is_upright else (width, height)
        coloured = _is_coloured(whole)
        seen = whole if coloured else whole.convert("L")
        record[0] = (
            hashlib.sha256(content).digest(),
            _digest(seen),
            *sides,
            kind.encode("ascii", "replace"),
            orientation in range(2, 9),
            coloured,
            _is_constant(seen),
            np.asarray(whole.convert("L").resize((SIDE, SIDE), _SMOOTH)),
        )
    return record.view(np.uint8).reshape(1, -1, 1)


def pixel_digest(pixels: NDArray[np.uint8]) -> bytes:
    """SHA-256 of an image (h, w, c): of its sides and pixels, one channel where grey.

    >>> grey = np.full((2, 3, 1), 9, np.uint8)
    >>> pixel_digest(grey) == pixel_digest(np.repeat(grey, 3, axis=2))
    True
    """
    if pixels.shape[2] == 3 and (pixels == pixels[..., :1]).all():
        pixels = pixels[..., :1]
    digest = _begun(pixels.shape[0], pixels.shape[1], pixels.shape[2])
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.digest()


def _digest(image: Image.Image) -> bytes:
    digest = _begun(image.height, image.width, len(image.getbands()))
    for strip in _strips(image):
        digest.update(strip.tobytes())
    return digest.digest()


def _begun(height: int, width: int, channels: int) -> "hashlib._Hash":
    return hashlib.sha256(b"%d %d %d " % (height, width, channels))


def _strips(image: Image.Image) -> Iterator[Image.Image]:
    """The image from top to bottom in pieces: copies of a large one take memory."""
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(image.height, top + rows)))


def _is_coloured(image: Image.Image) -> bool:
    if image.mode == "L":
        return False
    strips = (np.asarray(strip) for strip in _strips(image))
    return any(bool((strip != strip[..., :1]).any()) for strip in strips)


def _is_constant(image: Image.Image) -> bool:
    extremes = image.getextrema()
    bands = extremes if isinstance(extremes[0], tuple) else (extremes,)
    return all(low == high for low, high in bands)


def _orientation(image: Image.Image) -> int:
    """Asked for before the pixels: a TIFF turns itself while it is decoded."""
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # a broken EXIF hides no pixels, and fails in many ways
        return 1
