"""Small pictures in rows, each with its caption: maps, filters, parts of images."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.views import data_uri
from mirada.views.svg import Element, element, figure, text_width

__all__ = ["Row", "Tile", "wall"]

_LEFT, _GAP, _LINE = 16.0, 10.0, 16.0


class Tile(NamedTuple):
    """Pixels (h, w) or (h, w, c) drawn `width` wide, words beneath, a box in pixels.

    The box is (top, left, bottom, right), as those of `inspection.patches`.
    """

    pixels: NDArray[np.uint8]
    width: float
    caption: str = ""
    box: tuple[int, int, int, int] | None = None

    @property
    def zoom(self) -> float:
        """How large one pixel is drawn."""
        return self.width / int(self.pixels.shape[1])

    @property
    def height(self) -> float:
        """How high it is drawn, without the caption."""
        return int(self.pixels.shape[0]) * self.zoom

    @property
    def room(self) -> float:
        """How wide it is with its caption."""
        return max(self.width, text_width(self.caption))


class Row(NamedTuple):
    """Tiles side by side under a line of words."""

    words: str
    tiles: Sequence[Tile]

    @property
    def height(self) -> float:
        """How high it is drawn, words and captions included."""
        captioned = any(tile.caption for tile in self.tiles)
        words = _LINE + 4 if self.words else 0.0
        return words + max(t.height for t in self.tiles) + (_LINE if captioned else 0)

    @property
    def width(self) -> float:
        """How wide it is drawn."""
        return sum(tile.room + _GAP for tile in self.tiles) - _GAP


def wall(key: str, title: str, about: str, rows: Sequence[Row]) -> Element:
    """The rows, one beneath the other."""
    y = 44.0
    content = [element("text", title, class_="ink title", x=_LEFT, y=22)]
    for row in rows:
        content += _drawn(row, y)
        y += row.height + 14
    words = [text_width(title, 14), *(text_width(row.words) for row in rows)]
    width = max(*words, *(row.width for row in rows)) + 2 * _LEFT
    return figure(key, (width, y), title, about, *content)


def _drawn(row: Row, y: float) -> Iterator[Element]:
    if row.words:
        yield element("text", row.words, class_="soft", x=_LEFT, y=y + 8)
        y += _LINE + 4
    x = _LEFT
    for tile in row.tiles:
        yield from _tile(tile, x, y)
        x += tile.room + _GAP


def _tile(tile: Tile, x: float, y: float) -> Iterator[Element]:
    place = {"x": x, "y": y, "width": tile.width, "height": tile.height}
    source = data_uri(tile.pixels)
    yield element("image", class_="pixels", href=source, **place)
    yield element("rect", class_="grid", **place)
    if tile.box is not None:
        top, left, bottom, right = (tile.zoom * side for side in tile.box)
        yield element(
            "rect",
            class_="window-2",
            x=x + left,
            y=y + top,
            width=right - left,
            height=bottom - top,
        )
    if tile.caption:
        below = y + tile.height + _LINE - 2
        yield element("text", tile.caption, class_="soft", x=x, y=below)
