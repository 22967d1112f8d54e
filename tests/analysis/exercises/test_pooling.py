"""The lecture's pooling, window by window, in both languages."""

import pytest

from mirada.analysis.exercises import Grid
from mirada.analysis.exercises.pooling import explain_pooling, pooled
from mirada.language import use_language

ROWS = ((1, 1, 2, 4), (5, 6, 7, 8), (3, 2, 1, 0), (1, 2, 3, 4))


def test_the_lectures_values() -> None:
    assert Grid(pooled(ROWS, 2, 2, "max")).text == "6 8; 3 4"
    assert Grid(pooled(ROWS, 2, 2, "mean")).text == "3.25 5.25; 2 2"
    assert Grid(pooled(ROWS, 2, 1, "max")).text == "6 7 8; 6 7 8; 3 3 4"


@pytest.mark.parametrize(
    ("language", "row", "column"), [("en", "row", "column"), ("es", "fila", "columna")]
)
def test_the_explanation(language: str, row: str, column: str) -> None:
    use_language(language)
    assert list(map(str, explain_pooling(ROWS, 2, 2, "max"))) == [
        f"{row} 1, {column} 1: max(1, 1, 5, 6) = 6",
        f"{row} 1, {column} 2: max(2, 4, 7, 8) = 8",
        f"{row} 2, {column} 1: max(3, 2, 1, 2) = 3",
        f"{row} 2, {column} 2: max(1, 0, 3, 4) = 4",
    ]
    assert list(map(str, explain_pooling(ROWS, 2, 2, "mean"))) == [
        f"{row} 1, {column} 1: (1 + 1 + 5 + 6)/4 = 3.25",
        f"{row} 1, {column} 2: (2 + 4 + 7 + 8)/4 = 5.25",
        f"{row} 2, {column} 1: (3 + 2 + 1 + 2)/4 = 2",
        f"{row} 2, {column} 2: (1 + 0 + 3 + 4)/4 = 2",
    ]
    last = explain_pooling(ROWS, 2, 1, "max")[-1]
    assert str(last) == f"{row} 3, {column} 3: max(1, 0, 3, 4) = 4"


def test_negative_numbers_are_subtracted() -> None:
    (step,) = explain_pooling(((-1, 2), (-3, 0)), 2, 2, "mean")
    assert str(step) == "row 1, column 1: (-1 + 2 - 3 + 0)/4 = -0.5"
