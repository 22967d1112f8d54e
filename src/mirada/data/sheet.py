"""Rows of small labelled images as one PNG."""

from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mirada.data.lettering import line_height, write_line

__all__ = ["Row", "Tile", "place", "sheet_png"]

_PAPER, _INK, _SOFT = (255, 255, 255), (31, 35, 40), (89, 99, 110)
_MARGIN, _GAP = 16, 8
_TITLE, _ROW, _CAPTION = 18, 14, 11  # font sizes
_PIXELS, _SMOOTH = Image.Resampling.NEAREST, Image.Resampling.LANCZOS


class Tile(NamedTuple):
    """An image uint8 (h, w, 1 or 3), and the words under it."""

    image: NDArray[np.uint8]
    caption: str = ""


class Row(NamedTuple):
    """A heading and the tiles under it."""

    heading: str
    tiles: tuple[Tile, ...]


def sheet_png(title: str, rows: Sequence[Row], side: int = 96) -> bytes:
    """The rows as a PNG file, each tile in a square of `side` pixels.

    Images keep their shape; small ones are enlarged by whole pixels. Words are drawn,
    never interpreted; a sign that the font lacks is written as its number.

    >>> sheet_png("Nothing", [])[:4]
    b'\\x89PNG'
    """
    columns = max([len(row.tiles) for row in rows] or [1])
    width = max(2 * _MARGIN + columns * (side + _GAP) - _GAP, 320)
    heights = [_height(row, side) for row in rows]
    top = _MARGIN + line_height(_TITLE) + _GAP
    sheet = Image.new("RGB", (width, top + sum(heights) + _MARGIN), _PAPER)
    draw = ImageDraw.Draw(sheet)
    room = width - 2 * _MARGIN
    write_line(draw, (_MARGIN, _MARGIN), title, _TITLE, _INK, _PAPER, room)
    for row, height in zip(rows, heights, strict=True):
        write_line(draw, (_MARGIN, top), row.heading, _ROW, _INK, _PAPER, room)
        for number, tile in enumerate(row.tiles):
            left = _MARGIN + number * (side + _GAP)
            below = top + line_height(_ROW)
            place(sheet, tile.image, (left, below), side)
            at = (left, below + side + 2)
            write_line(draw, at, tile.caption, _CAPTION, _SOFT, _PAPER, side)
        top += height
    stream = BytesIO()
    sheet.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _height(row: Row, side: int) -> int:
    has_captions = any(tile.caption for tile in row.tiles)
    captions = line_height(_CAPTION) if has_captions else 0
    return line_height(_ROW) + side + 2 + captions + _GAP


def place(
    sheet: Image.Image, pixels: NDArray[np.uint8], corner: tuple[int, int], side: int
) -> None:
    """Draws an image into a square of a sheet, as tiles are drawn."""
    image = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    most = max(image.size)
    if most <= side:
        scale = side // most
        size, how = (image.width * scale, image.height * scale), _PIXELS
    else:
        sides = [max(1, round(length * side / most)) for length in image.size]
        size, how = (sides[0], sides[1]), _SMOOTH
    fitted = image.convert("RGB").resize(size, how)
    left, top = corner
    sheet.paste(
        fitted, (left + (side - fitted.width) // 2, top + (side - fitted.height) // 2)
    )
