"""Images in parquet files, as Hugging Face stores them. Needs mirada[parquet].

A column of encoded images (bytes, or a struct with bytes) and one of labels; the names
of numbered labels stand in the file. Rows are read a few at a time.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from mirada.data.archive_stream import allowed_bytes, too_much
from mirada.data.columns import Columns, choose_columns, leave_row, part_word
from mirada.data.dataset import Dataset, Part
from mirada.data.encoded import Content, Encoded
from mirada.data.gate import list_folder, open_plain
from mirada.data.layout import PARTS
from mirada.data.limits import Limits
from mirada.data.listed import load_listing
from mirada.data.listing import Found, Listing
from mirada.data.naming import shown, shown_path
from mirada.data.request import Request
from mirada.errors import DataError, Phrase, UnsupportedError

__all__ = ["find_parquet_files", "is_parquet", "load_parquet"]

_SUFFIX = ".parquet"
_ROWS = 64
_PART_NAME = re.compile(r"([a-z]+)([-_.].*)?", re.IGNORECASE)


@dataclass(frozen=True)
class _Label:
    """What a row says of its image; the names of numbers are applied."""

    text: str | None
    part: Any
    group: Any


def is_parquet(head: bytes) -> bool:
    """Whether a file that begins so is parquet."""
    return head.startswith(b"PAR1")


def find_parquet_files(
    folder: Path, names: Mapping[str, str], *, alone: bool
) -> list[Path]:
    """The parquet files of a folder, else of its one subfolder "data"."""
    found = sorted(name for name in names if name.casefold().endswith(_SUFFIX))
    if found:
        return [folder / name for name in found]
    inner = folder / "data"
    if not (alone and inner.is_dir() and not inner.is_symlink()):
        return []
    entries = [entry.name for entry in list_folder(inner)]
    return [inner / name for name in entries if name.casefold().endswith(_SUFFIX)]


def load_parquet(paths: Sequence[Path], root: Path, request: Request) -> Dataset:
    """The images of parquet files; a name that begins with "test" is the test part.

    Raises UnsupportedError (`parquet-extra`), DataError: `parquet-broken`,
    `columns-missing`, `archive-bomb`, and those of `load_listing`.
    """
    columns = {str(path): _columns(path, request.limits) for path in paths}

    def read(files: Sequence[Found]) -> Iterator[Encoded]:
        for path, group in groupby(files, key=attrgetter("path")):
            yield from _contents(path, columns[path].image, list(group))

    listing = Listing(root, request.limits.files, reader=read, in_sequence=True)
    listing.has_folders = True
    for path in paths:
        _list(listing, path, columns[str(path)])
    listing.has_parts = len({file.part for file in listing.files}) > 1
    return load_listing(listing, request)


def _list(listing: Listing, path: Path, columns: Columns) -> None:
    part = _part_of(path)
    for number, row in enumerate(_labels(path, columns)):
        name = f"{shown(path.name)}/{number}"
        if row.text is None:
            leave_row(listing, name, Phrase("it has no label"))
            continue
        if columns.part:
            if not part_word(listing, name, row.part):
                continue
            part = PARTS[row.part.strip().casefold()]
        group = None if row.group in (None, "") else str(row.group)
        listing.add(str(path), row.text, part, name=name, group=group, place=number)


def _part_of(path: Path) -> Part:
    match = _PART_NAME.match(path.stem)
    return PARTS.get(match[1].casefold(), Part.TRAIN) if match else Part.TRAIN


@contextmanager
def _opened(path: str | Path) -> Iterator[Any]:
    """The open file; whatever its reader raises names it."""
    try:
        reader = import_module("pyarrow.parquet")
    except ImportError:
        raise UnsupportedError(
            "parquet-extra",
            "'{file}' is parquet, which needs pyarrow, which is not installed. Install "
            "it with: pip install 'mirada[parquet]'.",
            file=shown_path(path),
        ) from None
    with open_plain(path) as stream:
        try:
            yield reader.ParquetFile(stream)
        except DataError:
            raise
        except (OSError, ValueError, KeyError, NotImplementedError) as error:
            raise DataError(
                "parquet-broken",
                "'{file}' cannot be read as parquet ({reason}). Download it again.",
                file=shown_path(path),
                reason=shown(str(error))[:200],
            ) from None


def _columns(path: Path, limits: Limits) -> Columns:
    with _opened(path) as file:
        _require_bounded(path, file, limits)
        kinds = {field.name: _kind(field.type) for field in file.schema_arrow}
    return choose_columns(shown_path(path), kinds)


def _require_bounded(path: Path, file: Any, limits: Limits) -> None:
    known = file.metadata
    allowed = allowed_bytes(path.stat().st_size, limits)
    total = sum(known.row_group(k).total_byte_size for k in range(known.num_row_groups))
    if total > allowed:
        raise too_much(path, allowed)
    if known.num_rows > limits.files:
        raise DataError(
            "parquet-rows",
            "'{file}' has {count} rows; at most {most} are read. Use fewer, or raise "
            "the limit.",
            file=shown_path(path),
            count=known.num_rows,
            most=limits.files,
        )


def _kind(kind: Any) -> str:
    text = str(kind)
    if text in ("binary", "large_binary") or re.match(
        r"struct<.*bytes: (large_)?b", text
    ):
        return "image"
    simple = re.fullmatch(r"u?int\d+|(large_)?string|dictionary<values=string.*>", text)
    return "label" if simple else "other"


def _labels(path: Path, columns: Columns) -> Iterator[_Label]:
    wanted = [name for name in (columns.label, columns.part, columns.group) if name]
    with _opened(path) as file:
        names = _label_names(file.schema_arrow.metadata, columns.label)
        for batch in file.iter_batches(columns=wanted):
            for row in batch.to_pylist():
                yield _Label(
                    _text(row[columns.label], names),
                    row.get(columns.part),
                    row.get(columns.group),
                )


def _text(value: object, names: Sequence[str] | None) -> str | None:
    """The label as text; None where it is missing, or -1 as Hugging Face writes it."""
    if value is None or value == "":
        return None
    if names is None or not isinstance(value, int):
        return str(value)
    return names[value] if 0 <= value < len(names) else None


def _label_names(
    metadata: Mapping[bytes, bytes] | None, column: str
) -> Sequence[str] | None:
    """The names of numbered labels, where the file has them."""
    try:
        known = json.loads((metadata or {})[b"huggingface"])
        names = known["info"]["features"][column]["names"]
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    return names if all(isinstance(name, str) for name in names) else None


def _contents(path: str, column: str, files: Sequence[Found]) -> Iterator[Content]:
    """The images of rising rows of one file."""
    waiting = iter(files)
    file = next(waiting, None)
    first = 0
    with _opened(path) as table:
        for batch in table.iter_batches(batch_size=_ROWS, columns=[column]):
            values = batch.column(0)
            while file is not None and file.place < first + len(values):
                value = values[file.place - first].as_py()
                if isinstance(value, dict):
                    value = value.get("bytes")
                yield Content(file.name, value or b"")
                file = next(waiting, None)
            if file is None:
                return
            first += len(values)
