"""Where the rows come from that `mirada check` judges: a file, stdin, or a person."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from mirada.analysis.checking import (
    COLUMNS,
    TOTAL,
    Row,
    asked_rows,
    is_left_open,
    is_readable,
    left_aside,
    rows_of,
)
from mirada.cli.check_text import column_name
from mirada.cli.output import is_quiet, say
from mirada.cli.typed_line import typed_line
from mirada.data.stored import read_stored, stored_name
from mirada.data.table_text import header_cells, read_cells, text_of
from mirada.errors import DataError, Phrase
from mirada.language import translate
from mirada.network import Network

__all__ = ["blank_table", "piped_rows", "table_rows", "typed_rows"]

_MOST_BYTES = 2**20


def table_rows(path: Path) -> list[Row]:
    """The rows of a table in a file.

    Raises DataError: `check-no-header`, and those of `rows_of` and of `table_text`.
    """
    return _rows(read_stored(path, _MOST_BYTES), stored_name(path))


def piped_rows() -> list[Row]:
    """The rows of a table on stdin."""
    data = sys.stdin.buffer.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise DataError(
            "check-too-long",
            "The table on stdin has more than {most} bytes. Is it a table?",
            most=_MOST_BYTES,
        )
    return _rows(data, "-")


def _rows(data: bytes, name: str) -> list[Row]:
    text, told = text_of(data, name)
    if told is not None:
        say(told)
    _, separator = header_cells(text)
    cells = read_cells(text, separator, name, fill=True)
    header = next(cells, None)
    if header is None:
        raise DataError(
            "check-no-header",
            "'{table}' is empty. The first line must be layer,size,parameters; "
            "'mirada check --template' prints a table to fill in.",
            table=name,
        )
    rows = rows_of(header.cells, cells, name)
    for heading in left_aside(header.cells):
        say(Phrase("Not looked at: the column {heading!r}", heading=heading[:60]))
    return rows


def typed_rows(network: Network) -> list[Row]:
    """The rows that a person types, a prompt a cell; the end of input ends them."""
    say(
        Phrase(
            "Type what you have computed, cell by cell; press Enter to leave one out."
        )
    )
    cells: dict[str, dict[str, str]] = {}
    for name, column in _asked(network):
        text = _typed(network, name, column)
        if text is None:
            break
        cells.setdefault(name, {})[column] = text
    return [
        Row(name, texts.get("size", ""), texts.get("parameters", ""))
        for name, texts in cells.items()
    ]


def _asked(network: Network) -> Iterator[tuple[str, str]]:
    for name in asked_rows(network):
        yield from ((name, column) for column in COLUMNS if name != TOTAL)
    yield TOTAL, "parameters"


def _typed(network: Network, name: str, column: str) -> str | None:
    """What is typed into one cell; asked again while it cannot be read."""
    node = network.by_name.get(name)
    about = "" if node is None else f" ({node.layer.text()})"
    words = column_name(column)
    while True:
        if not is_quiet():
            click.echo(f"{name}{about}, {words}: ", nl=False, err=True)
        text = typed_line()
        if text is None:
            say("")
            return None
        if is_left_open(text) or is_readable(column, text):
            return text
        say(
            Phrase(
                "This is no number that can be read. As in 28x28x6, 456, 62,006 or "
                "(5*5*3 + 1)*6."
            )
        )


def blank_table(network: Network) -> str:
    """A table to fill in, as CSV, in the language in use."""
    heads = (translate("layer"), translate("size"), translate("parameters"))
    return "\n".join([",".join(heads), *(f"{row},," for row in asked_rows(network))])
