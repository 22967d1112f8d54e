"""One image's way through a network: the answer, every layer's maps, shifts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.language import translate
from mirada.views.maps import (
    WALL_STYLE,
    Picture,
    Tile,
    as_rows,
    picture,
    signed_legend,
    signed_picture,
    signed_scale,
    wall,
)
from mirada.views.numbers import decimal_text, digits_text, percent_text
from mirada.views.page import (
    Section,
    contents,
    name,
    note,
    number_head,
    page_html,
    table,
    wide,
)
from mirada.views.svg import Element, element, plain_text

__all__ = ["ImagePage", "ShiftedAnswer", "ShownLayer", "image_page"]

_STYLE = (
    WALL_STYLE
    + """
.answer{display:flex;flex-wrap:wrap;gap:20px 32px;align-items:flex-start}
.bar{margin-top:6px}
.share{fill:#0969da}
@media (prefers-color-scheme:dark){.bar{vertical-align:middle}
.share{fill:#58a6ff}}
td.whole{white-space:nowrap}
.other{font-weight:600;color:#bc4c00}
@media (prefers-color-scheme:dark){.other{color:#f0883e}}
"""
)

_MOST_WIDE, _BAR = 240, 120
_CELL = 14
_SMALL, _LARGE = 72, 144
_MOST_SMALL, _MOST_LARGE = 32, 256


@dataclass(frozen=True, eq=False)
class ShownLayer:
    """A layer with its values: maps (c, h, w), or a vector (features,).

    `what` is the layer in short words, `strongest` the number of the map to mark.
    """

    layer: str
    what: str
    values: NDArray[np.floating]
    strongest: int


@dataclass(frozen=True)
class ShiftedAnswer:
    """The answer for the image moved by some pixels in one direction."""

    pixels: int
    direction: str
    label: str
    probability: float


@dataclass(frozen=True, eq=False)
class ImagePage:
    """What the page of one image shows.

    `image` is (h, w, c) as the network sees it; `answers` are classes with their
    probabilities, the likeliest first; `directions` gives each direction its words.
    With `is_close` the layers, then few, are shown larger and whole.
    """

    image: NDArray[np.uint8]
    name: str
    answers: tuple[tuple[str, float], ...]
    layers: tuple[ShownLayer, ...]
    shifts: tuple[ShiftedAnswer, ...]
    directions: tuple[tuple[str, str], ...]
    is_close: bool = False


def image_page(page: ImagePage) -> str:
    """The whole HTML page, in the language in use."""
    label, share = page.answers[0]
    title = f"{plain_text(page.name)}: {plain_text(label)} ({percent_text(share)})"
    return page_html(title, contents([*_sections(page)]), [_STYLE])


def _sections(page: ImagePage) -> Iterator[Section]:
    height, width = page.image.shape[:2]
    text = translate("What the network sees: {size} pixels")
    yield Section(text.format(size=f"{height}x{width}"), tuple(_answer(page)))
    if page.shifts:
        yield Section(translate("Moved by a few pixels"), tuple(_shifts(page)))
    yield Section(translate("Layer by layer"), tuple(_layers(page)))


def _answer(page: ImagePage) -> Iterator[Element]:
    image = page.image[..., 0] if page.image.shape[2] == 1 else page.image
    words = translate("The image as the network sees it.")
    head = (
        element("th", translate("class"), scope="col"),
        number_head(translate("probability")),
        element("th", "", scope="col"),
    )
    rows = [_answer_row(label, share) for label, share in page.answers]
    answers = wide(translate("The answer"), table(head, rows))
    shown = picture(Picture(image, words, _MOST_WIDE))
    yield element("div", shown, answers, class_="answer")


def _answer_row(label: str, share: float) -> Element:
    bar = element(
        "svg",
        element("rect", class_="share", width=_BAR * share, height=12),
        class_="bar",
        width=_BAR,
        height=12,
        role="presentation",
    )
    return element(
        "tr",
        element("th", name(label), scope="row"),
        element("td", percent_text(share), class_="number"),
        element("td", bar),
    )


def _shifts(page: ImagePage) -> Iterator[Element]:
    yield note(
        translate(
            "The whole image is moved; what comes in at the edge repeats the border. "
            "Pooling makes small shifts matter less, but nothing makes them matter not "
            "at all. Orange and bold: another answer than that of the image itself."
        )
    )
    words = dict(page.directions)
    head = (
        element("th", translate("pixels"), scope="col"),
        *(element("th", text, scope="col") for text in words.values()),
    )
    counts = dict.fromkeys(shift.pixels for shift in page.shifts)
    rows = []
    for count in counts:
        found = {s.direction: s for s in page.shifts if s.pixels == count}
        cells = (_shift_cell(page, found[direction]) for direction in words)
        rows.append(element("tr", element("th", str(count), scope="row"), *cells))
    yield wide(translate("Moved by a few pixels"), table(head, rows))


def _shift_cell(page: ImagePage, shift: ShiftedAnswer) -> Element:
    changed = "other" if shift.label != page.answers[0][0] else None
    text = f"{plain_text(shift.label)} ({percent_text(shift.probability)})"
    kind = f"whole {changed}" if changed else "whole"
    return element("td", element("bdi", text), class_=kind)


def _layers(page: ImagePage) -> Iterator[Element]:
    head = (
        element("th", translate("layer"), scope="col"),
        element("th", translate("kind"), scope="col"),
        element("th", translate("shape"), scope="col"),
        number_head(translate("least")),
        number_head(translate("mean")),
        number_head(translate("largest")),
        number_head(translate("zeros")),
        number_head(translate("strongest")),
    )
    rows = map(_layer_row, page.layers)
    yield wide(translate("Layer by layer"), table(head, rows))
    yield note(
        translate(
            "Below, every map of a layer on one scale of colours. Outlined is the "
            "strongest: the one with the largest mean."
        )
    )
    yield signed_legend()
    for shown in page.layers:
        title = element("h3", f"{shown.layer} ({shown.what})")
        yield element("section", title, *_maps(page, shown), id=f"layer-{shown.layer}")


def _layer_row(shown: ShownLayer) -> Element:
    values = shown.values
    numbers = map(float, (values.min(), values.mean(dtype=np.float64), values.max()))
    link = element("a", shown.layer, href=f"#layer-{shown.layer}")
    return element(
        "tr",
        element("th", link, scope="row"),
        element("td", shown.what),
        element("td", "x".join(map(str, values.shape))),
        *(element("td", decimal_text(n, 3), class_="number") for n in numbers),
        element("td", percent_text(float((values == 0).mean())), class_="number"),
        element("td", str(shown.strongest), class_="number"),
    )


def _maps(page: ImagePage, shown: ShownLayer) -> Iterator[Element]:
    values = shown.values
    largest = float(np.abs(values).max(initial=0.0))
    text = translate(
        "{shape}; from {least} to {largest}; {zeros} of it is zero."
    ).format(
        shape="x".join(map(str, values.shape)),
        least=digits_text(float(values.min())),
        largest=digits_text(float(values.max())),
        zeros=percent_text(float((values == 0).mean())),
    )
    yield element("p", text + " ", signed_scale(largest), class_="note")
    if values.ndim == 1:
        rows = as_rows(values)
        words = translate("{layer}: {count} numbers").format(
            layer=shown.layer, count=len(values)
        )
        yield wall(
            [Tile((signed_picture(rows, words, _CELL * rows.shape[1], largest),))]
        )
        return
    count, most = len(values), _MOST_LARGE if page.is_close else _MOST_SMALL
    kept = _strongest(values, most)
    if len(kept) < count:
        words = translate("The {shown} maps of {count} with the largest mean.")
        yield note(words.format(shown=len(kept), count=count))
    yield wall(_tile(shown, place, page.is_close, largest) for place in kept)


def _strongest(values: NDArray[np.floating], most: int) -> Sequence[int]:
    """The numbers of the maps with the largest means, in their own order."""
    means = values.reshape(len(values), -1).mean(axis=1)
    return sorted(np.argsort(-means, kind="stable")[:most].tolist())


def _tile(shown: ShownLayer, place: int, is_close: bool, largest: float) -> Tile:
    values = shown.values[place]
    words = translate("{layer}, map {place}: {least} to {largest}").format(
        layer=shown.layer,
        place=place,
        least=digits_text(float(values.min())),
        largest=digits_text(float(values.max())),
    )
    width = _LARGE if is_close else _SMALL
    tile = signed_picture(values, words, width, largest)
    return Tile((tile,), str(place), place == shown.strongest)
