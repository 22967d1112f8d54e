"""CSV for spreadsheets: what is read back, and what is never computed."""

import csv
import io

import pytest

from mirada.training.spreadsheet import spreadsheet_cell, spreadsheet_csv


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\r@", " =", "\tx"])
def test_no_cell_is_a_formula(sign: str) -> None:
    text = f"{sign}cmd|' /C calc'!A0"
    ((cell,),) = csv.reader(io.StringIO(spreadsheet_csv([[text]]), newline=""))
    assert cell == f"'{text}".replace("\r", " ")


def test_a_carriage_return_begins_no_row() -> None:
    assert spreadsheet_csv([["photo\r=1+1"]]) == "photo =1+1\n"


def test_what_is_no_text_is_written_as_it_is() -> None:
    values = (None, -1, 0.5, True, [1, 2], "plain", "a-b")
    assert [*map(spreadsheet_cell, values)] == [
        *("", "-1", "0.5", "true", "[1, 2]", "plain", "a-b")
    ]


def test_cells_are_read_back_whatever_they_hold() -> None:
    rows = [["a,b", 'say "x"'], ["two\nlines", "ñ"]]
    assert [*csv.reader(io.StringIO(spreadsheet_csv(rows), newline=""))] == rows
