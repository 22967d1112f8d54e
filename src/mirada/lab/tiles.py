"""Many small images as one: a page asks once for all that it shows."""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.data.tile_sheet import tile_sheet
from mirada.errors import UsageError
from mirada.lab.asked import Asked

__all__ = ["names_of", "sheet"]

_MOST_TILES = 400

Pixels = NDArray[np.uint8]


def names_of(asked: Asked) -> list[str]:
    """The names of the images that a request wants to see, at most 400.

    Raises UsageError (`tile-names`).
    """
    found = asked.value.get("names")
    is_list = isinstance(found, list) and len(found) <= _MOST_TILES
    if not is_list or not all(isinstance(name, str) for name in found or ()):
        raise UsageError(
            "tile-names",
            "A request for small images needs 'names', a list of at most {most} texts.",
            most=_MOST_TILES,
        )
    return list(found or ())


def sheet(images: Sequence[Pixels | None], side: int) -> dict[str, Any]:
    """The images as JSON holds them: one PNG, and where each is in it."""
    found = tile_sheet(images, side)
    png = base64.b64encode(found.png).decode("ascii")
    return {**found._asdict(), "png": png}
