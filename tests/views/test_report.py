"""The report page: complete, in one file, and safe whatever the names are."""

import base64
import hashlib
import re
from dataclasses import dataclass
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.language import use_language
from mirada.views.confusion import Confusion
from mirada.views.curves import Curves
from mirada.views.gallery import Mistake
from mirada.views.report import Fact, Report, Setting, report_html
from mirada.views.svg import plain_text

ALLOWED = {
    *("nav", "ol", "a", "h3", "span", "small"),
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "script",
        "body",
        "main",
        "section",
        "div",
    ),
    *("dl", "dt", "dd", "h1", "h2", "p", "ul", "li", "figure", "figcaption", "img"),
    *("b", "bdi", "wbr", "table", "thead", "tbody", "tr", "th", "td"),
    *("svg", "desc", "rect", "g", "text", "line", "path", "circle", "image", "use"),
}

HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(2)>\"' onload=x"


@dataclass(frozen=True)
class Share:
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Score:
    name: str
    precision: Share | None
    recall: Share | None
    f1: Share | None
    count: int


class Page(HTMLParser):
    """What a browser would make of a page: tags, attributes, text by tag."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self.goes_on = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in ("img", "meta", "wbr"):
            self.open.append(tag)
        self.goes_on = tag == "wbr"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.goes_on:
            tag, before = self.texts.pop()
            self.texts.append((tag, before + data))
        elif data.strip():
            self.texts.append((self.open[-1] if self.open else "", data))
        self.goes_on = False

    def said(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]


def report(name: str = "7") -> Report:
    image = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    flat = (0.5, 0.25)
    return Report(
        title=f"digits {name}",
        facts=(Fact("Test accuracy", "98.3 %"), Fact("Weights", name)),
        lead=(f"In short: {name}.",),
        remarks=("Of 5 images.",),
        curves=Curves((1, 2), flat, flat, flat, flat, best_epoch=2),
        confusion=Confusion(("3", name), ((4, 1), (0, 0))),
        scores=(
            Score("3", Share(1.0, 0.5, 1.0), Share(0.8, 0.3, 0.9), None, 5000),
            Score(name, Share(0.0, 0.0, 0.25), None, None, 0),
        ),
        mistakes=(Mistake(image, "3", name, 0.875, source=name),),
        configuration=(Setting("epochs", "2", "default"), Setting(name, name, name)),
    )


def test_the_page_says_everything() -> None:
    page = Page(report_html(report()))
    assert page.open == []
    assert page.said("h1") == ["digits 7"]
    assert page.said("h2") == [
        "Training curves",
        "Every class",
        "Worst mistakes",
        "Configuration",
    ]
    said = [text.replace("\N{NO-BREAK SPACE}", " ") for text in page.said("bdi")]
    assert {"7 (87.5 %), truly 3", "In short: 7.", "Of 5 images."} <= set(said)
    assert "3 taken for 7: once, of 5" in said
    assert ("html", "lang", "en") in page.attributes


def test_every_share_has_its_interval() -> None:
    page = Page(report_html(report()))
    shares = [text.replace("\N{NO-BREAK SPACE}", " ") for text in page.said("span")]
    assert shares == ["100.0 %", "80.0 %", "0.0 %"]
    assert page.said("small") == ["50.0–100.0", "30.0–90.0", "0.0–25.0"]
    assert page.said("td")[:5] == ["5,000", "–", "0", "–", "–"]


def test_the_contents_lead_to_every_part() -> None:
    page = Page(report_html(report()))
    links = [value for tag, name, value in page.attributes if name == "href"]
    keys = [value for tag, name, value in page.attributes if tag == "section"]
    assert links == [f"#{key}" for key in keys] and len(links) == 4
    assert page.said("a") == page.said("h2")
    alone = Page(report_html(Report("one", mistakes=report().mistakes)))
    assert "nav" not in alone.tags and alone.said("h2") == ["Worst mistakes"]


def test_ids_are_given_once() -> None:
    page = Page(report_html(report()))
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids)) and len(ids) > 4


def test_the_page_in_spanish() -> None:
    use_language("es")
    page = Page(report_html(report()))
    assert "Los peores errores" in page.said("h2")
    assert "7 (87,5\N{NO-BREAK SPACE}%), en verdad 3" in page.said("bdi")
    assert "50,0–100,0" in page.said("small") and "5.000" in page.said("td")
    assert ("html", "lang", "es") in page.attributes


def test_parts_that_are_not_there_are_left_out() -> None:
    page = Page(report_html(Report("empty")))
    assert page.said("h1") == ["empty"]
    assert page.said("h2") == []
    assert not page.tags & {"section", "svg", "table", "img"}


def test_the_page_needs_nothing_else() -> None:
    page = Page(report_html(report()))
    for tag, name, value in page.attributes:
        assert name not in ("srcset", "style", "action"), tag
        if name == "href":
            assert value.startswith("#part-")
        assert not name.startswith("on"), tag
        if name == "src":
            assert value.startswith("data:image/png;base64,")


def test_the_policy_lets_in_what_is_ours_only() -> None:
    page = Page(report_html(report()))
    policy = next(v for t, n, v in page.attributes if t == "meta" and "none" in v)
    styles = page.said("style")
    scripts = page.said("script")
    assert len(styles) == 4 and len(scripts) == 1
    for ours in (*styles, *scripts):
        digest = base64.b64encode(hashlib.sha256(ours.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert re.fullmatch(
        r"default-src 'none'; img-src data:; style-src( 'sha256-[\w+/=]{44}'){3}; "
        r"script-src 'sha256-[\w+/=]{44}'",
        policy,
    )
    assert "unsafe" not in policy


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=60))
def test_names_from_outside_are_text(name: str) -> None:
    text = report_html(report(name))
    page = Page(text)
    assert page.tags <= ALLOWED
    assert page.open == []
    assert page.said("h1") == [plain_text(f"digits {name}")]
    text.encode("utf-8")


@pytest.mark.parametrize(
    "name", [HOSTILE, "<!--", "]]>", "\udcff\x00", "<svg/onload=x>"]
)
def test_hostile_names_are_text(name: str) -> None:
    page = Page(report_html(report(name)))
    assert page.tags <= ALLOWED
    assert page.said("title")[0] == plain_text(f"digits {name}")
    assert page.said("bdi").count(plain_text(name)) == 5
