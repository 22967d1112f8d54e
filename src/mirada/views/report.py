"""A training run as one page that needs nothing else.

Its curves answer to the pointer and to arrow keys by the module that the lab draws them
with; without scripts, and on paper, they are a figure.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mirada.language import current_language, translate
from mirada.views.confusion import Confusion
from mirada.views.curves import Curves, training_curves
from mirada.views.gallery import Mistake, mistakes_gallery
from mirada.views.joining import joined, styles
from mirada.views.matrix import confusion_figure
from mirada.views.modules import words
from mirada.views.page import (
    Section,
    beside,
    contents,
    name,
    note,
    page_html,
    paragraph,
    table,
    wide,
)
from mirada.views.scores import ClassScore, confused_list, scores_table
from mirada.views.svg import Element, element

__all__ = ["Fact", "Report", "Setting", "report_html"]

_MOST_PAIRS = 6
_LIVE_STYLE = """
@media screen{.lively.live .still{display:none}}
@media print{.lively .view{display:none}}
"""


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
class Report:
    """What a report shows; a part that is None or empty is left out.

    `lead` are the sentences that say it in short, `remarks` what is to be known of
    them. The facts come first, then what was measured, `sections`, and the
    configuration.
    """

    title: str
    facts: tuple[Fact, ...] = ()
    lead: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    curves: Curves | None = None
    confusion: Confusion | None = None
    scores: tuple[ClassScore, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    sections: tuple[Section, ...] = ()
    configuration: tuple[Setting, ...] = ()


def report_html(report: Report) -> str:
    """The report as a whole HTML page in the language in use."""
    sections = tuple(_sections(report))
    return page_html(
        report.title,
        [*_head(report), *contents(sections)],
        (section.style for section in sections),
        (section.script for section in sections),
    )


def _head(report: Report) -> Iterator[Element]:
    if report.facts:
        yield _facts(report.facts)
    for sentence in report.lead:
        yield paragraph(sentence, "lead")
    for remark in report.remarks:
        yield note(remark)


def _sections(report: Report) -> Iterator[Section]:
    if report.curves is not None:
        title = translate("Training curves")
        yield Section(
            title,
            tuple(_curves(title, report.curves)),
            styles("report.js") + _LIVE_STYLE,
            f"{joined('report.js')}enliven(document);\n",
        )
    if report.confusion is not None or report.scores:
        yield Section(translate("Every class"), tuple(_classes(report)))
    if report.mistakes:
        words = translate(
            "The mistakes the network was surest of: the predicted class, its "
            "probability, and the true class."
        )
        content = (note(words), mistakes_gallery(report.mistakes))
        yield Section(translate("Worst mistakes"), content)
    yield from report.sections
    if report.configuration:
        title = translate("Configuration")
        yield Section(title, (wide(title, _settings(report.configuration)),))


def _curves(title: str, curves: Curves) -> Iterator[Element]:
    yield note(
        translate(
            "Loss should fall and accuracy rise. Where the two lines part, the network "
            "learns its training images by heart more than what they have in common."
        )
    )
    still = element("div", wide(title, training_curves(curves)), class_="still")
    spoken = {"language": current_language(), "words": words("report.js")}
    yield element(
        "div",
        still,
        class_="lively",
        data_curves=json.dumps(_curve_data(curves)),
        data_spoken=json.dumps(spoken),
    )


def _curve_data(curves: Curves) -> dict[str, Any]:
    """The curves as `curves.js` takes them; what is no number is null."""
    names = "train_loss", "validation_loss", "train_accuracy", "validation_accuracy"
    rows = [
        {"epoch": epoch, "best": epoch == curves.best_epoch}
        | {name: _finite(getattr(curves, name)[place]) for name in names}
        for place, epoch in enumerate(curves.epochs)
    ]
    return {"rows": rows}


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _classes(report: Report) -> Iterator[Element]:
    if report.confusion is not None:
        yield note(
            translate(
                "A row holds the images of one class, a column what was taken for one: "
                "the diagonal is right, all beside it are mistakes."
            )
        )
        figure = confusion_figure(report.confusion)
        matrix = wide(translate("Confusion matrix"), figure)
        pairs = confused_list(report.confusion, _MOST_PAIRS)
        if pairs is None:
            yield matrix
        else:
            title = element("h3", translate("Most often confused"))
            yield beside(matrix, element("div", title, pairs))
    if report.scores:
        yield element("h3", translate("Precision, recall and F1"))
        yield note(
            translate(
                "Precision: of what was taken for the class, the share that is of it. "
                "Recall: of what is of the class, the share that was found. F1 joins "
                "both. Beside each its 95 % interval in percent: the fewer images, the "
                "wider; where two classes overlap, their difference may be chance."
            )
        )
        yield wide(translate("Every class"), scores_table(report.scores))


def _facts(facts: tuple[Fact, ...]) -> Element:
    pairs = (
        element("div", element("dt", fact.name), element("dd", name(fact.value)))
        for fact in facts
    )
    return element("dl", *pairs, class_="facts")


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
            element("td", name(setting.origin), class_="words"),
        )
        for setting in settings
    )
    return table(head, rows, "stacked")
