"""Filters before and after training, beside the Gabor filters they are most like."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.language import translate
from mirada.views.maps import (
    Picture,
    Tile,
    first_of,
    signed_legend,
    signed_picture,
    wall,
)
from mirada.views.numbers import decimal_text
from mirada.views.page import note, paragraph
from mirada.views.svg import Element

__all__ = ["ShownFilter", "filter_parts"]

_FILTER = 64
_MOST_SLICES = 8

Numbers = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class ShownFilter:
    """A filter (ic, kh, kw) now, and before training where that is known.

    `moved` and `cosine` are those of `inspection.filters`. `gabor` is the most similar
    Gabor filter (kh, kw), `likeness` the correlation with it and `angle` its angle.
    """

    number: int
    after: Numbers
    before: Numbers | None = None
    moved: float | None = None
    cosine: float | None = None
    gabor: Numbers | None = None
    likeness: float | None = None
    angle: float | None = None


def filter_parts(
    filters: Sequence[ShownFilter], total: int, chance: tuple[float, float] | None
) -> Iterator[Element]:
    """The filters as a wall, and what was measured on them.

    `total` is how many the layer has; `chance` the middle and the 95th percentile of
    what random filters of the size reach beside the Gabor bank.
    """
    with_before = any(shown.before is not None for shown in filters)
    yield _filters_note(with_before, chance is not None)
    if len(filters) < total:
        yield first_of(len(filters), total)
    if _is_colour(filters[0].after):
        words = translate("Red, green and blue weights as one colour; zero is grey.")
        yield note(words)
    else:
        yield signed_legend()
    yield wall(map(_filter_tile, filters))
    if chance is not None:
        yield paragraph(_against_chance(filters, *chance))


def _filters_note(with_before: bool, with_gabor: bool) -> Element:
    pieces = [translate("Each filter at full contrast.")]
    if with_before:
        pieces.append(
            translate(
                "Left: before training; right of it: after. 'moved' is how far it "
                "went, in lengths of what it was."
            )
        )
    if with_gabor:
        pieces.append(
            translate(
                "Last: the most similar Gabor filter of a bank, with the correlation "
                "and the angle (0: upright stripes, 90: level ones)."
            )
        )
    return note(" ".join(pieces))


def _against_chance(filters: Sequence[ShownFilter], middle: float, high: float) -> str:
    known = [f.likeness for f in filters if f.likeness is not None]
    height, width = filters[0].after.shape[1:]
    return translate(
        "{above} of {count} filters are more like a Gabor filter than 95 % of random "
        "{size} filters are, which reach {high}; half of those reach {middle}. "
        "About 1 in 20 would be so by chance."
    ).format(
        above=sum(likeness > high for likeness in known),
        count=len(filters),
        size=f"{height}x{width}",
        high=decimal_text(high),
        middle=decimal_text(middle),
    )


def _filter_tile(shown: ShownFilter) -> Tile:
    pictures, pieces = [], [str(shown.number)]
    if shown.before is not None:
        words = translate("filter {number} before training")
        pictures.append(_filter(shown.before, words.format(number=shown.number)))
    words = translate("filter {number} after training")
    pictures.append(_filter(shown.after, words.format(number=shown.number)))
    if shown.moved is not None:
        pieces.append(translate("moved {far}").format(far=decimal_text(shown.moved)))
    if shown.gabor is not None and shown.likeness is not None:
        words = translate("the Gabor filter most similar to filter {number}")
        alt = words.format(number=shown.number)
        pictures.append(signed_picture(shown.gabor, alt, _FILTER))
        pieces.append(f"{decimal_text(shown.likeness)}, {shown.angle:.0f}°")
    return Tile(tuple(pictures), " · ".join(pieces))


def _is_colour(weights: Numbers) -> bool:
    return len(weights) == 3


def _filter(weights: Numbers, words: str) -> Picture:
    """A filter: in colour, or its channels one beside another in signed colours."""
    if _is_colour(weights):
        most = float(np.abs(weights).max(initial=0.0)) or 1.0
        pixels = np.rint(127.5 + 127.5 * weights / most).astype(np.uint8)
        return Picture(pixels.transpose(1, 2, 0), words, _FILTER)
    sizes = np.abs(weights).sum(axis=(1, 2))
    kept = sorted(np.argsort(-sizes, kind="stable")[:_MOST_SLICES].tolist())
    columns = min(len(kept), 4)
    rows = -(-len(kept) // columns)
    height, width = weights.shape[1:]
    sheet = np.zeros((rows * (height + 1) - 1, columns * (width + 1) - 1))
    for place, channel in enumerate(kept):
        top, left = (height + 1) * (place // columns), (width + 1) * (place % columns)
        sheet[top : top + height, left : left + width] = weights[channel]
    return signed_picture(sheet, words, _FILTER if len(kept) == 1 else 2 * _FILTER)
