"""A wall of small images with captions, and what their colours mean.

Numbers with a sign have one reading everywhere: white is zero, orange above it, blue
below, and the full colour is the largest size among all that stand on one wall.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.language import translate
from mirada.views.numbers import count_text, digits_text
from mirada.views.page import note
from mirada.views.png import data_uri
from mirada.views.shades import signed
from mirada.views.svg import Element, element, plain_text

__all__ = [
    "WALL_STYLE",
    "Picture",
    "Tile",
    "as_rows",
    "first_of",
    "picture",
    "shrunk",
    "signed_legend",
    "signed_picture",
    "signed_scale",
    "wall",
]

WALL_STYLE = """
.wall{display:flex;flex-wrap:wrap;gap:12px 10px;padding:0;margin:8px 0 16px;
list-style:none}
.wall figure{margin:0}
.wall figcaption{font-size:12px;line-height:1.35;text-align:center;
overflow-wrap:anywhere}
.look{display:block;height:auto;max-width:100%;image-rendering:pixelated;
box-sizing:border-box;border:1px solid var(--rule)}
.pictures{display:flex;flex-wrap:wrap;gap:3px;align-items:flex-start}
.scale{white-space:nowrap}
.ramp{width:110px;height:12px;vertical-align:-1px;border:1px solid var(--rule);
margin:0 6px}
.chosen{outline:2px solid #bc4c00;outline-offset:2px}
@media print{
.wall li{break-inside:avoid}
}
"""

_VECTOR_ROW = 20
_RAMP = 65

Numbers = NDArray[np.floating]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Picture:
    """Pixels (h, w) or (h, w, 3), what they show, and their width on a page."""

    pixels: Pixels
    words: str
    width: int


@dataclass(frozen=True, eq=False)
class Tile:
    """One place of a wall: pictures side by side over a caption."""

    pictures: tuple[Picture, ...]
    caption: str = ""
    is_chosen: bool = False


def picture(shown: Picture) -> Element:
    """An image that stays sharp when it is enlarged."""
    return element(
        "img",
        class_="look",
        src=data_uri(shown.pixels),
        alt=plain_text(shown.words),
        width=shown.width,
    )


def wall(tiles: Iterable[Tile]) -> Element:
    """The tiles side by side, as many in a row as there is room for.

    >>> grey = Picture(np.zeros((1, 1), np.uint8), "map 0", 40)
    >>> print(wall([Tile((grey,), "0")]).children[0].name)
    li
    """
    return element("ul", *map(_tile, tiles), class_="wall")


def _tile(tile: Tile) -> Element:
    shown = [picture(each) for each in tile.pictures]
    inside = shown if len(shown) == 1 else [element("div", *shown, class_="pictures")]
    if tile.caption:
        inside = [*inside, element("figcaption", plain_text(tile.caption))]
    mark = "chosen" if tile.is_chosen else None
    return element("li", element("figure", *inside, class_=mark))


def signed_picture(
    values: Numbers, words: str, width: int, largest: float | None = None
) -> Picture:
    """A map (h, w) in signed colours, one number in a picture's every cell.

    A map that is larger than its width on the page is averaged down first.
    """
    return Picture(signed(shrunk(values, width), largest), words, width)


def shrunk(values: Numbers | Pixels, most: int) -> NDArray[np.float64]:
    """A map (h, w) or an image (h, w, c) of at most `most` a side, by means of blocks.

    >>> shrunk(np.array([[1.0, 3.0, 5.0, 7.0]]), 2).tolist()
    [[2.0, 6.0]]
    """
    found = values.astype(np.float64)
    for axis in (0, 1):
        length = found.shape[axis]
        step = -(-length // most)
        if step > 1:
            starts = np.arange(0, length, step)
            counts = np.diff([*starts, length])
            shape = [-1 if place == axis else 1 for place in range(found.ndim)]
            found = np.add.reduceat(found, starts, axis=axis) / counts.reshape(shape)
    return found


def as_rows(values: Numbers) -> Numbers:
    """A vector as rows of up to 20 cells; what is missing in the last row is zero.

    >>> as_rows(np.ones(3)).shape, as_rows(np.ones(21)).shape
    ((1, 3), (2, 20))
    """
    columns = min(len(values), _VECTOR_ROW)
    rows = -(-len(values) // columns)
    return np.pad(values, (0, rows * columns - len(values))).reshape(rows, columns)


def first_of(shown: int, total: int) -> Element:
    """A line that says how many of how many are shown."""
    text = translate("The first {shown} of {total}.")
    return note(text.format(shown=count_text(shown), total=count_text(total)))


def signed_legend() -> Element:
    """What the colours of signed maps mean, in words."""
    words = translate("Blue is below zero, white is zero, orange is above zero.")
    return element("p", words + " ", _ramp("-", "+"), class_="note")


def signed_scale(largest: float) -> Element:
    """The colours from -largest to largest, with the numbers at both ends."""
    end = digits_text(largest)
    return _ramp(f"-{end}", end)


def _ramp(below: str, above: str) -> Element:
    steps = signed(np.linspace(-1.0, 1.0, _RAMP)[None, :])
    words = translate("from blue over white to orange")
    colours = element("img", class_="ramp", src=data_uri(steps), alt=words)
    return element("span", below, colours, above, class_="scale")
