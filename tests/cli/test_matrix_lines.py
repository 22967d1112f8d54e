"""Matrices as aligned text."""

import numpy as np
import pytest

from mirada.cli.matrix_lines import matrix_lines, side_by_side


def test_decimals_follow_the_largest_number() -> None:
    assert matrix_lines(np.array([[123.456, -0.5]])) == ["123.5  -0.5"]
    assert matrix_lines(np.array([[0.00123456, 0.0]])) == ["0.001235 0.000000"]
    assert matrix_lines(np.array([[3.25, 5.25], [2, 2]])) == ["3.25 5.25", "2.00 2.00"]


def test_zero_has_no_sign_and_padding_is_told() -> None:
    values = np.array([[-0.0, -0.00001], [1.5, 2.0]])
    assert matrix_lines(values) == ["0.0 0.0", "1.5 2.0"]
    inside = np.array([[False, True], [True, True]])
    assert matrix_lines(values, inside) == ["(0) 0.0", "1.5 2.0"]


def test_what_is_not_finite_is_shown() -> None:
    assert matrix_lines(np.array([[np.nan, 1.0], [np.inf, 2.0]])) == [
        "nan   1",
        "inf   2",
    ]


def test_blocks_stand_under_each_other_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    blocks = [("one", ["1 2 3"]), ("two", ["4 5 6"])]
    assert side_by_side(blocks) == ["one     two", "1 2 3   4 5 6"]
    monkeypatch.setenv("COLUMNS", "12")
    assert side_by_side(blocks) == ["one", "1 2 3", "two", "4 5 6"]
