"""The figures of the book are what the code draws now."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from mirada.language import LANGUAGES
from scripts.figures import FIGURES, drawn
from scripts.figures.orientation import answer, disc, edge_filter, responses
from tests.golden import golden

KEPT = Path(__file__).resolve().parents[2] / "docs" / "book" / "figures"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_is_up_to_date(name: str, language: str) -> None:
    golden(KEPT / f"{name}.{language}.svg", drawn(name, language))


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_says_in_words_what_it_shows(name: str) -> None:
    said = []
    for language in LANGUAGES:
        root = ElementTree.fromstring(drawn(name, language))
        words = root.findtext("{http://www.w3.org/2000/svg}desc")
        assert words and len(words) > 30
        said.append(words)
    assert said[0] != said[1]


def test_a_filter_answers_to_its_own_orientation() -> None:
    across = abs(answer(disc(), edge_filter(0)))
    middle = across.shape[0] // 2
    assert across[middle].max() > 10 * across[:, middle].max()


def test_what_the_text_says_of_simple_and_complex_cells() -> None:
    simple, complex_ = responses(6)
    assert simple[2] < 0.25 * simple[0]
    assert complex_[3] > 0.99 * complex_[0] and complex_[5] < 0.2 * complex_[0]
