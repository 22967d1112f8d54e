"""The pages on augmentation name every word, and each range is the one in force."""

import re
from pathlib import Path

import pytest

from mirada.data.augment import Augmentation
from mirada.data.augment_limits import LIMITS
from mirada.data.augment_text import WORDS
from mirada.errors import ConfigurationError
from tests.refusal import refuses

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("augmentation.md", "augmentation.es.md")
ROW = re.compile(r"^\| `([a-z-]+)([^`]*)` \|([^|]*)\|", re.MULTILINE)
RANGE = re.compile(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)")
AREA, ASPECT = "resized-crop {} 1", "resized-crop 0.5 1 {0} {0}"


def rows(page: str) -> list[tuple[str, str, str]]:
    """Each word of the table, the numbers after it, and their ranges."""
    return ROW.findall((DOCS / page).read_text(encoding="utf-8"))


def ranges(page: str) -> list[tuple[str, float, float]]:
    """Every range of the table, with a text in which a number of it stands."""
    found = []
    for word, _, about in rows(page):
        texts = [AREA, ASPECT] if word == "resized-crop" else [f"{word} {{}}"]
        for text, (low, high) in zip(texts, RANGE.findall(about), strict=False):
            found.append((text, float(low), float(high)))
    return found


def written(number: float) -> str:
    """As a person writes it: 64, not 64.0, which is no whole number."""
    return f"{number:g}"


@pytest.mark.parametrize("page", PAGES)
def test_every_word_is_in_the_table_in_its_order(page: str) -> None:
    named = [word for word, _, _ in rows(page)]
    assert sorted(named) == sorted(WORDS)
    assert [word for word in named if word != "jitter"] == [*WORDS[:-1]]


@pytest.mark.parametrize("page", PAGES)
def test_each_word_shows_how_many_numbers_it_takes(page: str) -> None:
    for word, numbers, about in rows(page):
        limit = LIMITS.get(word.replace("-", "_"))
        wanted = limit.numbers if limit else (1,)
        assert len(numbers.replace("[", "").replace("]", "").split()) == wanted[-1]
        assert bool(RANGE.search(about)) is (wanted != (0,)), word


@pytest.mark.parametrize("page", PAGES)
def test_each_range_is_the_one_in_force(page: str) -> None:
    found = ranges(page)
    flags = sum(limit.numbers == (0,) for limit in LIMITS.values())
    assert len(found) == len(WORDS) - flags + 1
    for text, low, high in found:
        for inside in (low, (low + high) / 2, high):
            whole = round(inside) if high >= 64 else inside
            Augmentation.from_text(text.format(written(whole)))
        outside = (low / 2 or -1, high + 1, high * 1.01 if high <= 4 else high + 1)
        for number in outside:
            with refuses(ConfigurationError, "augmentation-field", "must be"):
                Augmentation.from_text(text.format(written(number)))


def test_the_first_example_can_be_said() -> None:
    for page in PAGES:
        text = (DOCS / page).read_text(encoding="utf-8")
        (example,) = re.findall(r'`--augment "([^"]+)"`', text)
        assert Augmentation.from_text(example).text().count(",") == example.count(",")


def test_both_languages_say_the_same_words_and_numbers() -> None:
    english, spanish = (rows(page) for page in PAGES)
    assert [row[:2] for row in english] == [row[:2] for row in spanish]
    assert ranges(PAGES[0]) == ranges(PAGES[1])
    for page, other in zip(PAGES, reversed(PAGES), strict=True):
        assert f"]({other})" in (DOCS / page).read_text(encoding="utf-8")
