"""How a person's answer is read."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.analysis.exercises import Answer, Grid, Number, Rounded, Size
from mirada.analysis.exercises.answer import numbers

SQUARE, VOLUME = Size((28, 28)), Size((28, 28, 6))
MATRIX = Grid.of([[6, 8], [3, 4]])
MEANS = Grid.of([[Fraction(13, 4), Fraction(21, 4)], [2, 2]])
VECTOR = Grid.of([[1, -2, 0]])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("28", ["28"]),
        (" -3 ", ["-3"]),
        ("\u22123", ["-3"]),
        ("+4", ["4"]),
        ("0,0900", ["9/100"]),
        (".09", ["9/100"]),
        ("9%", ["9/100"]),
        ("9 %", ["9/100"]),
        ("13/4", ["13/4"]),
        ("-1 / 2", ["-1/2"]),
        ("62,006", ["62006", "31003/500"]),
        ("62.006", ["62006", "31003/500"]),
        ("62 006", ["62006"]),
        ("1,234.5", ["2469/2"]),
        ("1.234,5", ["2469/2"]),
        ("1.234.567", ["1234567"]),
        ("0.123", ["123/1000"]),
        ("O = 28", ["28"]),
        ("(32 - 5)/1 + 1 = 28", ["28"]),
        ("28 px", ["28"]),
        ("456 parámetros", ["456"]),
        ("", []),
        ("x", []),
        ("1/0", []),
        ("1,2,3", []),
        ("1.2.3", []),
        ("1e5", []),
        ("²", []),
        ("--3", []),
        ("nan", []),
    ],
)
def test_numbers(text: str, values: list[str]) -> None:
    assert [str(value) for value in numbers(text)] == values


@pytest.mark.parametrize(
    ("answer", "right", "wrong"),
    [
        (Number(Fraction(62006)), ["62006", "62,006", "62.006", "62 006"], ["62", "0"]),
        (Number(Fraction(13, 4)), ["3.25", "3,25", "13/4", "26/8"], ["3", "325"]),
        (Number(Fraction(0)), ["0", "0.0", "0 parameters"], ["4", "-1"]),
        (Rounded(0.09003, 4), ["0.0900", "0,0900", ".09", "9 %"], ["0.0901", "9"]),
        (Rounded(0.24473, 4), ["0.2447", "0.24473", "24,47%"], ["0.24", "0.2450"]),
        (
            SQUARE,
            ["28", "28x28", "28 X 28", "28×28", "28*28"],
            ["27", "28x27", "27x27"],
        ),
        (
            VOLUME,
            [
                *("28x28x6", "28 x 28 x 6", "28,28,6", "28, 28, 6", "(28, 28, 6)"),
                *("28 28 6", "6x28x28", "28 por 28 por 6", "O = 28x28x6"),
            ],
            ["28x28", "28", "28x6x28", "27x27x6"],
        ),
        (
            MATRIX,
            [
                *("6 8; 3 4", "6 8;3 4", "[[6,8],[3,4]]", "[[6, 8], [3, 4]]"),
                *("6,8;3,4", "6 8 3 4", "(6 8; 3 4)", "[6 8; 3 4]", "6.0 8; 3 4"),
            ],
            ["6 3; 8 4", "6 8", "6 8; 3 5"],
        ),
        (
            MEANS,
            ["3.25 5.25; 2 2", "3,25 5,25; 2 2", "3.25, 5.25; 2, 2", "13/4 21/4; 2 2"],
            ["3 5; 2 2"],
        ),
        (VECTOR, ["1 -2 0", "1, -2, 0", "[1,-2,0]", "1 \u22122 0"], ["1 2 0", "1 -2"]),
    ],
)
def test_what_is_accepted(answer: Answer, right: list[str], wrong: list[str]) -> None:
    assert answer.accepts(answer.text)
    for text in right:
        assert answer.accepts(text), text
    for text in wrong:
        assert answer.readings(text) and not answer.accepts(text), text


@pytest.mark.parametrize("answer", [Number(Fraction(28)), SQUARE, MATRIX, VECTOR])
@pytest.mark.parametrize("text", ["", "abc", "1; x", "?", "[]", ";", "2 x x", "= ="])
def test_what_cannot_be_read(answer: Answer, text: str) -> None:
    assert answer.readings(text) == ()


def test_forms_are_named() -> None:
    forms = [str(a.form) for a in (SQUARE, VOLUME, MATRIX, VECTOR, Rounded(0.5, 2))]
    assert forms == [
        "a size, as in 28x28",
        "height x width x channels, as in 28x28x6",
        "rows with semicolons between them, as in 6 8; 3 4",
        "numbers with spaces between them, as in 6 8 3",
        "a number with 2 decimals",
    ]


def test_json() -> None:
    plain = [a.plain for a in (SQUARE, MEANS, VECTOR, Number(Fraction(9, 2)))]
    assert plain == [[28, 28], [[3.25, 5.25], [2, 2]], [1, -2, 0], 4.5]
    assert Rounded(0.09003, 4).plain == 0.09


@given(st.text(max_size=500))
def test_no_text_is_too_strange(text: str) -> None:
    for answer in (Number(Fraction(28)), Rounded(0.5, 4), SQUARE, VOLUME, MATRIX):
        answer.accepts(text)


@given(st.fractions(-(10**9), 10**9, max_denominator=1000))
def test_what_is_shown_is_read_again(value: Fraction) -> None:
    assert Number(value).accepts(Number(value).text)


@given(st.lists(st.lists(st.integers(-99, 99), min_size=2, max_size=2), min_size=1))
def test_what_is_shown_of_a_matrix_is_read_again(rows: list[list[int]]) -> None:
    assert Grid.of(rows[:9]).accepts(Grid.of(rows[:9]).text)
