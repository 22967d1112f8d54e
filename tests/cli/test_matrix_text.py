"""Matrices typed and in files: every way to write one, and every way to err."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.cli.matrix_text import looks_typed, parse_matrix, read_matrix
from mirada.errors import DataError, UsageError
from tests.refusal import refuses

FOUR = [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    "text",
    [
        "1 2; 3 4",
        "1,2;3,4",
        "1 2\n3 4\n",
        "1, 2\r\n3, 4\r\n",
        "1;2\n3;4",
        "1;2;\n3;4;\n",
        "\ufeff1\t2\n3\t4".removeprefix("\ufeff"),
        "12\n34",
        " 12 ; 34 ",
        "+1 2; 3 4",
    ],
)
def test_ways_to_write_a_matrix(text: str) -> None:
    found = parse_matrix(text)
    assert found.tolist() == [FOUR] and np.issubdtype(found.dtype, np.integer)


@pytest.mark.parametrize(
    "text", ["12;34|56;78", "1 2\n3 4\n\n5 6\n7 8", "12\n34\n \n\n56\n78"]
)
def test_channels(text: str) -> None:
    assert parse_matrix(text).tolist() == [FOUR, [[5, 6], [7, 8]]]


def test_digits_and_numbers_are_told_apart() -> None:
    assert parse_matrix("11100\n01110").tolist() == [[[1, 1, 1, 0, 0], [0, 1, 1, 1, 0]]]
    assert parse_matrix("100\n20\n3").tolist() == [[[100], [20], [3]]]
    assert parse_matrix("7").tolist() == [[[7]]]
    with refuses(UsageError, "matrix-rows", "row 2 has 2"):
        parse_matrix("110\n01")


def test_a_decimal_comma_between_semicolons() -> None:
    assert parse_matrix("1,5\t2\n3\t4,25").tolist() == [[[1.5, 2], [3, 4.25]]]
    assert parse_matrix("1,5\t2,5").tolist() == [[[1.5, 2.5]]]
    assert parse_matrix("1,5;2\n3;4,25").tolist() == [[[1.5, 2], [3, 4.25]]]
    assert parse_matrix("1,5;2,3").tolist() == [[[1, 5], [2, 3]]]


def test_numbers_that_are_not_whole() -> None:
    assert parse_matrix("0.5 -.25 1e2 1/4 -1/2").tolist() == [
        [[0.5, -0.25, 100, 0.25, -0.5]]
    ]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "matrix-empty", "at least one number"),
        (" ; ;\n", "matrix-empty", "none came"),
        ("1 a; 2 3", "matrix-number", "Row 1 has 'a'"),
        ("1 2; 3 1_0", "matrix-number", "Row 2 has '1_0'"),
        ("1 nan", "matrix-number", "'nan'"),
        ("1 1e999", "matrix-huge", "'1e999'"),
        ("1 1/0", "matrix-number", "'1/0'"),
        ("1 ٣", "matrix-number", "'٣'"),
        ("1 2; 3", "matrix-rows", "which has 2; row 2 has 1"),
        ("1 2; 3 4 | 1 2", "matrix-channels", "2x2, 1x2"),
    ],
)
def test_refusals(text: str, code: str, words: str) -> None:
    with refuses(UsageError, code, words):
        parse_matrix(text)


def test_too_many_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirada.cli.matrix_text.MOST_NUMBERS", 3)
    with refuses(UsageError, "matrix-large", "up to 3 numbers; this one has 4"):
        parse_matrix("12;34")


@given(st.text(alphabet="01 2;,|\n./-ea\t", max_size=30))
def test_any_text_is_a_matrix_or_refused(text: str) -> None:
    try:
        found = parse_matrix(text)
    except UsageError:
        return
    assert found.ndim == 3 and found.size and np.isfinite(found).all()


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes("\ufeff1,2\r\n3,4\r\n".encode())
    assert read_matrix(path).tolist() == [FOUR]
    path.write_bytes(b"\xff\xfe1")
    with refuses(DataError, "matrix-not-text", "m.csv", "UTF-8"):
        read_matrix(path)
    path.write_text("1 2\n3")
    with refuses(DataError, "matrix-file", "m.csv", "row 2 has 1"):
        read_matrix(path)
    with refuses(DataError, "file-missing", "n.csv"):
        read_matrix(tmp_path / "n.csv")


def test_what_is_meant_as_a_matrix() -> None:
    assert all(map(looks_typed, ("1 2", "1;a", "-1 1", "a|b", "1/9", "11100")))
    assert not any(map(looks_typed, ("photo.png", "2.png", "", "two cats.jpg")))
