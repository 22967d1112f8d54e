"""The element writer: escaping, numbers, names made to fit, legible colours."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.views.matrix import ink_on
from mirada.views.svg import (
    FIGURE_STYLE,
    element,
    figure,
    plain_text,
    shorten,
    text_width,
    write,
)


def test_text_and_attributes_are_escaped() -> None:
    written = write(element("text", "a<b>&\"'", title="\"<&'>"))
    expected = '<text title="&quot;&lt;&amp;&#x27;&gt;">a&lt;b&gt;&amp;"\'</text>'
    assert written == expected


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_any_text_stays_text(text: str) -> None:
    root = ElementTree.fromstring(write(element("text", text, title=text)))
    assert len(root) == 0
    shown = re.sub(
        r"[^\n\t\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-]", "\ufffd", text
    )
    if not re.search("[\ufffe\uffff\U0001fffe-\U0001ffff]", text):
        assert len(root.text or "") == len(shown)
    write(element("text", text)).encode("utf-8")


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1"), (2.5, "2.5"), (1 / 3, "0.33"), (-0.001, "0"), (float("nan"), "0")],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert write(element("rect", x=value)) == f'<rect x="{text}"/>'


def test_nothing_is_written_for_none() -> None:
    assert write(element("rect", x=None, class_="cell")) == '<rect class="cell"/>'


def test_html_elements_that_hold_nothing_are_closed() -> None:
    assert write(element("td")) == "<td></td>"
    assert write(element("img", alt="x")) == '<img alt="x">'


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("two\nlines", "two lines"),
        ("\x1b[31mred", "\ufffd[31mred"),
        ("\udcff", "\ufffd"),
    ],
)
def test_a_name_becomes_one_plain_line(name: str, line: str) -> None:
    assert plain_text(name) == line


@given(st.text(max_size=60), st.floats(20, 300))
def test_a_shortened_name_fits(name: str, width: float) -> None:
    short = shorten(name, width)
    assert text_width(short) <= width
    assert short == plain_text(name) or short.endswith("…")


def test_a_figure_says_what_it_is() -> None:
    root = ElementTree.fromstring(write(figure("k", (10, 20), "a title", "some words")))
    assert root.get("aria-labelledby") == "k-title k-about"
    assert root.get("viewBox") == "0 0 10 20"
    ids = {child.get("id"): child.text for child in root}
    assert (ids["k-title"], ids["k-about"]) == ("a title", "some words")


def test_the_style_sheet_reads_the_same_in_svg_and_html() -> None:
    assert not set("<>&") & set(FIGURE_STYLE)


Colour = tuple[float, float, float]


def colours(style: str) -> dict[str, Colour]:
    """The fill or stroke of every class of a style sheet."""
    found = {}
    for rule in re.finditer(r"^(\.mirada-figure .*?)\{.*?#(\w{6})", style, re.M):
        for name in re.findall(r"\.([\w-]+)(?=[,{]|$)", rule[1]):
            red, green, blue = (int(rule[2][i : i + 2], 16) / 255 for i in (0, 2, 4))
            found[name] = (red, green, blue)
    return found


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of WCAG 2.1, section 1.4.3."""

    def luminance(colour: Colour) -> float:
        parts = [
            x / 12.92 if x <= 0.03928 else ((x + 0.055) / 1.055) ** 2.4 for x in colour
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


LIGHT, DARK = FIGURE_STYLE.split("@media")


@pytest.mark.parametrize("style", [LIGHT, LIGHT + DARK], ids=["light", "dark"])
def test_words_and_lines_are_legible(style: str) -> None:
    colour = colours(style)
    for name in ("ink", "soft"):
        assert contrast(colour[name], colour["paper"]) >= 4.5
    for name in ("line-1", "line-2"):
        assert contrast(colour[name], colour["paper"]) >= 3


@pytest.mark.parametrize("style", [LIGHT, LIGHT + DARK], ids=["light", "dark"])
@pytest.mark.parametrize("kind", ["right", "wrong"])
def test_numbers_are_legible_on_every_cell(style: str, kind: str) -> None:
    colour = colours(style)
    for step in range(20, 101):
        share = step / 100
        red, green, blue = (
            share * a + (1 - share) * b
            for a, b in zip(colour[kind], colour["paper"], strict=True)
        )
        ink = colour[ink_on(share)]
        assert contrast(ink, (red, green, blue)) >= 4.5, share
