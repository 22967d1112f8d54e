"""A matrix as text: typed on the command line, or in a file."""

import math
import re
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.data.gate import read_plain
from mirada.data.naming import shown_path
from mirada.errors import DataError, UsageError

__all__ = ["SUFFIXES", "looks_typed", "parse_matrix", "read_matrix"]

SUFFIXES = (".txt", ".csv", ".tsv")
"""The endings of files that hold matrices."""

MOST_NUMBERS = 4_000_000
_MOST_BYTES = 64 * 2**20
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
_BETWEEN = re.compile(r"[\s,]+")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_FRACTION = re.compile(r"([+-]?\d{1,9})/(\d{1,9})", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+(,\d+)?", re.ASCII)
_LONGEST_WHOLE = 15
_LARGEST = 1e100
"""Products of two numbers and their sums then stay far from the end of float64."""

Numbers = NDArray[Any]


def read_matrix(path: Path) -> Numbers:
    """The matrix (channels, height, width) that a text file holds.

    Raises DataError: `matrix-file`, `matrix-not-text`, and those of `gate.read_plain`.
    """
    content = read_plain(path, _MOST_BYTES)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(
            "matrix-not-text",
            "'{file}' is not text in UTF-8, where a matrix of numbers was expected. "
            "Save it as plain text, or give an image.",
            file=shown_path(path),
        ) from None
    try:
        return parse_matrix(text)
    except UsageError as error:
        raise DataError(
            "matrix-file",
            "'{file}' holds no matrix. {reason}",
            file=shown_path(path),
            reason=error,
        ) from None


def parse_matrix(text: str) -> Numbers:
    """The matrix (channels, height, width) that a text says; whole numbers whole.

    Rows end at a line or a semicolon, numbers stand apart by spaces or commas,
    channels by an empty line or a "|". Rows of digits alone, such as 11100, are read
    digit by digit; lines such as 1;2;3, or with tabs between, number by number, also
    with a decimal comma, as spreadsheets have them in Spanish: 0,5;2. Raises
    UsageError (`matrix-empty`, `matrix-number`, `matrix-huge`, `matrix-rows`,
    `matrix-channels`, `matrix-large`).

    >>> parse_matrix("1 0 1; 0 1 0").tolist()
    [[[1, 0, 1], [0, 1, 0]]]
    >>> parse_matrix("110|011").tolist()
    [[[1, 1, 0]], [[0, 1, 1]]]
    """
    unified = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    pieces = _BLANK_LINE.sub("|", unified).split("|")
    channels = [rows for piece in pieces if (rows := _rows(piece))]
    if not channels:
        raise UsageError(
            "matrix-empty",
            "A matrix needs at least one number, as in '1 0 1; 0 1 0'; none came.",
        )
    values = [_matrix(rows) for rows in channels]
    shapes = {channel.shape for channel in values}
    if len(shapes) > 1:
        raise UsageError(
            "matrix-channels",
            "All channels must have the same height and width; these are {shapes}.",
            shapes=", ".join(f"{one.shape[0]}x{one.shape[1]}" for one in values),
        )
    whole = np.stack(values)
    if whole.size > MOST_NUMBERS:
        raise UsageError(
            "matrix-large",
            "A matrix may have up to {most} numbers; this one has {count}.",
            most=MOST_NUMBERS,
            count=whole.size,
        )
    return whole


def _rows(piece: str) -> list[list[str]]:
    """The words of every row."""
    lines = [line for line in piece.split("\n") if line.strip()]
    if cells := _cells(lines):
        return cells
    parts = [part.strip(" \t,") for line in lines for part in line.split(";")]
    flat = [part for part in parts if part]
    split = [[word for word in _BETWEEN.split(part) if word] for part in flat]
    rows = [row for row in split if row]
    return [list(row[0]) for row in rows] if _are_digits(rows) else rows


def _cells(lines: list[str]) -> list[list[str]]:
    """What the cells of a spreadsheet say; none where the lines are no such table."""
    for mark in ";\t":
        cells = [[part.strip() for part in line.split(mark)] for line in lines]
        is_table = all(len(line) > 1 for line in cells)
        if mark == ";" and len(lines) < 2:
            continue  # rows of a matrix on one line
        if is_table and all(map(_is_one_number, chain.from_iterable(cells))):
            return [[part.replace(",", ".") for part in line if part] for line in cells]
    return []


def _is_one_number(part: str) -> bool:
    is_plain = len(_BETWEEN.split(part)) == 1
    return is_plain or _DECIMAL_COMMA.fullmatch(part) is not None


def _are_digits(rows: list[list[str]]) -> bool:
    """Whether rows such as 01110 are meant digit by digit.

    They are where all have one length, or one begins with a 0, as no number does.
    """
    words = [word for row in rows for word in row]
    single = len(words) == len(rows) > 0
    if not single or not all(word.isascii() and word.isdecimal() for word in words):
        return False
    alike = len({len(word) for word in words}) == 1 and len(words[0]) > 1
    return alike or any(word[0] == "0" and len(word) > 1 for word in words)


def _matrix(rows: list[list[str]]) -> Numbers:
    """The rows as an array, refused where one has another length."""
    wanted = len(rows[0])
    for place, row in enumerate(rows, start=1):
        if len(row) != wanted:
            raise UsageError(
                "matrix-rows",
                "Every row must have as many numbers as the first, which has {wanted}; "
                "row {row} has {count}{where}.",
                wanted=wanted,
                where="",
                row=place,
                count=len(row),
            )
    numbers = [
        [_number(word, place) for word in row] for place, row in enumerate(rows, 1)
    ]
    return np.array(numbers)


def _number(word: str, row: int) -> int | float:
    """The number a word says: whole, with decimals, or a fraction such as 1/9."""
    fraction = _FRACTION.fullmatch(word)
    if fraction and int(fraction[2]):
        return int(fraction[1]) / int(fraction[2])
    value = float(word) if _NUMBER.fullmatch(word) else math.nan
    if abs(value) > _LARGEST:
        raise UsageError(
            "matrix-huge",
            "Row {row} has {word!r}{where}, where a number of up to {most} was "
            "expected. Make all numbers smaller by one factor.",
            row=row,
            where="",
            word=word[:40],
            most="1e100",
        )
    if not math.isfinite(value):
        raise UsageError(
            "matrix-number",
            "Row {row} has {word!r}{where}, where a number was expected, as in 3, -0.5 "
            "or 1/9.",
            row=row,
            where="",
            word=word[:40],
        )
    digits = word.lstrip("+-")
    if digits.isdecimal() and len(digits) <= _LONGEST_WHOLE:
        return int(word)
    return value


def looks_typed(word: str) -> bool:
    """Whether a word that names no file is meant as a matrix.

    >>> looks_typed("1 0; 0 1"), looks_typed("photo.png"), looks_typed("my photo.png")
    (True, False, False)
    """
    first = _BETWEEN.split(word.strip().partition(";")[0])[0]
    is_number = bool(_NUMBER.fullmatch(first) or _FRACTION.fullmatch(first))
    return ";" in word or "|" in word or is_number
