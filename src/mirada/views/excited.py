"""What excites units: the patches of images that do most, and images that they like."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.language import translate
from mirada.views.maps import (
    WALL_STYLE,
    Picture,
    Tile,
    first_of,
    picture,
    shrunk,
    wall,
)
from mirada.views.numbers import decimal_text
from mirada.views.page import note
from mirada.views.png import data_uri
from mirada.views.svg import Element, element, plain_text

__all__ = ["EXCITED_STYLE", "ExcitedUnit", "ShownPatch", "excited_parts"]

EXCITED_STYLE = (
    WALL_STYLE
    + """
.unit{display:flex;flex-wrap:wrap;gap:10px;align-items:flex-start;padding:10px 0;
border-bottom:1px solid var(--rule)}
.unit h3{font-size:14px;margin:0;width:100%}
.unit .wall{margin:0}
.unit .wall:last-child{flex:1 1 270px}
.unit .three{max-width:420px}
.seen{display:block;border:1px solid var(--rule)}
.seen image{image-rendering:pixelated}
.seen rect{fill:none;stroke:#bc4c00;stroke-width:2}
@media print{
.unit{break-inside:avoid}
}
"""
)

_PATCH = 64
_IN_A_ROW = 4


@dataclass(frozen=True, eq=False)
class ShownPatch:
    """An image (h, w, c) with the box (top, left, bottom, right) that a unit sees."""

    image: NDArray[np.uint8]
    box: tuple[int, int, int, int]
    label: str
    value: float


@dataclass(frozen=True, eq=False)
class ExcitedUnit:
    """A unit, the image that it likes (h, w, c) if one was sought, and its patches."""

    number: int
    patches: tuple[ShownPatch, ...]
    liked: NDArray[np.uint8] | None = None
    reached: float | None = None


def excited_parts(
    units: Sequence[ExcitedUnit], total: int, notes: Sequence[str]
) -> Iterator[Element]:
    """For every unit the image it likes and the patches that excite it most.

    `notes` stand before them: what is shown, and how the liked images were sought.
    """
    for words in notes:
        yield note(words)
    if len(units) < total:
        yield first_of(len(units), total)
    yield from map(_unit, units)


def _unit(unit: ExcitedUnit) -> Element:
    title = element("h3", translate("unit {number}").format(number=unit.number))
    tiles = []
    if unit.liked is not None:
        words = translate("what unit {number} likes").format(number=unit.number)
        text = translate("likes this: {value}").format(value=decimal_text(unit.reached))
        pixels = np.rint(shrunk(unit.liked, 2 * _PATCH)).astype(np.uint8)
        tiles.append(Tile((Picture(_flat(pixels), words, 2 * _PATCH),), text))
    liked = [wall(tiles)] if tiles else []
    kind = "wall" if len(unit.patches) <= _IN_A_ROW else "wall three"
    patches = element("ul", *map(_patch, unit.patches), class_=kind)
    return element("div", title, *liked, patches, class_="unit")


def _patch(patch: ShownPatch) -> Element:
    top, left, bottom, right = patch.box
    caption = f"{plain_text(patch.label)}: {decimal_text(patch.value)}"
    pictures = [_with_box(patch, caption)]
    cut = patch.image[top:bottom, left:right]
    if cut.size and cut.shape != patch.image.shape:
        words = translate("the patch enlarged")
        pixels = np.rint(shrunk(cut, 2 * _PATCH)).astype(np.uint8)
        pictures.append(picture(Picture(_flat(pixels), words, _PATCH)))
    return element(
        "li",
        element(
            "figure",
            element("div", *pictures, class_="pictures"),
            element("figcaption", caption),
        ),
    )


def _with_box(patch: ShownPatch, caption: str) -> Element:
    height, width = patch.image.shape[:2]
    pixels = np.rint(shrunk(patch.image, 2 * _PATCH)).astype(np.uint8)
    top, left, bottom, right = patch.box
    words = translate("{what}; rows {top} to {bottom}, columns {left} to {right}")
    about = words.format(
        what=caption, top=top, bottom=bottom - 1, left=left, right=right - 1
    )
    return element(
        "svg",
        element("title", about),
        element("image", href=data_uri(_flat(pixels)), width=width, height=height),
        element(
            "rect",
            x=left,
            y=top,
            width=right - left,
            height=bottom - top,
            vector_effect="non-scaling-stroke",
        ),
        class_="seen",
        role="img",
        width=_PATCH,
        height=round(_PATCH * height / width),
        viewbox=f"0 0 {width} {height}",
    )


def _flat(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return pixels[..., 0] if pixels.shape[2] == 1 else pixels
