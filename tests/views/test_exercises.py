"""The printable sheet: complete, safe, its styles let in, its formulas set."""

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.language import use_language
from mirada.views.exercises import Sheet, Table, Task, exercises_html, typeset
from mirada.views.svg import element, write

TASK = Task(
    topic="Pooling",
    question="Max pooling of 2x2: what comes out?",
    answer=(("6", "8"), ("3", "-4")),
    steps=("max(1, 1, 5, 6) = 6", "P_end = 0"),
    layers=("convolution, 6 filters of 5x5",),
    matrices=(Table("Matrix", (("1", "-1"), ("5", "6"))),),
)
OTHER = Task("Output sizes", "What size?", "28x28x6", ("(32 - 5)/1 + 1 = 28",), room=1)
SHEET = Sheet("Exercises", "seed 7", ((TASK, OTHER),))
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "section", "div"),
    *("h1", "h2", "p", "ol", "ul", "li", "b", "span", "figure", "figcaption"),
    *("table", "tbody", "tr", "td", "sub", "sup"),
}


class Page(HTMLParser):
    """The tags, attributes and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.open[-1] if self.open else "", data.strip()))

    def said(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]

    def classes(self) -> list[str]:
        return [value for _, name, value in self.attributes if name == "class"]


def test_the_sheet_has_questions_and_room_but_no_answers() -> None:
    page = Page(exercises_html(SHEET))
    assert page.open == [] and page.said("h1") == ["Exercises"]
    assert page.said("b") == ["1.", "2."]
    assert "Max pooling of 2×2: what comes out?" in " ".join(page.said("p"))
    assert page.said("figcaption") == ["Matrix"]
    assert page.said("td") == ["1", "−1", "5", "6"]
    assert page.said("li") == ["convolution, 6 filters of 5×5"]
    assert [c for c in page.classes() if "room" in c] == ["room room-2", "room room-1"]
    assert "Name" in page.said("span") and "Date" in page.said("span")
    assert "28×28×6" not in exercises_html(SHEET)
    assert "seed 7" in page.said("p")


def test_the_solutions_have_answers_and_steps_and_no_room() -> None:
    page = Page(exercises_html(SHEET, solved=True))
    assert page.said("h1") == ["Exercises: solutions"]
    assert page.said("td") == ["1", "−1", "5", "6", "6", "8", "3", "−4"]
    assert "28×28×6" in page.said("span") and "Name" not in page.said("span")
    assert "(32 − 5)/1 + 1 = 28" in page.said("li")
    assert not [c for c in page.classes() if "room" in c]


def test_versions_begin_on_pages_of_their_own() -> None:
    both = replace(SHEET, versions=((TASK,), (OTHER,)))
    text = exercises_html(both)
    page = Page(text)
    assert page.said("h2") == ["Exercises – version A", "Exercises – version B"]
    assert page.classes().count("person") == 2
    assert "break-before:page" in text and "h1{display:none}" in text
    assert "h1{display:none}" not in exercises_html(SHEET)


def test_in_spanish() -> None:
    use_language("es")
    page = Page(exercises_html(replace(SHEET, versions=((TASK,), (OTHER,)))))
    assert page.said("h2")[1] == "Exercises – forma B"
    assert "Nombre" in page.said("span") and "Respuesta:" in page.said("p")
    assert ("html", "lang", "es") in page.attributes


@pytest.mark.parametrize("solved", [False, True])
def test_a_browser_lets_the_styles_in(solved: bool) -> None:
    text = exercises_html(replace(SHEET, versions=((TASK,), (OTHER,))), solved=solved)
    page = Page(text)
    policy = next(v for t, n, v in page.attributes if t == "meta" and "none" in v)
    styles = re.findall("<style>(.*?)</style>", text, re.DOTALL)
    assert len(styles) == 3
    for style in styles:
        # What a browser hashes is the text between the tags, entities and all.
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert set(page.tags) <= TAGS
    names = {name for _, name, _ in page.attributes}
    assert names <= {"lang", "charset", "http-equiv", "content", "name", "class"}


def test_a_sheet_is_for_white_paper() -> None:
    text = exercises_html(SHEET)
    assert "@page{size:A4" in text and "break-inside:avoid" in text
    printed = text[text.index("@media print") :]
    assert "color-scheme:light;--paper:#fff" in printed


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("28x28x6", "28×28×6"),
        ("height x width x channels", "height × width × channels"),
        ("max pixels", "max pixels"),
        ("(5*5*3 + 1)*6", "(5·5·3 + 1)·6"),
        ("28*28*6 * 5*5*3", "28·28·6 × 5·5·3"),
        ("I - F + P_start", "I − F + P<sub>start</sub>"),
        ("-2 + 3*(-1)", "−2 + 3·(−1)"),
        ("3-4-2", "3-4-2"),
        ("e^2, e^(-1)", "e<sup>2</sup>, e<sup>−1</sup>"),
        ("e^y_i", "e<sup>y<sub>i</sub></sup>"),
        ("-ln(p)", "−ln(p)"),
        ("1 -> 28x28", "1 → 28×28"),
        ("cross-correlation", "cross-correlation"),
        ("SAME_LOWER", "SAME<sub>LOWER</sub>"),
        ("", ""),
    ],
)
def test_typesetting(text: str, html: str) -> None:
    found = write(element("p", *typeset(text)))
    assert re.sub(r"\n *", "", found) == f"<p>{html}</p>"


@given(st.text(max_size=80))
def test_any_text_is_text(text: str) -> None:
    hostile = f"<script>{text}</script>"
    task = replace(OTHER, question=hostile, steps=(hostile,), layers=(hostile,))
    page = Page(exercises_html(Sheet(hostile, hostile, ((task,),)), solved=True))
    assert set(page.tags) <= TAGS and page.open == []
