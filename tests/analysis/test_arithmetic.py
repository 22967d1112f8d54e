"""Numbers as text: exact, in decimals where they end."""

from fractions import Fraction

import pytest

from mirada.analysis.arithmetic import Count, Worked, equation, number, times
from mirada.errors import Phrase
from mirada.language import use_language


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


def test_counts_are_read_in_the_language_in_use() -> None:
    phrase = Phrase("{count}: {sum}", count=Count(61_706), sum=Worked("2*5000 = 10000"))
    assert str(phrase) == "61,706: 2*5000 = 10,000"
    use_language("es")
    assert str(phrase) == "61.706: 2*5000 = 10.000"
    assert Count(5) + 1 == 6 and f"{Count(1234):>6}" == " 1.234"
