"""Many small images as one: a page asks once for all that it shows."""

import base64
import threading
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mirada.data.pool import Decoders
from mirada.data.sheet import place
from mirada.errors import UsageError
from mirada.lab.asked import Asked
from mirada.lab.lab import Lab

__all__ = ["COLUMNS", "MOST_TILES", "TileDecoders", "names_of", "sheet"]

COLUMNS = 16
MOST_TILES = 400

Pixels = NDArray[np.uint8]


class TileDecoders:
    """The process that decodes small images, started once and kept."""

    def __init__(self, lab: Lab) -> None:
        self._lock = threading.Lock()
        self._decoders: Decoders | None = None

    def get(self) -> Decoders:
        """The decoders; threads may share them."""
        with self._lock:
            self._decoders = self._decoders or Decoders(workers=1)
            return self._decoders

    def close(self) -> None:
        """Ends the process."""
        with self._lock:
            if self._decoders is not None:
                self._decoders.close()


def names_of(asked: Asked) -> list[str]:
    """The names of the images that a request wants to see, at most 400.

    Raises UsageError (`tile-names`).
    """
    found = asked.value.get("names")
    is_list = isinstance(found, list) and len(found) <= MOST_TILES
    if not is_list or not all(isinstance(name, str) for name in found or ()):
        raise UsageError(
            "tile-names",
            "A request for small images needs 'names', a list of at most {most} texts.",
            most=MOST_TILES,
        )
    return list(found or ())


def sheet(images: Sequence[Pixels | None], side: int) -> dict[str, Any]:
    """The images as one PNG, row by row, each in a square; what is None is missing.

    The square is of `side`, or a little less where small images then fill it by whole
    pixels. Around what is no square, and where one is missing, nothing is painted.
    """
    longest = max(
        (max(each.shape[:2]) for each in images if each is not None), default=1
    )
    if longest <= side:
        side -= side % longest
    rows = -(-len(images) // COLUMNS)
    columns = min(COLUMNS, len(images))
    found = Image.new("RGBA", (max(columns, 1) * side, max(rows, 1) * side))
    for number, pixels in enumerate(images):
        if pixels is not None:
            row, column = divmod(number, COLUMNS)
            place(found, pixels, (column * side, row * side), side)
    stream = BytesIO()
    found.save(stream, "PNG", compress_level=1)
    missing = [number for number, pixels in enumerate(images) if pixels is None]
    png = base64.b64encode(stream.getvalue()).decode("ascii")
    return {"png": png, "side": side, "columns": COLUMNS, "missing": missing}
