"""Where output goes: results on stdout, talk on stderr.

A table is drawn by rich on a terminal and as plain aligned columns elsewhere, so that
nothing is cut where a program reads it.
"""

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import click

from mirada.language import count_text, decimal_mark

__all__ = [
    "Column",
    "bytes_text",
    "count_text",
    "is_quiet",
    "on_terminal",
    "printable",
    "say",
    "show",
    "show_json",
    "show_lines",
    "show_table",
]


class Column(NamedTuple):
    """One column of a table: its heading, and whether it holds numbers."""

    heading: str
    numbers: bool = False


def is_quiet() -> bool:
    """Whether `--quiet` was asked for."""
    context = click.get_current_context(silent=True)
    return bool(context and context.find_root().params.get("quiet"))


def on_terminal() -> bool:
    """Whether results are read by a person on a terminal."""
    return sys.stdout.isatty()


def printable(text: object) -> str:
    """The text with control characters shown, not obeyed: names come from files.

    >>> printable("cat" + chr(27) + "[2J")
    'cat\\\\x1b[2J'
    """
    shown = str(text)
    if shown.isprintable():
        return shown
    kept = "\n\t"
    return "".join(c if c.isprintable() or c in kept else repr(c)[1:-1] for c in shown)


def say(text: object) -> None:
    """Prints talk on stderr: what is being done, advice, warnings; not if quiet."""
    if not is_quiet():
        click.echo(printable(text), err=True)


def show(text: object = "") -> None:
    """Prints a result on stdout."""
    click.echo(printable(text))


def show_lines(lines: Iterable[str]) -> None:
    """Prints results line by line; on a terminal long ones hang by an indent."""
    width = shutil.get_terminal_size().columns
    for line in lines:
        if on_terminal() and len(line) > width:
            margin = len(line) - len(line.lstrip()) + 2
            filled = textwrap.wrap(
                line,
                width,
                subsequent_indent=" " * margin,
                break_long_words=False,
                break_on_hyphens=False,
            )
            show("\n".join(filled))
        else:
            show(line)


def show_json(value: Mapping[str, object]) -> None:
    """Prints a result as one line of JSON on stdout, ASCII only."""
    click.echo(json.dumps(value, allow_nan=False))


def show_table(columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
    """Prints a table on stdout; cells are turned into text."""
    cells = [[printable(cell) for cell in row] for row in rows]
    if on_terminal():
        _draw(columns, cells)
    else:
        show("\n".join(_plain(columns, cells)))


def bytes_text(count: int) -> str:
    """Bytes in the largest unit that leaves at least one of it.

    >>> bytes_text(244403360), bytes_text(80)
    ('233.1 MiB', '80 B')
    """
    size, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    text = f"{size:.1f}" if unit != "B" else str(count)
    return f"{decimal_mark(text)} {unit}"


def _plain(columns: Sequence[Column], rows: list[list[str]]) -> list[str]:
    lines = [[column.heading for column in columns], *rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if column.numbers else cell.ljust(width)
            for cell, width, column in zip(line, widths, columns, strict=True)
        ).rstrip()
        for line in lines
    ]


def _draw(columns: Sequence[Column], rows: list[list[str]]) -> None:
    # rich costs 50 ms, which only a person at a terminal is asked for.
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, column in enumerate(columns):
        justify = "right" if column.numbers else "left"
        # Only a cell with spaces may be broken in two: no number is cut.
        whole = not any(" " in row[place] for row in rows)
        table.add_column(
            Text(column.heading),
            justify=justify,  # type: ignore[arg-type]
            no_wrap=whole,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*map(Text, row))
    Console(file=sys.stdout, highlight=False).print(table)
