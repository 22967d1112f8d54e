"""A photo at its own size, or brought down to as many pixels as its use can bear."""

from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.data.decoding import Header
from mirada.data.encoded import Encoded
from mirada.data.pool import Decoders
from mirada.errors import DataError

__all__ = ["Photo", "read_photo"]


class Photo(NamedTuple):
    """The pixels (h, w, channels) of an image, and what it said of itself."""

    pixels: NDArray[np.uint8]
    header: Header

    @property
    def is_smaller(self) -> bool:
        """Whether it was brought down."""
        return self.pixels.shape[:2] != (self.header.height, self.header.width)


def read_photo(
    image: Encoded, decoders: Decoders, most_pixels: int, channels: int | None = None
) -> Photo:
    """The photo with `channels`, or in RGB where it has colour and else in grey.

    Raises DataError.
    """
    header = next(decoders.probe([image]))
    if isinstance(header, DataError):
        raise header
    wanted = channels or (3 if header.colour else 1)
    size = _affordable(header, most_pixels)
    found = next(decoders.decode([image], size, channels=wanted, rule="squash"))
    if isinstance(found, DataError):
        raise found
    return Photo(found, header)


def _affordable(header: Header, most_pixels: int) -> tuple[int, int] | None:
    """The size to bring a photo down to; None for its own."""
    pixels = header.height * header.width
    if pixels <= most_pixels:
        return None
    scale = sqrt(most_pixels / pixels)
    return max(1, int(header.height * scale)), max(1, int(header.width * scale))
