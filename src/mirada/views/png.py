"""Small images as PNG, written with the standard library, for pages of one file."""

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from mirada.errors import UsageError

__all__ = ["data_uri", "png_bytes"]

_GRAY, _COLOUR = 0, 2


def png_bytes(image: NDArray[np.uint8]) -> bytes:
    """An image of shape (h, w), (h, w, 1) or (h, w, 3) and type uint8 as a PNG file.

    Source: W3C Portable Network Graphics, second edition, sections 5 and 11.

    >>> png_bytes(np.zeros((2, 3), np.uint8))[:8]
    b'\\x89PNG\\r\\n\\x1a\\n'
    """
    pixels = _with_channels(image)
    height, width, channels = pixels.shape
    kind = _GRAY if channels == 1 else _COLOUR
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    rows = pixels.reshape(height, width * channels)
    unfiltered = np.pad(rows, ((0, 0), (1, 0))).tobytes()
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(unfiltered, 9))
        + _chunk(b"IEND", b"")
    )


def _with_channels(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    pixels = image[:, :, None] if image.ndim == 2 else image
    is_image = pixels.ndim == 3 and pixels.shape[2] in (1, 3) and pixels.size > 0
    if not is_image or pixels.dtype != np.uint8:
        raise UsageError(
            "png-image",
            "A PNG is written from an uint8 array of height, width and 1 or 3 "
            "channels; got {dtype} of shape {shape}. Scale it to 0 to 255 and put "
            "channels last.",
            dtype=image.dtype,
            shape=image.shape,
        )
    return pixels


def _chunk(kind: bytes, data: bytes) -> bytes:
    length, check = struct.pack(">I", len(data)), zlib.crc32(kind + data)
    return length + kind + data + struct.pack(">I", check)


def data_uri(image: NDArray[np.uint8]) -> str:
    """The image as a `data:` address that a page can hold in itself."""
    return "data:image/png;base64," + base64.b64encode(png_bytes(image)).decode("ascii")
