"""A training run as one page that needs nothing else: no script, no network.

Everything that came from outside (class and file names, configuration) is text; the
content security policy forbids what is not an embedded image or one of our two style
sheets, which it knows by their hashes.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mirada.language import current_language, translate
from mirada.views.confusion import Confusion
from mirada.views.curves import Curves, training_curves
from mirada.views.matrix import confusion_figure
from mirada.views.png import data_uri
from mirada.views.svg import FIGURE_STYLE, Element, element, plain_text, write

__all__ = ["ClassScore", "Fact", "Mistake", "Report", "Setting", "report_html"]

_STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1f2328;--soft:#59636e;--rule:#d1d9e0}
@media (prefers-color-scheme:dark){
:root{--paper:#0d1117;--ink:#e6edf3;--soft:#9198a1;--rule:#2f3742}
}
body{margin:0 auto;max-width:880px;padding:24px 20px 48px;background:var(--paper);
color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
h1{font-size:26px;margin:0 0 16px;overflow-wrap:anywhere}
h2{font-size:19px;margin:36px 0 12px;border-bottom:1px solid var(--rule)}
.facts{display:flex;flex-wrap:wrap;gap:12px 36px;margin:0}
.facts dt,caption,figcaption,.note{color:var(--soft);font-size:14px}
.facts dd{margin:0;font-size:22px;font-weight:600;overflow-wrap:anywhere}
.wide{overflow-x:auto}
.wide svg{display:block}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:3px 14px 3px 0;text-align:left;vertical-align:top;
max-width:320px;overflow-wrap:break-word;border-bottom:1px solid var(--rule)}
td.long{max-width:none;overflow-wrap:anywhere}
.number{text-align:right;white-space:nowrap}
.mistakes{display:flex;flex-wrap:wrap;gap:16px;padding:0;margin:0;list-style:none}
.mistakes li{width:150px;overflow-wrap:anywhere}
.mistakes figure{margin:0}
.mistakes img{width:112px;height:112px;object-fit:contain;image-rendering:pixelated;
background:var(--rule)}
"""


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
    configuration: tuple[Setting, ...] = ()


def report_html(report: Report) -> str:
    """The report as a whole HTML page in the language in use."""
    title = plain_text(report.title)
    page = element(
        "html",
        element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=_policy()),
            element("meta", name="viewport", content="width=device-width"),
            element("meta", name="referrer", content="no-referrer"),
            element("title", title),
            element("style", _STYLE),
        ),
        element("body", element("main", element("h1", title), *_parts(report))),
        lang=current_language(),
    )
    return "<!doctype html>\n" + write(page) + "\n"


def _policy() -> str:
    """What the page may load: its own style sheets and the images within it."""
    digests = (hashlib.sha256(s.encode()).digest() for s in (_STYLE, FIGURE_STYLE))
    styles = (f"'sha256-{base64.b64encode(d).decode('ascii')}'" for d in digests)
    return f"default-src 'none'; img-src data:; style-src {' '.join(styles)}"


def _parts(report: Report) -> Iterator[Element]:
    if report.facts:
        yield _facts(report.facts)
    if report.curves is not None:
        title = translate("Training curves")
        yield _part(title, _wide(title, training_curves(report.curves)))
    if report.confusion is not None or report.scores:
        yield _part(translate("Every class"), *_classes(report))
    if report.mistakes:
        yield _part(translate("Worst mistakes"), *_mistakes(report.mistakes))
    if report.configuration:
        title = translate("Configuration")
        yield _part(title, _wide(title, _settings(report.configuration)))


def _classes(report: Report) -> Iterator[Element]:
    if report.confusion is not None:
        figure = confusion_figure(report.confusion)
        yield _wide(translate("Confusion matrix"), figure)
    if report.scores:
        yield _wide(translate("Every class"), _scores(report.scores))


def _part(title: str, *content: Element) -> Element:
    return element("section", element("h2", title), *content)


def _wide(label: str, content: Element) -> Element:
    """Something that may be wider than the page and then scrolls by itself."""
    return element(
        "div", content, class_="wide", role="region", aria_label=label, tabindex="0"
    )


def _name(text: str) -> Element:
    """A name from outside, kept from turning the direction of what follows it."""
    return element("bdi", plain_text(text))


def _facts(facts: tuple[Fact, ...]) -> Element:
    pairs = (
        element("div", element("dt", fact.name), element("dd", _name(fact.value)))
        for fact in facts
    )
    return element("dl", *pairs, class_="facts")


def _scores(scores: tuple[ClassScore, ...]) -> Element:
    head = (
        element("th", translate("class"), scope="col"),
        _number_head(translate("precision")),
        _number_head(translate("recall")),
        _number_head("F1"),
        _number_head(translate("images")),
    )
    return _table(head, map(_score_row, scores))


def _score_row(score: ClassScore) -> Element:
    shares = (_share(x) for x in (score.precision, score.recall, score.f1))
    return element(
        "tr",
        element("th", _name(score.name), scope="row"),
        *(element("td", share, class_="number") for share in shares),
        element("td", str(score.count), class_="number"),
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _number_head(text: str) -> Element:
    return element("th", text, scope="col", class_="number")


def _table(head: tuple[Element, ...], rows: Iterator[Element]) -> Element:
    return element(
        "table", element("thead", element("tr", *head)), element("tbody", *rows)
    )


def _mistakes(mistakes: tuple[Mistake, ...]) -> Iterator[Element]:
    note = translate("The predicted class, its probability, and the true class.")
    yield element("p", note, class_="note")
    yield element("ul", *map(_mistake, mistakes), class_="mistakes")


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
            element("th", _name(setting.name), scope="row"),
            element("td", _name(setting.value), class_="long"),
            element("td", _name(setting.origin)),
        )
        for setting in settings
    )
    return _table(head, rows)
