"""Matrices of numbers as aligned text."""

import math
import shutil
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Block", "matrix_lines", "side_by_side"]

Block = tuple[str, Sequence[str]]
"""A heading and the lines under it."""

_DIGITS = 4
_MOST_DECIMALS = 6
_GAP = "   "


def matrix_lines(
    values: NDArray[np.number], inside: NDArray[np.bool_] | None = None
) -> list[str]:
    """The rows of a matrix (h, w), columns aligned; a tap on padding is (0).

    Whole numbers are whole; others have as many decimals as show four digits of the
    largest, or as are needed.

    >>> matrix_lines(np.array([[1, -2], [30, 4]]))
    [' 1 -2', '30  4']
    >>> matrix_lines(np.array([[0.5, -0.25]]))
    [' 0.50 -0.25']
    """
    shape = _format(values)
    cells = [[_cell(float(value), shape) for value in row] for row in values]
    if inside is not None:
        for row, column in np.argwhere(~inside):
            cells[row][column] = "(0)"
    width = max((len(cell) for row in cells for cell in row), default=0)
    return [" ".join(cell.rjust(width) for cell in row) for row in cells]


def _cell(value: float, shape: str) -> str:
    """The number, without the sign of a zero."""
    text = format(value, shape)
    return text if text.strip("-0.") else text.removeprefix("-")


def _format(values: NDArray[np.number]) -> str:
    numbers = np.asarray(values, np.float64)
    known = numbers[np.isfinite(numbers)]
    if (known == np.rint(known)).all():
        return ".0f"
    places = _DIGITS - 1 - math.floor(math.log10(np.abs(known).max()))
    most = min(max(places, 1), _MOST_DECIMALS)
    shown = np.round(known, most)
    enough = (d for d in range(most) if np.array_equal(np.round(known, d), shown))
    return f".{next(enough, most)}f"


def side_by_side(blocks: Iterable[Block]) -> list[str]:
    """Blocks beside each other where the terminal has room, else one under the other.

    >>> side_by_side([("a", ["1 2", "3 4"]), ("sum", ["10"])])
    ['a     sum', '1 2   10', '3 4']
    """
    columns = [[heading, *lines] for heading, lines in blocks]
    widths = [max(map(len, column)) for column in columns]
    total = sum(widths) + len(_GAP) * (len(widths) - 1)
    if total > shutil.get_terminal_size().columns:
        return [line for column in columns for line in column]
    height = max(map(len, columns))
    padded = [column + [""] * (height - len(column)) for column in columns]
    return [
        _GAP.join(
            cell.ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in zip(*padded, strict=True)
    ]
