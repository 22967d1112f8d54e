"""The reliability diagram: dots where they belong, counts, words, nothing outside."""

from dataclasses import dataclass

import pytest

from mirada.language import use_language
from mirada.views.reliability import reliability_figure
from tests.views.geometry import SVG, parsed, sticking_out, texts, with_class


@dataclass(frozen=True)
class Share:
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Bin:
    low: float
    high: float
    count: int
    confidence: float | None = None
    accuracy: Share | None = None


def bins(count: int = 9703) -> list[Bin]:
    return [
        Bin(0.0, 0.5, 0),
        Bin(0.5, 0.75, 40, 0.6, Share(0.8, 0.7, 0.9)),
        Bin(0.75, 1.0, count, 1.0, Share(1.0, 0.99, 1.0)),
    ]


def test_a_dot_stands_at_confidence_and_accuracy() -> None:
    root = parsed(reliability_figure(bins()))
    first, last = with_class(root, "dot-1")
    assert float(last.attrib["cx"]) == 296 and float(last.attrib["cy"]) == 62
    assert float(first.attrib["cx"]) == pytest.approx(46 + 0.6 * 250)
    assert float(first.attrib["cy"]) == pytest.approx(62 + 0.2 * 250)
    line = root.find(f".//{SVG}g/{SVG}path")
    assert line is not None and line.attrib["d"].startswith("M196.00 137.00V87.00")


def test_counts_are_written_and_told() -> None:
    root = parsed(reliability_figure(bins()))
    assert {"40", "9703"} <= set(texts(root))
    tips = [x.text for x in root.iter(f"{SVG}title")]
    assert (
        "40 answers with 50 to 75 % confidence, 60.0 % on average: 80.0 % are right "
        "(70.0–90.0)." in tips
    )
    about = root.find(f"{SVG}desc")
    assert about is not None and "9,703 answers" in (about.text or "")
    use_language("es")
    spanish = parsed(reliability_figure(bins()))
    assert {"Diagrama de fiabilidad", "confianza"} <= set(texts(spanish))
    about = spanish.find(f"{SVG}desc")
    assert about is not None and "9.703 respuestas" in (about.text or "")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("count", [1, 9999, 10_000, 123_456_789, 5 * 10**10])
def test_nothing_sticks_out(language: str, count: int) -> None:
    use_language(language)
    assert sticking_out(parsed(reliability_figure(bins(count)))) == []


def test_no_answers() -> None:
    root = parsed(reliability_figure([Bin(0.0, 1.0, 0)]))
    assert with_class(root, "dot-1") == []
