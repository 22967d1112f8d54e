"""Numbers as people write them, formulas, and what is none."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.analysis.number_reading import amounts, plain_text, value_of


@pytest.mark.parametrize(
    "text",
    [
        "62006",
        "62,006",
        "62.006",
        "62 006",
        "62\u00a0006",
        "62\u202f006",
        "62'006",
        "62006.0",
        " 62006 parameters",
        "62.006 parámetros",
        "61550 + 456",
        "(400+1)*120 + 13886",
        "2*31003",
        "248024/4",
        "62K",
        "62 mil",
    ],
)
def test_one_number_in_many_ways(text: str) -> None:
    assert any(amount.is_near(62006) for amount in amounts(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(5*5*3+1)*6", "456"),
        ("(5·5·3 + 1) × 6", "456"),
        ("(5²·3+1)(6)", "456"),
        ("[5^2*3 + 1]*6", "456"),
        ("(32 - 5 + 2*2)/1 + 1", "32"),
        ("(32−5)/2+1", "29/2"),
        ("⌊(32-5)/2⌋+1", "14"),
        ("floor(14.5) + ceil(0,5) + piso(1.9) + techo(1.1)", "18"),
        ("-3 + 5", "2"),
        ("1.234,5", "2469/2"),
        ("1,234,567.5", "2469135/2"),
        ("5**2", "25"),
        ("+4", "4"),
        ("-5^2", "-25"),
        (".09", "9/100"),
        (",125", "1/8"),
        ("9 %", "9/100"),
        ("-24,47% * 2", "-2447/5000"),
        ("1.176 MACs", "1176"),
    ],
)
def test_formulas(text: str, value: str) -> None:
    assert amounts(text)[0].value == Fraction(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "many",
        "(5*5",
        "5*5)",
        "1/0",
        "2^9",
        "2^(1/2)",
        "006",
        "48,12,3",
        "1..2",
        "__import__('os')",
        "9" * 100,
        "1" * 300,
        "(" * 100 + "1" + ")" * 100,
        "8^8^8^8",
        "10^8*10^8*10^8*10^8",
        "5 6",
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert amounts(text) == ()


def test_a_number_with_two_readings() -> None:
    assert [amount.value for amount in amounts("1.234")] == [1234, Fraction(617, 500)]


def test_rounded_numbers() -> None:
    (amount,) = amounts("61.1M")
    assert amount.is_near(61_100_840) and not amount.is_near(61_200_000)


@given(st.text(max_size=60))
def test_any_text_is_read_or_not(text: str) -> None:
    assert all(isinstance(amount.value, Fraction) for amount in amounts(text))


@given(st.integers(0, 10**9), st.sampled_from(["", ",", ".", " ", "'"]))
def test_thousands(count: int, separator: str) -> None:
    text = f"{count:,}".replace(",", separator)
    assert amounts(text)[0].value == count


@given(st.integers(-99, 99), st.integers(-99, 99), st.integers(1, 99))
def test_formulas_follow_the_rules_of_arithmetic(a: int, b: int, c: int) -> None:
    text = plain_text(f"({a}) - ({b})*{c}/{c} + {c}^2")
    assert value_of(text) == a - b + c**2
