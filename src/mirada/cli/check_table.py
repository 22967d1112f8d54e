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
)
from mirada.cli.output import is_quiet, say
from mirada.cli.typed_line import typed_line
from mirada.data.stored import read_stored, stored_name
from mirada.errors import DataError, Phrase
from mirada.network import Network
from mirada.tasks.correction import column_name
from mirada.tasks.filled_table import MOST_BYTES, rows_in

__all__ = ["piped_rows", "table_rows", "typed_rows"]


def table_rows(path: Path) -> list[Row]:
    """The rows of a table in a file.

    Raises DataError: `check-no-header`, and those of `rows_of` and of `table_text`.
    """
    return rows_in(read_stored(path, MOST_BYTES), stored_name(path))


def piped_rows() -> list[Row]:
    """The rows of a table on stdin."""
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise DataError(
            "check-too-long",
            "The table on stdin has more than {most} bytes. Is it a table?",
            most=MOST_BYTES,
        )
    return rows_in(data, "-")


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
