"""A table of labels: which image is of which class, part and group.

A fault of the whole table, which could change what every row means, refuses it. A fault
of one row leaves out its image, with the line, the column and what to do.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

from mirada.data.dataset import Part, Skipped
from mirada.data.encoded import Encoded
from mirada.data.layout import PARTS
from mirada.data.limits import Limits
from mirada.data.naming import shown
from mirada.data.stored import read_stored, stored_name
from mirada.data.table_text import (
    Cells,
    header_cells,
    read_cells,
    text_of,
    text_of_head,
)
from mirada.errors import DataError, MiradaError, Phrase

__all__ = ["TABLE_SUFFIXES", "Row", "Table", "conflict", "is_label_table", "read_table"]

TABLE_SUFFIXES = (".csv", ".tsv")

_COLUMNS = {
    "file": ("file", "path", "image", "filename", "file_name", "filepath", "file_path"),
    "label": ("label", "class", "class_name"),
    "part": ("split", "part", "set"),
    "group": ("group",),
}
_NEEDED = ("file", "label")
_MOST_BYTES = 64 * 2**20
_DRIVE = re.compile(r"[A-Za-z]:")


class Row(NamedTuple):
    """One image as the table tells it: line, path in parts, class, part, group."""

    line: int
    file: str
    label: str
    part: Part
    group: str | None

    @property
    def said(self) -> tuple[str, Part, str | None]:
        """What must be the same where an image is named twice."""
        return self.label, self.part, self.group


@dataclass
class Table:
    """The images of a table, each once, and those it is no use for."""

    name: str
    rows: list[Row] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[Phrase] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)


def is_label_table(head: bytes) -> bool:
    """Whether a file that begins so has a column of files and one of labels.

    >>> is_label_table(b"path;class\\n"), is_label_table(b"photo,url\\n")
    (True, False)
    """
    cells, _ = header_cells(text_of_head(head))
    names = {_plain(cell) for cell in cells}
    return all(names & set(_COLUMNS[role]) for role in _NEEDED)


def read_table(source: Encoded, limits: Limits) -> Table:
    """Reads a table of labels.

    Raises DataError: `table-empty`, `table-column-missing`, `table-column-twice`,
    `table-rows-too-many`, and those of `table_text`.
    """
    name = stored_name(source)
    text, told = text_of(read_stored(source, min(_MOST_BYTES, limits.file_bytes)), name)
    _, separator = header_cells(text)
    cells = read_cells(text, separator, name)
    header = next(cells, None)
    if header is None:
        raise DataError(
            "table-empty",
            "'{table}', line 1, column 1: there is no header. Write a first line such "
            "as file,label and one line for each image.",
            table=name,
        )
    places = _places(header, name)
    columns = {role: header.cells[place].strip() for role, place in places.items()}
    table = Table(name, notes=[told] if told else [], columns=columns)
    _collect(table, _bounded(cells, name, limits), places)
    return table


def _plain(cell: str) -> str:
    return cell.strip().casefold().replace(" ", "_")


def _places(header: Cells, name: str) -> dict[str, int]:
    """Where each column is."""
    names = [_plain(cell) for cell in header.cells]
    found: dict[str, int] = {}
    for place, cell in enumerate(names):
        role = next((r for r, known in _COLUMNS.items() if cell in known), None)
        if role is not None and role in found:
            raise DataError(
                "table-column-twice",
                "'{table}', line {line}, column {column}: '{second}' says the same as "
                "column '{first}' ({role}). Rename or delete one of them.",
                table=name,
                line=header.line,
                column=place + 1,
                second=shown(header.cells[place]),
                first=shown(header.cells[found[role]]),
                role=role,
            )
        if role is not None:
            found[role] = place
    for role in _NEEDED:
        if role not in found:
            raise _missing(header, name, role)
    return found


def _missing(header: Cells, name: str, role: str) -> DataError:
    known = _COLUMNS[role]
    free = [
        cell for cell in header.cells if _plain(cell) not in sum(_COLUMNS.values(), ())
    ]
    close = [c for c in free if get_close_matches(_plain(c), known, 1, 0.6)]
    advice = (
        Phrase("Did you mean '{cell}'? Rename it.", cell=shown(close[0].strip()))
        if close
        else Phrase("Write a first line such as file,label.")
    )
    return DataError(
        "table-column-missing",
        "'{table}', line {line}, columns 1 to {count}: among {found} there is no "
        "column {known}. {advice}",
        table=name,
        line=header.line,
        count=len(header.cells),
        found=", ".join(f"'{shown(cell.strip())[:80]}'" for cell in header.cells[:20]),
        known="|".join(known[:4]),
        advice=advice,
    )


def _bounded(rows: Iterable[Cells], name: str, limits: Limits) -> Iterator[Cells]:
    for count, row in enumerate(rows):
        if count >= limits.files:
            raise DataError(
                "table-rows-too-many",
                "'{table}', line {line}, column 1: there are more than {most} rows. "
                "Use fewer, or raise the limit.",
                table=name,
                line=row.line,
                most=limits.files,
            )
        yield row


def _collect(table: Table, rows: Iterable[Cells], places: Mapping[str, int]) -> None:
    """Takes each image once; rows that say the same twice are one."""
    known: dict[str, Row] = {}
    against: dict[str, Row] = {}
    again = 0
    for cells in rows:
        values = {role: cells.cells[place] for role, place in places.items()}
        try:
            row = _row(table, cells.line, values)
        except DataError as reason:
            _leave(table, values["file"].strip(), cells.line, reason)
            continue
        first = known.setdefault(row.file, row)
        if first is not row and first.said != row.said:
            against.setdefault(row.file, row)
        again += first is not row
    for file, row in known.items():
        if file in against:
            _leave(table, row.file, row.line, conflict(table, row, against[file]))
        else:
            table.rows.append(row)
    if again:
        table.notes.append(
            Phrase(
                "{count} rows of '{table}' name an image a second time",
                count=again,
                table=table.name,
            )
        )


def _leave(table: Table, file: str, line: int, reason: MiradaError) -> None:
    name = shown(file) if file else f"{table.name}:{line}"
    table.skipped.append(Skipped(name, reason))


def _row(table: Table, line: int, values: Mapping[str, str]) -> Row:
    where = {"table": table.name, "line": line}
    label = values["label"].strip()
    file = _inside(table, line, values["file"])
    if not label:
        raise DataError(
            "table-label-empty",
            "'{table}', line {line}, column '{column}': the label of '{file}' is "
            "empty. Write its class, or delete the row.",
            **where,
            column=shown(table.columns["label"]),
            file=shown(file),
        )
    return Row(line, file, label, _part(table, line, values), _group(values))


def _group(values: Mapping[str, str]) -> str | None:
    return values.get("group", "").strip() or None


def _part(table: Table, line: int, values: Mapping[str, str]) -> Part:
    word = values.get("part", "train").strip()
    part = PARTS.get(word.casefold())
    if part is None:
        raise DataError(
            "table-part-unknown",
            "'{table}', line {line}, column '{column}': '{word}' is no part. Write "
            "train, validation or test, or rename the column.",
            table=table.name,
            line=line,
            column=shown(table.columns["part"]),
            word=shown(word),
        )
    return part


def _inside(table: Table, line: int, cell: str) -> str:
    """The name of the image, without what changes nothing; never one that leads out."""
    where = {
        "table": table.name,
        "line": line,
        "column": shown(table.columns["file"]),
    }
    if not cell.strip():
        raise DataError(
            "table-file-empty",
            "'{table}', line {line}, column '{column}': there is no file name. Write "
            "it, or delete the row.",
            **where,
        )
    parts = re.split(r"[/\\]", cell.strip())
    if parts[0] == "" or ".." in parts or _DRIVE.match(parts[0]):
        raise DataError(
            "table-path-outside",
            "'{table}', line {line}, column '{column}': '{file}' leads out of the "
            "folder of the table. Put the image into that folder, and write its path "
            "from there on.",
            **where,
            file=shown(cell.strip()),
        )
    kept = [part for part in cell.split("/") if part not in ("", ".")]
    return "/".join(kept)


def conflict(table: Table, row: Row, other: Row) -> DataError:
    """The reason against an image that two rows describe differently."""
    differs: Sequence[tuple[str, object, object]] = (
        ("label", row.label, other.label),
        ("part", row.part.name.lower(), other.part.name.lower()),
        ("group", row.group or "", other.group or ""),
    )
    role, one, two = next(item for item in differs if item[1] != item[2])
    return DataError(
        "table-rows-conflict",
        "'{table}', lines {line} and {other}, column '{column}': '{file}' is said to "
        "be '{one}' and '{two}'. Delete the wrong row.",
        table=table.name,
        line=row.line,
        other=other.line,
        column=shown(table.columns.get(role, role)),
        file=shown(row.file),
        one=shown(str(one)),
        two=shown(str(two)),
    )
