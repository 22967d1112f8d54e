"""A training run as one page that needs nothing else: no script, no network."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mirada.language import translate
from mirada.views.confusion import Confusion
from mirada.views.curves import Curves, training_curves
from mirada.views.matrix import confusion_figure
from mirada.views.page import Section, name, number_head, page_html, part, table, wide
from mirada.views.png import data_uri
from mirada.views.svg import Element, element, plain_text

__all__ = ["ClassScore", "Fact", "Mistake", "Report", "Setting", "report_html"]


class ClassScore(Protocol):
    """How well one class is found; None where there was nothing to divide by."""

    @property
    def name(self) -> str:
        """The name of the class."""

    @property
    def precision(self) -> float | None:
        """Of what was taken for this class, the share that is of it."""

    @property
    def recall(self) -> float | None:
        """Of what is of this class, the share that was taken for it."""

    @property
    def f1(self) -> float | None:
        """The harmonic mean of the two."""

    @property
    def count(self) -> int:
        """How many images are of this class."""


@dataclass(frozen=True)
class Fact:
    """One line of the head of a report: its name and what is to be read large."""

    name: str
    value: str


@dataclass(frozen=True)
class Setting:
    """One value of the configuration and where it came from."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, eq=False)
class Mistake:
    """An image that was taken for another class.

    `image` is uint8 of shape (h, w, c); `probability` is that of the predicted class.
    """

    image: NDArray[np.uint8]
    true: str
    predicted: str
    probability: float
    source: str = ""


@dataclass(frozen=True, eq=False)
class Report:
    """What a report shows; a part that is None or empty is left out."""

    title: str
    facts: tuple[Fact, ...] = ()
    curves: Curves | None = None
    confusion: Confusion | None = None
    scores: tuple[ClassScore, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    sections: tuple[Section, ...] = ()
    configuration: tuple[Setting, ...] = ()


def report_html(report: Report) -> str:
    """The report as a whole HTML page in the language in use."""
    styles = (section.style for section in report.sections)
    return page_html(report.title, _parts(report), styles)


def _parts(report: Report) -> Iterator[Element]:
    if report.facts:
        yield _facts(report.facts)
    if report.curves is not None:
        title = translate("Training curves")
        yield part(title, wide(title, training_curves(report.curves)))
    if report.confusion is not None or report.scores:
        yield part(translate("Every class"), *_classes(report))
    if report.mistakes:
        yield part(translate("Worst mistakes"), *_mistakes(report.mistakes))
    for section in report.sections:
        yield part(section.title, *section.content)
    if report.configuration:
        title = translate("Configuration")
        yield part(title, wide(title, _settings(report.configuration)))


def _classes(report: Report) -> Iterator[Element]:
    if report.confusion is not None:
        figure = confusion_figure(report.confusion)
        yield wide(translate("Confusion matrix"), figure)
    if report.scores:
        yield wide(translate("Every class"), _scores(report.scores))


def _facts(facts: tuple[Fact, ...]) -> Element:
    pairs = (
        element("div", element("dt", fact.name), element("dd", name(fact.value)))
        for fact in facts
    )
    return element("dl", *pairs, class_="facts")


def _scores(scores: tuple[ClassScore, ...]) -> Element:
    head = (
        element("th", translate("class"), scope="col"),
        number_head(translate("precision")),
        number_head(translate("recall")),
        number_head("F1"),
        number_head(translate("images")),
    )
    return table(head, map(_score_row, scores))


def _score_row(score: ClassScore) -> Element:
    shares = (_share(x) for x in (score.precision, score.recall, score.f1))
    return element(
        "tr",
        element("th", name(score.name), scope="row"),
        *(element("td", share, class_="number") for share in shares),
        element("td", str(score.count), class_="number"),
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _mistakes(mistakes: tuple[Mistake, ...]) -> Iterator[Element]:
    note = translate("The predicted class, its probability, and the true class.")
    yield element("p", note, class_="note")
    yield element("ul", *map(_mistake, mistakes), class_="gallery")


def _mistake(mistake: Mistake) -> Element:
    words = translate("{predicted} ({share:.1f} %), truly {true}").format(
        predicted=plain_text(mistake.predicted),
        share=100 * mistake.probability,
        true=plain_text(mistake.true),
    )
    source = plain_text(mistake.source)
    picture = element(
        "img", src=data_uri(mistake.image), alt=words, title=source or None
    )
    caption = element("figcaption", element("bdi", words))
    return element("li", element("figure", picture, caption))


def _settings(settings: tuple[Setting, ...]) -> Element:
    head = (
        element("th", translate("setting"), scope="col"),
        element("th", translate("value"), scope="col"),
        element("th", translate("origin"), scope="col"),
    )
    rows = (
        element(
            "tr",
            element("th", name(setting.name), scope="row"),
            element("td", name(setting.value), class_="long"),
            element("td", name(setting.origin)),
        )
        for setting in settings
    )
    return table(head, rows)
