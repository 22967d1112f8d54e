"""The layout of a safetensors file, whoever wrote it, read with distrust.

A file is the length of a header (8 bytes, little-endian), the header (JSON), then the
arrays' bytes, which follow each other without a gap. What the form allows and could
lead astray (a key twice, gaps, overlaps) is refused.

Source: huggingface/safetensors, README, section "Format".
"""

import json
import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple

from mirada.data.gate import open_plain
from mirada.data.limits import available_bytes
from mirada.data.naming import shown_path
from mirada.errors import FileError, MemoryLimitError

__all__ = ["KINDS", "Entry", "Layout", "header_error", "open_layout"]

KINDS: Mapping[str, int] = {
    **dict.fromkeys(("BOOL", "I8", "U8", "F8_E4M3", "F8_E5M2"), 1),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 2),
    **dict.fromkeys(("I32", "U32", "F32"), 4),
    **dict.fromkeys(("I64", "U64", "F64"), 8),
}
"""The bytes of one number, by the name of its kind."""

_MOST_HEADER_BYTES = 16 * 2**20
_MOST_AXES, _MOST_LENGTH = 8, 2**40


class Entry(NamedTuple):
    """An array: the kind of its numbers, its shape, the bytes where it lies."""

    kind: str
    shape: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Layout:
    """An open file whose header has been read: no array yet.

    `metadata` is what stands there under that name, unchecked; `head` the header as it
    stands in the file.
    """

    name: str
    metadata: object
    entries: Mapping[str, Entry]
    head: bytes = field(repr=False)
    _stream: BinaryIO = field(repr=False)

    def content(self) -> bytes:
        """The bytes of all arrays; MemoryLimitError (`tensors-memory`)."""
        size = _data_bytes(self.entries)
        self.require_memory(size)
        return self._stream.read(size)

    def bytes_of(self, entry: Entry) -> bytes:
        """The bytes of one array."""
        self._stream.seek(len(self.head) + entry.start)
        return self._stream.read(entry.end - entry.start)

    def require_memory(self, size: int) -> None:
        """Refuses numbers of so many bytes where they have no room.

        Raises MemoryLimitError (`tensors-memory`).
        """
        if size > available_bytes():
            raise MemoryLimitError(
                "tensors-memory",
                "'{file}' holds {needed} MB of numbers, but only {free} MB of memory "
                "are free. Close other programs, or use a computer with more.",
                file=self.name,
                needed=size // 10**6,
                free=available_bytes() // 10**6,
            )


@contextmanager
def open_layout(path: str | os.PathLike[str]) -> Iterator[Layout]:
    """The file of arrays at `path`, open, its header read and checked.

    Raises DataError of `data.gate.open_plain`; FileError: `tensors-foreign`,
    `tensors-header`, `tensors-truncated`.
    """
    name = shown_path(path)
    with open_plain(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        head = _read_head(name, stream, size)
        table = _parsed(name, head[8:])
        metadata = table.pop("__metadata__", {})
        entries = _entries(name, table)
        _require_size(name, len(head) + _data_bytes(entries), size)
        yield Layout(name, metadata, entries, head, stream)


def _data_bytes(entries: Mapping[str, Entry]) -> int:
    return sum(entry.end - entry.start for entry in entries.values())


def _read_head(name: str, stream: BinaryIO, size: int) -> bytes:
    """The length of the header and the header, as they stand in the file."""
    first = stream.read(8)
    length = int.from_bytes(first, "little")
    if size < 10 or stream.read(1) != b"{" or length > _MOST_HEADER_BYTES:
        raise FileError(
            "tensors-foreign",
            "'{file}' is not a safetensors file. Give a file of weights of that form, "
            "such as best.safetensors in the folder of a run.",
            file=name,
        )
    _require_size(name, 8 + length, size, exact=False)
    return first + b"{" + stream.read(length - 1)


def _require_size(name: str, wanted: int, size: int, *, exact: bool = True) -> None:
    if size < wanted or (exact and size != wanted):
        raise FileError(
            "tensors-truncated",
            "'{file}' has {size} bytes, but its header announces {wanted}: it was cut "
            "short or added to. Copy it again from its source.",
            file=name,
            size=size,
            wanted=wanted,
        )


def _parsed(name: str, head: bytes) -> dict[str, Any]:
    try:
        # As text: of bytes the parser would guess UTF-16 and UTF-32 too.
        table = json.loads(head.decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise header_error(name, str(error)) from None
    if not isinstance(table, dict):
        raise header_error(name, "no table")
    return table


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a name twice")
    return table


def _entries(name: str, table: Mapping[str, Any]) -> dict[str, Entry]:
    """Every array as they follow each other, without a gap."""
    found = {}
    for key, told in table.items():
        entry = _entry(told)
        if entry is None:
            raise header_error(name, key)
        found[key] = entry
    ordered = dict(sorted(found.items(), key=lambda item: item[1][2:]))
    start = 0
    for key, entry in ordered.items():
        if entry.start != start:
            raise header_error(name, key)
        start = entry.end
    return ordered


def _entry(told: object) -> Entry | None:
    """An array's entry in the header; None where it cannot be true."""
    if not isinstance(told, dict) or set(told) != {"dtype", "shape", "data_offsets"}:
        return None
    kind, shape, offsets = told["dtype"], told["shape"], told["data_offsets"]
    if not isinstance(kind, str) or kind not in KINDS:
        return None
    if not isinstance(shape, list) or len(shape) > _MOST_AXES:
        return None
    if not isinstance(offsets, list) or len(offsets) != 2:
        return None
    if not all(type(n) is int and n >= 0 for n in (*shape, *offsets)):
        return None
    if max(shape, default=0) > _MOST_LENGTH:
        return None
    if offsets[1] - offsets[0] != KINDS[kind] * math.prod(shape):
        return None
    return Entry(kind, tuple(shape), *offsets)


def header_error(name: str, what: str) -> FileError:
    """The refusal of a header that cannot be true, for the part that says so."""
    return FileError(
        "tensors-header",
        "'{file}' has a header that cannot be true ({what}). It is damaged or was "
        "changed; copy it again from its source, or train again.",
        file=name,
        what=what[:80],
    )
