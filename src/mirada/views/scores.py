"""How well every class is found, as a table with intervals and in words."""

from collections.abc import Sequence
from typing import Protocol

from mirada.language import translate
from mirada.views.confusion import ConfusedPair, Confusion, confused_pairs
from mirada.views.numbers import count_text, decimal_text, percent_text
from mirada.views.page import name, number_head, table
from mirada.views.svg import Element, element, plain_text

__all__ = [
    "ClassScore",
    "Measured",
    "confused_list",
    "range_text",
    "scores_table",
    "share_cell",
]


class Measured(Protocol):
    """A share that was measured, and its 95 % interval."""

    @property
    def value(self) -> float:
        """The share."""

    @property
    def low(self) -> float:
        """Where the interval begins."""

    @property
    def high(self) -> float:
        """Where the interval ends."""


class ClassScore(Protocol):
    """How well one class is found; None where there was nothing to divide by."""

    @property
    def name(self) -> str:
        """The name of the class."""

    @property
    def precision(self) -> Measured | None:
        """Of what was taken for this class, the share that is of it."""

    @property
    def recall(self) -> Measured | None:
        """Of what is of this class, the share that was taken for it."""

    @property
    def f1(self) -> Measured | None:
        """The harmonic mean of the two."""

    @property
    def count(self) -> int:
        """How many images are of this class."""


def scores_table(scores: Sequence[ClassScore]) -> Element:
    """A row for every class: images, precision, recall and F1, with intervals."""
    head = (
        element("th", translate("class"), scope="col"),
        number_head(translate("images")),
        number_head(translate("precision")),
        number_head(translate("recall")),
        number_head("F1"),
    )
    return table(head, map(_row, scores))


def confused_list(confusion: Confusion, most: int) -> Element | None:
    """The pairs of classes that are taken for each other most, in words."""
    totals = confusion.array.sum(axis=1)
    items = [
        element("li", element("bdi", _pair(confusion, pair, int(totals[pair.true]))))
        for pair in confused_pairs(confusion, most)
    ]
    return element("ol", *items, class_="pairs") if items else None


def range_text(low: float, high: float) -> str:
    """The interval of a share in percent, as its two ends.

    >>> range_text(0.490162, 0.943318)
    '49.0–94.3'
    """
    return "–".join(decimal_text(100 * end, 1) for end in (low, high))


def share_cell(
    share: float | None, interval: tuple[float, float] | None = None
) -> Element:
    """A cell of a table: a share, and smaller beside it its interval, in percent."""
    if interval is None:
        return element("td", percent_text(share), class_="number")
    return element(
        "td",
        element("span", percent_text(share)),
        element("small", range_text(*interval)),
        class_="number",
    )


def _row(score: ClassScore) -> Element:
    return element(
        "tr",
        element("th", name(score.name), scope="row"),
        element("td", count_text(score.count), class_="number"),
        *map(_cell, (score.precision, score.recall, score.f1)),
    )


def _cell(measured: Measured | None) -> Element:
    if measured is None:
        return share_cell(None)
    return share_cell(measured.value, (measured.low, measured.high))


def _pair(confusion: Confusion, pair: ConfusedPair, total: int) -> str:
    if pair.count == 1:
        text = translate("{true} taken for {predicted}: once, of {total}")
    else:
        text = translate("{true} taken for {predicted}: {count} times, of {total}")
    return text.format(
        true=plain_text(confusion.classes[pair.true]),
        predicted=plain_text(confusion.classes[pair.predicted]),
        count=count_text(pair.count),
        total=count_text(total),
    )
