"""What the book shows is what happens, and both languages show the same."""

import re
from pathlib import Path

import pytest

from tests.documents.chapter import (
    BOOK,
    LANGUAGES,
    Block,
    blocks,
    chapters,
    cut_like,
)
from tests.documents.reader import Reader
from tests.golden import golden

_PICTURE = re.compile(r"!\[([^\]]*)\]\(\.\./figures/([^)]+)\)")
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")
_COMMENT_OR_FENCE = re.compile(r"<!--.*?-->|^```.*?^```$", re.DOTALL | re.MULTILINE)
_NUMBER = re.compile(r"(?<![\w.,])\d[\d.,]*(?<![.,])(?![\d°])")
_YEARS = range(1940, 2040)
CITED = {"60000", "10000", "100"}
"""MNIST's images (LeCun, Cortes), the parameters of the LeNet-5 of 1998, per cent."""


def read(language: str, chapter: str) -> str:
    """The text of one chapter."""
    return (BOOK / language / chapter).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A chapter without its blocks."""
    return _COMMENT_OR_FENCE.sub("", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chapter", chapters())
def test_what_a_reader_types_answers_as_shown(
    chapter: str, language: str, tmp_path: Path
) -> None:
    text = read(language, chapter)
    reader = Reader(tmp_path, language)
    made, done = "", 0
    for block in blocks(text):
        first, last = block.span
        made += text[done:first] + reader.answered(block)
        done = last
    golden(BOOK / language / chapter, made + text[done:])


def test_both_languages_have_the_same_pages() -> None:
    pages = [
        sorted(str(path.relative_to(BOOK / language)) for path in found)
        for language in LANGUAGES
        for found in [(BOOK / language).rglob("*.md")]
    ]
    assert pages[0] == pages[1] and len(chapters()) == 16


@pytest.mark.parametrize("chapter", chapters())
def test_both_languages_show_the_same(chapter: str) -> None:
    def skeleton(language: str) -> list[object]:
        text = read(language, chapter)
        typed = [_typed(block) for block in blocks(text)]
        figures = [name.replace(f".{language}.", ".") for _, name in figures_of(text)]
        heads = [len(mark) for mark in re.findall(r"^(#+) ", prose(text), re.MULTILINE)]
        folded = text.count("<details>")
        return [heads, typed, figures, folded, text.count("$$"), text.count("\n| ")]

    assert skeleton("en") == skeleton("es")


def _typed(block: Block) -> tuple[str, object]:
    if block.mark.startswith("file:"):
        return block.mark, block.body
    return block.mark, tuple(turn.typed for turn in block.turns)


def figures_of(text: str) -> list[tuple[str, str]]:
    """The alternative text and the file of every figure of a chapter."""
    return _PICTURE.findall(text)


def test_every_figure_is_there_is_used_and_says_what_it_shows() -> None:
    used = set()
    for language in LANGUAGES:
        for chapter in chapters():
            for words, name in figures_of(read(language, chapter)):
                assert len(words) > 30, (chapter, name)
                used.add(name)
    kept = {path.name for path in (BOOK / "figures").iterdir()}
    assert used == kept


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chapter", chapters())
def test_links_lead_somewhere(chapter: str, language: str) -> None:
    for target in _LINK.findall(read(language, chapter)):
        assert (BOOK / language / target).exists(), target


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chapter", chapters())
def test_numbers_of_the_text_were_computed(chapter: str, language: str) -> None:
    """A number of three digits or more stands in something that was run."""
    text = read(language, chapter)
    run = " ".join(block.body for block in blocks(text) if "varies" not in block.mark)
    computed = set(map(_plain, _NUMBER.findall(run)))
    written = set(map(_plain, _NUMBER.findall(prose(text))))
    unknown = {
        number
        for number in written - computed - CITED
        if len(number.replace(".", "")) > 2 and not _is_year(number)
    }
    assert not unknown


def _plain(number: str) -> str:
    """A number without what sets thousands apart, with a point for its decimals."""
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", number):
        return re.sub(r"[.,]", "", number)
    return number.replace(",", ".").removesuffix(".0")


def _is_year(number: str) -> bool:
    return number.isdecimal() and int(number) in _YEARS


def test_lines_may_be_left_out_but_not_changed() -> None:
    answer = "a 1\nb 2\nc 3\nd 4"
    assert cut_like("a 9\n...", answer) == "a 1\n..."
    assert cut_like("...\nc 8\n...", answer) == "...\nc 3\n..."
    assert cut_like("...\nd 0", answer) == "...\nd 4"
    assert cut_like("...\nx\n...", answer) is None
    assert cut_like("anything", answer) == answer
