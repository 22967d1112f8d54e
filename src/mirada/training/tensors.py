"""Files of arrays in the safetensors form, written by one rule and read with distrust.

A file is the length of a header (8 bytes, little-endian), the header (JSON), then the
arrays' bytes. Ours hold float32 arrays in the order of their names, and in the header's
metadata a SHA-256 of everything: a bit that turned is found. What the form allows and
could lead astray (a key twice, gaps, overlaps) is refused.

Source: huggingface/safetensors, README, section "Format".
"""

import hashlib
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mirada.data.gate import open_plain
from mirada.data.limits import available_bytes
from mirada.data.naming import shown_path
from mirada.errors import FileError, MemoryLimitError
from mirada.training.disk import Disk, Piece, write_whole

__all__ = [
    "Arrays",
    "TensorFile",
    "open_tensors",
    "packed",
    "unpacked",
    "write_tensors",
]

Arrays = dict[str, NDArray[np.float32]]
Metadata = Mapping[str, str]

_MOST_HEADER_BYTES = 16 * 2**20
_MOST_AXES, _MOST_LENGTH = 8, 2**40
_ITEM_BYTES = 4
_DIGEST = "digest"
_NO_DIGEST = "0" * 64


def packed(
    arrays: Mapping[str, NDArray[np.floating]], metadata: Metadata
) -> list[Piece]:
    """The pieces of a file that holds the arrays as float32, and the metadata.

    >>> head, data = packed({"w": np.ones(1)}, {"schema": "1"})
    >>> bytes(data)
    b'\\x00\\x00\\x80?'
    """
    names = sorted(arrays)
    values = [np.ascontiguousarray(arrays[name], dtype="<f4") for name in names]
    shapes = [np.shape(arrays[name]) for name in names]
    data: list[Piece] = [v.reshape(-1).view(np.uint8).data for v in values if v.size]
    head = _header(dict(zip(names, shapes, strict=True)), metadata)
    digest = _digest([head, *data])
    return [head.replace(_NO_DIGEST.encode(), digest.encode(), 1), *data]


def unpacked(content: bytes) -> Arrays:
    """The arrays of a file's content that this very mirada has packed, locked.

    >>> unpacked(b"".join(packed({"w": np.ones(2)}, {})))["w"].tolist()
    [1.0, 1.0]
    """
    start = 8 + int.from_bytes(content[:8], "little")
    table = _parsed("", content[8:start])
    del table["__metadata__"]
    return _views(content[start:], _shapes("", table))


def write_tensors(
    path: Path,
    arrays: Mapping[str, NDArray[np.floating]],
    metadata: Metadata,
    disk: Disk | None = None,
) -> None:
    """Writes the file whole or not at all; StorageError (`cannot-write`)."""
    write_whole(path, packed(arrays, metadata), disk)


@dataclass(frozen=True)
class TensorFile:
    """An open file whose header has been read: metadata and shapes, no arrays yet."""

    name: str
    metadata: Metadata
    shapes: Mapping[str, tuple[int, ...]]
    _stream: BinaryIO = field(repr=False)
    _head: bytes = field(repr=False)

    def arrays(self) -> Arrays:
        """Every array, locked; the digest is checked first.

        Raises FileError (`tensors-digest`), MemoryLimitError (`tensors-memory`).
        """
        size = _data_bytes(self.shapes)
        if size > available_bytes():
            raise MemoryLimitError(
                "tensors-memory",
                "'{file}' holds {needed} MB of numbers, but only {free} MB of memory "
                "are free. Close other programs, or use a computer with more.",
                file=self.name,
                needed=size // 10**6,
                free=available_bytes() // 10**6,
            )
        content = self._stream.read(size)
        self._require_digest(content)
        return _views(content, self.shapes)

    def _require_digest(self, content: bytes) -> None:
        told = self.metadata[_DIGEST]
        head = self._head.replace(told.encode(), _NO_DIGEST.encode(), 1)
        if _digest([head, content]) != told:
            raise FileError(
                "tensors-digest",
                "'{file}' is damaged: its content does not agree with the SHA-256 "
                "written in it. Copy it again from its source, or train again.",
                file=self.name,
            )


