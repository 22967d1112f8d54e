"""The accuracy of a linear probe by layer, beside pixels and chance."""

from collections.abc import Sequence
from typing import Protocol

from mirada.language import translate
from mirada.views.layer_chart import LayerChart, LayerSeries, layer_chart
from mirada.views.numbers import count_text
from mirada.views.page import name, note, number_head, table, wide
from mirada.views.scores import share_cell
from mirada.views.svg import Element, element

__all__ = ["ProbeScore", "probe_figure", "probe_parts"]


class ProbeScore(Protocol):
    """How well a probe of one layer answers."""

    @property
    def layer(self) -> str:
        """The name of the layer."""

    @property
    def features(self) -> int:
        """How many numbers the probe saw."""

    @property
    def images(self) -> int:
        """How many images it answered."""

    @property
    def accuracy(self) -> float:
        """The share of right answers."""

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share."""


def probe_figure(
    scores: Sequence[ProbeScore],
    chance: float,
    chosen: str | None = None,
    key: str = "probe",
) -> Element:
    """The chart: accuracy by layer with its interval; `chosen` is a layer to mark."""
    layers = tuple(score.layer for score in scores)
    series = LayerSeries(
        translate("right answers of a linear probe"),
        tuple(score.accuracy for score in scores),
        tuple(score.interval for score in scores),
    )
    return layer_chart(
        LayerChart(
            translate("What each layer lets a straight cut tell apart"),
            layers,
            (series,),
            is_share=True,
            baseline=(chance, translate("the commonest class")),
            chosen=layers.index(chosen) if chosen in layers else None,
        ),
        key,
    )


def probe_parts(
    scores: Sequence[ProbeScore], chance: float, chosen: str | None = None
) -> tuple[Element, ...]:
    """The chart, what it says in words, and the numbers as a table."""
    words = translate(
        "A linear probe sees one layer's values and nothing else, and answers with one "
        "weighted sum a class. The more classes lie apart in a layer, the more often "
        "it is right: a measure of how abstract the layer is. 'input' is the pixels "
        "themselves. {count} images, each answered by a probe that had not seen it. "
        "Lines show 95 % intervals; in the table they stand beside each share, in "
        "percent."
    ).format(count=count_text(scores[0].images))
    figure = wide(translate("Linear probes"), probe_figure(scores, chance, chosen))
    numbers = wide(translate("Linear probes"), _numbers(scores, chance))
    return note(words), figure, numbers


def _numbers(scores: Sequence[ProbeScore], chance: float) -> Element:
    head = (
        element("th", translate("layer"), scope="col"),
        number_head(translate("right answers")),
        number_head(translate("numbers seen")),
    )
    rows = [_row(score) for score in scores]
    words = translate("always the commonest class")
    last = element(
        "tr",
        element("th", words, scope="row"),
        share_cell(chance),
        element("td", "0", class_="number"),
    )
    return table(head, [*rows, last])


def _row(score: ProbeScore) -> Element:
    return element(
        "tr",
        element("th", name(score.layer), scope="row"),
        share_cell(score.accuracy, score.interval),
        element("td", count_text(score.features), class_="number"),
    )
