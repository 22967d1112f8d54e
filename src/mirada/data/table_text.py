"""The text of a table of labels: its encoding, its separator, its rows of cells.

What is read here is right in form: every row has as many cells as the header, and
nothing is cut, guessed or left open. Source: RFC 4180, with other separators.
"""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from mirada.errors import DataError, Phrase

__all__ = ["Cells", "header_cells", "read_cells", "text_of", "text_of_head"]

_SEPARATORS = ",;\t|"
_MOST_LINE = 2**16
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8 = b"\xef\xbb\xbf"


class Cells(NamedTuple):
    """The cells of one row and the line it begins on."""

    line: int
    cells: list[str]


def text_of(data: bytes, table: str) -> tuple[str, Phrase | None]:
    """The text of a table, and what is to be told of its encoding.

    UTF-8 with or without a mark, UTF-16 with one (as Excel saves "Unicode text"), else
    Latin-1, in which every byte is a letter. Raises DataError (`table-encoding`).

    >>> text_of("gata,sí".encode(), "labels.csv")
    ('gata,sí', None)
    """
    marked = data.startswith((_UTF8, *_UTF16))
    encoding = "utf-16" if data.startswith(_UTF16) else "utf-8-sig"
    try:
        return data.decode(encoding), None
    except UnicodeDecodeError as error:
        mark = len(_UTF8) if data.startswith(_UTF8) else 0  # is not counted in `start`
        place = mark + error.start
        line = data.count(b"\n", 0, place) + 1
        if marked:
            raise DataError(
                "table-encoding",
                "'{table}', line {line}, column {column}: the bytes are not "
                "{encoding}, as the mark at the begin of the file says. Save it again "
                "as UTF-8.",
                table=table,
                line=line,
                column=place - data.rfind(b"\n", 0, place),
                encoding=encoding.removesuffix("-sig").upper(),
            ) from None
    told = Phrase(
        "'{table}' is not UTF-8 (line {line}); it was read as Latin-1. Save it as "
        "UTF-8 if names look wrong",
        table=table,
        line=line,
    )
    return data.decode("latin-1"), told


def text_of_head(data: bytes) -> str:
    """The text of the first bytes of a file, which may end within a letter."""
    encoding = "utf-16" if data.startswith(_UTF16) else "utf-8-sig"
    return data.decode(encoding, "replace")


def header_cells(text: str) -> tuple[list[str], str]:
    """The cells of the first line that is not empty, and the separator of the table.

    The separator is the one that gives most cells.

    >>> header_cells("file;label\\na.png;cat, dog and mouse")
    (['file', 'label'], ';')
    """
    lines = (line for line in io.StringIO(text, newline="") if line.strip())
    first = next(lines, "")[:_MOST_LINE].strip("\r\n")
    found = [(_split(first, separator), separator) for separator in _SEPARATORS]
    return max(found, key=lambda cells: len(cells[0]))


def read_cells(
    text: str, separator: str, table: str, *, fill: bool = False
) -> Iterator[Cells]:
    """The header and the rows of a table; empty lines are passed over.

    With `fill` a row may end early, as if the rest of its cells were empty.

    Raises DataError: `table-zero-byte`, `table-line-long`, `table-quotes`,
    `table-ragged`.
    """
    _require_no_zero(text, table)
    rows = csv.reader(
        _lines(text, table), delimiter=separator, strict=True, skipinitialspace=True
    )
    header: list[str] = []
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows, None)
        except csv.Error as error:
            raise _quotes(table, line, error) from None
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        header = header or cells
        if fill:
            cells += [""] * (len(header) - len(cells))
        yield Cells(line, _even(cells, header, table, line))


def _split(line: str, separator: str) -> list[str]:
    try:
        row = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in row]


def _lines(text: str, table: str) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if len(line) > _MOST_LINE:
            raise DataError(
                "table-line-long",
                "'{table}', line {line}, column {most}: the line goes on after {most} "
                "characters. No row of labels is so long; check the line ends and "
                "quotes, or save the table as CSV again.",
                table=table,
                line=number,
                most=_MOST_LINE,
            )
        yield line


def _require_no_zero(text: str, table: str) -> None:
    place = text.find("\0")
    if place < 0:
        return
    raise DataError(
        "table-zero-byte",
        "'{table}', line {line}, column {column}: there is a zero byte, so it is no "
        "text. Save the table as CSV in UTF-8.",
        table=table,
        line=text.count("\n", 0, place) + 1,
        column=place - text.rfind("\n", 0, place),
    )


def _even(cells: list[str], header: list[str], table: str, line: int) -> list[str]:
    """The row with as many cells as the header; only empty ones may be too many."""
    count = len(header)
    if len(cells) < count or any(cell.strip() for cell in islice(cells, count, None)):
        raise DataError(
            "table-ragged",
            "'{table}', line {line}, column {column}: the row has {came} cells, but "
            "the header has {count}. Put names that contain the separator in quotes, "
            "and give every row as many cells.",
            table=table,
            line=line,
            column=min(len(cells), count) + 1,
            came=len(cells),
            count=count,
        )
    return cells[:count]


def _quotes(table: str, line: int, error: csv.Error) -> DataError:
    return DataError(
        "table-quotes",
        "'{table}', line {line}, column 1 and on: the quotes of the row that begins "
        "here do not match ({reason}). Close every quote, and write a quote within "
        "quotes twice.",
        table=table,
        line=line,
        reason=str(error),
    )
