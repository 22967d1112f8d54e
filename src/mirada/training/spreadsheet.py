"""Tables as CSV that a spreadsheet opens and never computes."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["spreadsheet_cell", "spreadsheet_csv"]

_FORMULA_SIGNS = ("=", "+", "-", "@")


def spreadsheet_csv(rows: Iterable[Sequence[Any]]) -> str:
    """The rows as CSV, each cell by `spreadsheet_cell`.

    >>> print(spreadsheet_csv([["file", "share"], ["=1+1", 0.5]]), end="")
    file,share
    '=1+1,0.5
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(map(spreadsheet_cell, row) for row in rows)
    return text.getvalue()


def spreadsheet_cell(value: Any) -> str:
    """A value as the text of a cell; None is empty, other things than text are JSON.

    A text that a spreadsheet would take for a formula gets an apostrophe before it; a
    carriage return, which would begin a row, becomes a space.

    >>> spreadsheet_cell("-dash.png"), spreadsheet_cell(-0.5)
    ("'-dash.png", '-0.5')
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        return json.dumps(value)
    text = value.replace("\r", " ")
    is_formula = text.lstrip().startswith(_FORMULA_SIGNS) or text.startswith("\t")
    return f"'{text}" if is_formula else text
