"""What moving images does to every layer and to the answers: a chart and tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mirada.language import translate
from mirada.views.layer_chart import LayerChart, LayerSeries, layer_chart
from mirada.views.numbers import count_text, decimal_text
from mirada.views.page import name, note, number_head, side_by_side, table, wide
from mirada.views.scores import share_cell
from mirada.views.svg import Element, element

__all__ = ["ShiftedSet", "shift_parts"]


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


def shift_parts(
    layers: Sequence[str], shifts: Sequence[ShiftedSet], images: int
) -> Iterator[Element]:
    """How many answers stay when images are moved, and how far every layer changes."""
    words = translate(
        "{count} images moved up, down, left and right; what comes in at the edge "
        "repeats the border. 'change' compares a layer's values place by place: |f(Tx) "
        "- f(x)| / |f(x)|, where Tx is the moved image. 'error' compares them with the "
        "map moved alike: 0 where a layer moves along (equivariance). Where change "
        "falls from a layer to the next, that layer makes shifts matter less "
        "(invariance)."
    )
    yield note(words.format(count=count_text(images)))
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
    cells = (share_cell(s.same) for s in shifts)
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
            shown = map(decimal_text, values)
            cells = (element("td", text, class_="number") for text in shown)
            rows.append(element("tr", element("th", name(layer), scope="row"), *cells))
        tables.append(wide(words, table(head, rows)))
    return side_by_side(*tables)
