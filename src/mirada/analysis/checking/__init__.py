"""A person's table of sizes and parameters, corrected: right, or which mistake."""

from mirada.analysis.checking.blank import asked_rows
from mirada.analysis.checking.cell import COLUMNS, Cell, Check
from mirada.analysis.checking.columns import left_aside, rows_of
from mirada.analysis.checking.grades import (
    HEADING,
    Common,
    Graded,
    common_mistakes,
    grades_table,
)
from mirada.analysis.checking.judging import is_left_open, is_readable
from mirada.analysis.checking.layer_names import TOTAL, Row
from mirada.analysis.checking.table import check
from mirada.analysis.mistakes import MISTAKE_NAMES

__all__ = [
    "COLUMNS",
    "HEADING",
    "MISTAKE_NAMES",
    "TOTAL",
    "Cell",
    "Check",
    "Common",
    "Graded",
    "Row",
    "asked_rows",
    "check",
    "common_mistakes",
    "grades_table",
    "is_left_open",
    "is_readable",
    "left_aside",
    "rows_of",
]
