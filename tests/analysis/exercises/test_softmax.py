"""The lecture's softmax, step by step, in both languages."""

import pytest

from mirada.analysis.exercises.softmax import explain_softmax, softmax
from mirada.language import use_language

SHIFT = {
    "en": "the largest, 1002, is subtracted from every score, which changes no "
    "quotient: -2 -1 0",
    "es": "se resta el mayor, 1002, a todos los puntajes, lo que no cambia ningún "
    "cociente: -2 -1 0",
}


@pytest.mark.parametrize(
    ("scores", "shares"),
    [
        ([1, 2, 3], "0.0900 0.2447 0.6652"),
        ([1000, 1001, 1002], "0.0900 0.2447 0.6652"),
        ([5, 2, -1, 3], "0.8420 0.0419 0.0021 0.1140"),
        ([7, 7, 7, 7], "0.2500 0.2500 0.2500 0.2500"),
        ([-2000, 0], "0.0000 1.0000"),
    ],
)
def test_the_lectures_values(scores: list[int], shares: str) -> None:
    assert " ".join(f"{p:.4f}" for p in softmax(scores)) == shares
    steps = list(map(str, explain_softmax(scores)))[-len(scores) :]
    assert [step.rpartition(" = ")[2] for step in steps] == shares.split()


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_explanation(language: str) -> None:
    use_language(language)
    assert list(map(str, explain_softmax([1, 2, 3]))) == [
        "softmax(y_i) = e^y_i / (e^y_1 + ... + e^y_n)",
        "e^1 = 2.7183, e^2 = 7.3891, e^3 = 20.0855",
        "2.7183 + 7.3891 + 20.0855 = 30.1929",
        "2.7183 / 30.1929 = 0.0900",
        "7.3891 / 30.1929 = 0.2447",
        "20.0855 / 30.1929 = 0.6652",
    ]
    shifted = list(map(str, explain_softmax([1000, 1001, 1002], at=0)))
    assert shifted[1] == SHIFT[language]
    assert shifted[-1] == "0.1353 / 1.5032 = 0.0900"


def test_so_many_decimals_as_asked_for() -> None:
    assert explain_softmax([5, 2, -1, 3], 1, 2)[-1] == "7.3891 / 176.2556 = 0.04"
