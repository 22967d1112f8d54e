"""What was learned: filters before and after, what excites them, what is dead."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.language import translate
from mirada.views.layer_chart import LayerChart, LayerSeries, layer_chart
from mirada.views.maps import (
    WALL_STYLE,
    Picture,
    Tile,
    picture,
    shrunk,
    signed_legend,
    signed_picture,
    wall,
)
from mirada.views.page import name, number_head, table, wide
from mirada.views.png import data_uri
from mirada.views.svg import Element, element, plain_text

__all__ = [
    "LEARNED_STYLE",
    "DeadLayer",
    "ExcitedUnit",
    "ShiftedSet",
    "ShownFilter",
    "ShownPatch",
    "dead_parts",
    "excited_parts",
    "filter_parts",
    "shift_parts",
]

LEARNED_STYLE = (
    WALL_STYLE
    + """
.tables{display:flex;flex-wrap:wrap;gap:16px 40px}
.unit{display:flex;flex-wrap:wrap;gap:10px;align-items:flex-start;padding:10px 0;
border-bottom:1px solid var(--rule)}
.unit h3{font-size:14px;margin:0;width:100%}
.unit .wall{margin:0}
.seen{display:block;border:1px solid var(--rule)}
.seen image{image-rendering:pixelated}
.seen rect{fill:none;stroke:#bc4c00;stroke-width:2}
"""
)

_FILTER, _PATCH = 64, 64
_MOST_SLICES = 8
_SHOWN_NUMBERS = 24

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


@dataclass(frozen=True)
class DeadLayer:
    """The units of one layer: how many, which are dead, which are always on."""

    layer: str
    units: int
    dead: tuple[int, ...]
    always_on: tuple[int, ...]


@dataclass(frozen=True)
class ShiftedSet:
    """What shifts by so many pixels do to a set of images, the mean of all directions.

    `same` is the share of answers that stay, `changes` and `errors` have a value for
    every layer (see `inspection.shift`).
    """

    pixels: int
    same: float
    changes: tuple[float | None, ...]
    errors: tuple[float | None, ...]


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
        yield _of(len(filters), total)
    if _is_colour(filters[0].after):
        words = translate("Red, green and blue weights as one colour; zero is grey.")
        yield element("p", words, class_="note")
    else:
        yield signed_legend()
    yield wall(map(_filter_tile, filters))
    if chance is not None:
        yield element("p", _against_chance(filters, *chance))


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
    return element("p", " ".join(pieces), class_="note")


def _against_chance(filters: Sequence[ShownFilter], middle: float, high: float) -> str:
    known = [f.likeness for f in filters if f.likeness is not None]
    height, width = filters[0].after.shape[1:]
    return translate(
        "{above} of {count} filters are more like a Gabor filter than 95 % of random "
        "{size} filters are, which reach {high:.2f}; half of those reach {middle:.2f}. "
        "About 1 in 20 would be so by chance."
    ).format(
        above=sum(likeness > high for likeness in known),
        count=len(filters),
        size=f"{height}x{width}",
        high=high,
        middle=middle,
    )


def _filter_tile(shown: ShownFilter) -> Tile:
    pictures, pieces = [], [str(shown.number)]
    if shown.before is not None:
        words = translate("filter {number} before training")
        pictures.append(_filter(shown.before, words.format(number=shown.number)))
    words = translate("filter {number} after training")
    pictures.append(_filter(shown.after, words.format(number=shown.number)))
    if shown.moved is not None:
        pieces.append(translate("moved {far:.2f}").format(far=shown.moved))
    if shown.gabor is not None and shown.likeness is not None:
        words = translate("the Gabor filter most similar to filter {number}")
        alt = words.format(number=shown.number)
        pictures.append(signed_picture(shown.gabor, alt, _FILTER))
        pieces.append(f"{shown.likeness:.2f}, {shown.angle:.0f}°")
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


def excited_parts(
    units: Sequence[ExcitedUnit], total: int, notes: Sequence[str]
) -> Iterator[Element]:
    """For every unit the image it likes and the patches that excite it most.

    `notes` stand before them: what is shown, and how the liked images were sought.
    """
    for words in notes:
        yield element("p", words, class_="note")
    if len(units) < total:
        yield _of(len(units), total)
    yield from map(_unit, units)


def _of(shown: int, total: int) -> Element:
    text = translate("The first {shown} of {total}.")
    return element("p", text.format(shown=shown, total=total), class_="note")


def _unit(unit: ExcitedUnit) -> Element:
    title = element("h3", translate("unit {number}").format(number=unit.number))
    tiles = []
    if unit.liked is not None:
        words = translate("what unit {number} likes").format(number=unit.number)
        text = translate("likes this: {value:.2f}").format(value=unit.reached)
        pixels = np.rint(shrunk(unit.liked, 2 * _PATCH)).astype(np.uint8)
        tiles.append(Tile((Picture(_flat(pixels), words, 2 * _PATCH),), text))
    liked = [wall(tiles)] if tiles else []
    patches = element("ul", *map(_patch, unit.patches), class_="wall")
    return element("div", title, *liked, patches, class_="unit")


def _patch(patch: ShownPatch) -> Element:
    top, left, bottom, right = patch.box
    caption = f"{plain_text(patch.label)}: {patch.value:.2f}"
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
            element("div", *pictures, class_="beside"),
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


def dead_parts(layers: Sequence[DeadLayer], images: int) -> Iterator[Element]:
    """A table of the units that are never, and of those that are always above zero."""
    note = translate(
        "Dead: never above zero on any of {count} images, so nothing passes and "
        "nothing is learned. Always on: above zero everywhere, so that the ReLU does "
        "nothing."
    )
    yield element("p", note.format(count=images), class_="note")
    head = (
        element("th", translate("layer"), scope="col"),
        number_head(translate("units")),
        number_head(translate("dead")),
        number_head(translate("share")),
        number_head(translate("always on")),
        element("th", translate("which are dead"), scope="col"),
    )
    yield wide(translate("Dead units"), table(head, map(_dead_row, layers)))


def _dead_row(row: DeadLayer) -> Element:
    which = ", ".join(map(str, row.dead[:_SHOWN_NUMBERS]))
    if len(row.dead) > _SHOWN_NUMBERS:
        which += ", ..."
    share = f"{100 * len(row.dead) / row.units:.1f} %"
    numbers = (str(row.units), str(len(row.dead)), share, str(len(row.always_on)))
    return element(
        "tr",
        element("th", name(row.layer), scope="row"),
        *(element("td", text, class_="number") for text in numbers),
        element("td", which or "–"),
    )


def shift_parts(
    layers: Sequence[str], shifts: Sequence[ShiftedSet], images: int
) -> Iterator[Element]:
    """How many answers stay when images are moved, and how far every layer changes."""
    note = translate(
        "{count} images moved up, down, left and right; what comes in at the edge "
        "repeats the border. 'change' compares a layer's values place by place: |f(Tx) "
        "- f(x)| / |f(x)|. 'error' compares them with the map moved alike: 0 where a "
        "layer moves along (equivariance). Where change falls from a layer to the "
        "next, that layer makes shifts matter less (invariance)."
    )
    yield element("p", note.format(count=images), class_="note")
    yield wide(translate("Answers"), _answers_table(shifts))
    drawn = [shifts[0], shifts[-1]] if len(shifts) > 1 else [*shifts]
    series = tuple(LayerSeries(_pixels(s.pixels), s.changes) for s in drawn)
    title = translate("Change of each layer under a shift")
    chart = LayerChart(title, tuple(layers), series)
    yield wide(title, layer_chart(chart, "shift"))
    yield _shift_tables(layers, shifts)


def _pixels(count: int) -> str:
    one, many = translate("1 pixel"), translate("{count} pixels")
    return one if count == 1 else many.format(count=count)


def _answers_table(shifts: Sequence[ShiftedSet]) -> Element:
    head = (
        element("th", translate("moved by"), scope="col"),
        *(number_head(_pixels(shift.pixels)) for shift in shifts),
    )
    cells = (element("td", _percent(s.same), class_="number") for s in shifts)
    words = translate("answers that stay")
    row = element("tr", element("th", words, scope="row"), *cells)
    return table(head, [row])


def _shift_tables(layers: Sequence[str], shifts: Sequence[ShiftedSet]) -> Element:
    """The changes of every layer, and beside them the errors."""
    both = (
        (translate("change"), [shift.changes for shift in shifts]),
        (translate("error"), [shift.errors for shift in shifts]),
    )
    pixels = [_pixels(shift.pixels) for shift in shifts]
    tables = []
    for words, columns in both:
        head = (
            element("th", words, scope="col"),
            *(number_head(text) for text in pixels),
        )
        rows = []
        for layer, values in zip(layers, zip(*columns, strict=True), strict=True):
            shown = ("–" if v is None else f"{v:.2f}" for v in values)
            cells = (element("td", text, class_="number") for text in shown)
            rows.append(element("tr", element("th", name(layer), scope="row"), *cells))
        tables.append(wide(words, table(head, rows)))
    return element("div", *tables, class_="tables")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
