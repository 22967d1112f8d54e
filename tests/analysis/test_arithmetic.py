"""Numbers as text: exact, in decimals where they end."""

from fractions import Fraction

import pytest

from mirada.analysis.arithmetic import equation, number, times


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (28, "28"),
        (-3, "-3"),
        (Fraction(29, 2), "14.5"),
        (Fraction(221, 4), "55.25"),
        (Fraction(1, 64), "0.015625"),
        (Fraction(32, 3), "32/3"),
        (Fraction(-1, 6), "-1/6"),
        (10**20, "1" + "0" * 20),
    ],
)
def test_number(value: Fraction | int, text: str) -> None:
    assert number(value) == text


def test_products_and_equations() -> None:
    assert times(5) == "5"
    assert equation(times(2, 3), 6) == "2*3 = 6"