@contextmanager
def open_tensors(path: str | os.PathLike[str]) -> Iterator[TensorFile]:
    """The file of arrays at `path`, open, its header read and checked.

    Raises DataError of `data.gate.open_plain`; FileError: `tensors-foreign`,
    `tensors-header`, `tensors-not-ours`, `tensors-truncated`.
    """
    name = shown_path(path)
    with open_plain(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        head = _read_head(name, stream, size)
        table = _parsed(name, head[8:])
        metadata = _metadata(name, table.pop("__metadata__", {}))
        shapes = _shapes(name, table)
        _require_size(name, len(head) + _data_bytes(shapes), size)
        yield TensorFile(name, metadata, shapes, stream, head)


def _header(shapes: Mapping[str, tuple[int, ...]], metadata: Metadata) -> bytes:
    # The digest is written first: its place is the first run of 64 zeros.
    table: dict[str, Any] = {"__metadata__": {_DIGEST: _NO_DIGEST, **metadata}}
    start = 0
    for name, shape in shapes.items():
        end = start + _ITEM_BYTES * math.prod(shape)
        offsets = [start, end]
        table[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": offsets}
        start = end
    text = json.dumps(table, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _digest(pieces: Iterable[Piece]) -> str:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


def _data_bytes(shapes: Mapping[str, tuple[int, ...]]) -> int:
    return _ITEM_BYTES * sum(map(math.prod, shapes.values()))


def _views(content: bytes, shapes: Mapping[str, tuple[int, ...]]) -> Arrays:
    numbers, start = np.frombuffer(content, dtype="<f4"), 0
    found = {}
    for name, shape in shapes.items():
        end = start + math.prod(shape)
        found[name] = numbers[start:end].reshape(shape)
        start = end
    return found


def _read_head(name: str, stream: BinaryIO, size: int) -> bytes:
    """The length of the header and the header, as they stand in the file."""
    first = stream.read(8)
    length = int.from_bytes(first, "little")
    if size < 10 or stream.read(1) != b"{" or length > _MOST_HEADER_BYTES:
        raise FileError(
            "tensors-foreign",
            "'{file}' is not a safetensors file. Give a file of weights that mirada "
            "wrote, such as best.safetensors in the folder of a run.",
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
        raise _header_error(name, str(error)) from None
    if not isinstance(table, dict):
        raise _header_error(name, "no table")
    return table


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a name twice")
    return table


def _metadata(name: str, table: object) -> dict[str, str]:
    if not isinstance(table, dict) or not isinstance(table.get(_DIGEST), str):
        raise FileError(
            "tensors-not-ours",
            "'{file}' is a safetensors file, but mirada did not write it: it carries "
            "no description of a network. Give best.safetensors or last.safetensors of "
            "a run.",
            file=name,
        )
    wrong = [key for key, value in table.items() if not isinstance(value, str)]
    if wrong or len(table[_DIGEST]) != len(_NO_DIGEST):
        raise _header_error(name, "metadata")
    return table


def _shapes(name: str, table: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """The shape of every array, which must follow each other without a gap."""
    found, start = {}, 0
    for key, entry in table.items():
        shape = _shape(entry)
        end = start + _ITEM_BYTES * math.prod(shape or ())
        if shape is None or entry["data_offsets"] != [start, end]:
            raise _header_error(name, key)
        found[key], start = shape, end
    return found


def _shape(entry: object) -> tuple[int, ...] | None:
    """The shape of a float32 array's entry; None where it is anything else."""
    if not isinstance(entry, dict):
        return None
    if set(entry) != {"dtype", "shape", "data_offsets"} or entry["dtype"] != "F32":
        return None
    shape = entry["shape"]
    if not isinstance(shape, list) or len(shape) > _MOST_AXES:
        return None
    if not all(type(n) is int and 0 <= n <= _MOST_LENGTH for n in shape):
        return None
    return tuple(shape)


def _header_error(name: str, what: str) -> FileError:
    return FileError(
        "tensors-header",
        "'{file}' has a header that cannot be true ({what}). It is damaged or was "
        "changed; copy it again from its source, or train again.",
        file=name,
        what=what[:80],
    )
