"""Rows of a table that end early: refused, or filled up where that is asked for."""

import pytest

from mirada.data.table_text import read_cells
from mirada.errors import DataError
from tests.refusal import refuses

TEXT = "a,b,c\n1\n1,2\n\n1,2,3\n1,2,3,\n"


def test_rows_may_be_filled_up() -> None:
    rows = [row.cells for row in read_cells(TEXT, ",", "t.csv", fill=True)]
    assert rows == [
        ["a", "b", "c"],
        ["1", "", ""],
        ["1", "2", ""],
        *[["1", "2", "3"]] * 2,
    ]


def test_short_rows_are_refused_else() -> None:
    with refuses(DataError, "table-ragged", "line 2"):
        list(read_cells(TEXT, ",", "t.csv"))


@pytest.mark.parametrize("fill", [True, False])
def test_long_rows_are_always_refused(fill: bool) -> None:
    with refuses(DataError, "table-ragged", "line 2", "4 cells"):
        list(read_cells("a,b\n1,2,3,4\n", ",", "t.csv", fill=fill))
