"""How views look where no script runs: pictures and plain tables."""

import base64
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mirada.views.maps import as_rows, shrunk
from mirada.views.png import data_uri
from mirada.views.shades import signed
from mirada.views.svg import Element, element, write

__all__ = ["drawn", "drawn_maps", "plain_table"]

_SIDE, _COLUMNS = 56, 8


def drawn(figure: Element, words: str) -> Element:
    """A figure as an image of its own, so that its ids and styles stay within it."""
    text = base64.b64encode(write(figure).encode()).decode("ascii")
    return element("img", src=f"data:image/svg+xml;base64,{text}", alt=words)


def drawn_maps(values: NDArray[np.floating], words: str) -> Element:
    """Maps (c, h, w), or a vector, on one image and one scale of colours."""
    maps = as_rows(values)[None] if values.ndim == 1 else values
    largest = float(np.abs(values).max(initial=0.0))
    tiles = [_tile(signed(shrunk(each, _SIDE), largest)) for each in maps]
    height, width, _ = tiles[0].shape
    lines = -(-len(tiles) // _COLUMNS)
    sheet = np.full((lines * height, min(len(tiles), _COLUMNS) * width, 3), 255, "u1")
    for place, tile in enumerate(tiles):
        top, left = (place // _COLUMNS) * height, (place % _COLUMNS) * width
        sheet[top : top + height, left : left + width] = tile
    return element("img", src=data_uri(sheet), alt=words)


def _tile(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A map enlarged to about `_SIDE`, within a thin grey frame and a white border."""
    scale = max(1, _SIDE // max(pixels.shape[:2]))
    large = pixels.repeat(scale, axis=0).repeat(scale, axis=1)
    framed = np.pad(large, ((1, 1), (1, 1), (0, 0)), constant_values=160)
    found: NDArray[np.uint8] = np.pad(
        framed, ((0, 4), (0, 4), (0, 0)), constant_values=255
    )
    return found


def plain_table(
    caption: str, heads: Iterable[str], rows: Iterable[Iterable[str]]
) -> Element:
    """A table that needs no style sheet; the first cell of a row is its head."""
    lines = []
    for first, *others in rows:
        cells = (element("td", text) for text in others)
        lines.append(element("tr", element("th", first, scope="row"), *cells))
    return element(
        "table",
        element("caption", caption),
        element(
            "thead", element("tr", *(element("th", h, scope="col") for h in heads))
        ),
        element("tbody", *lines),
    )
