"""Many small images as one PNG, from which a page shows them one by one."""

from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mirada.data.sheet import place

__all__ = ["TileSheet", "tile_sheet"]

_COLUMNS = 16


class TileSheet(NamedTuple):
    """The PNG, the side and columns of its squares, and the places that are empty."""

    png: bytes
    side: int
    columns: int
    missing: list[int]


def tile_sheet(images: Sequence[NDArray[np.uint8] | None], side: int) -> TileSheet:
    """The images (h, w, 1 or 3) row by row, each in a square; None is missing.

    The square is of `side`, or a little less where small images then fill it by whole
    pixels. Around what is no square, and where one is missing, nothing is painted.

    >>> tile_sheet([np.zeros((5, 5, 1), np.uint8), None], 16)[1:]
    (15, 16, [1])
    """
    sides = [max(each.shape[:2]) for each in images if each is not None]
    longest = max(sides, default=1)
    if longest <= side:
        side -= side % longest
    rows, columns = -(-len(images) // _COLUMNS), min(_COLUMNS, len(images))
    found = Image.new("RGBA", (max(columns, 1) * side, max(rows, 1) * side))
    for number, pixels in enumerate(images):
        if pixels is not None:
            row, column = divmod(number, _COLUMNS)
            place(found, pixels, (column * side, row * side), side)
    stream = BytesIO()
    found.save(stream, "PNG", compress_level=1)
    missing = [number for number, pixels in enumerate(images) if pixels is None]
    return TileSheet(stream.getvalue(), side, _COLUMNS, missing)
