"""Files of arrays in the safetensors form, written by one rule and read with distrust.

Ours hold float32 arrays in the order of their names (`tensor_layout` has the form),
and in the header's metadata a SHA-256 of everything: a bit that turned is found.

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
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.errors import FileError
from mirada.training.disk import Disk, Piece, write_whole
from mirada.training.tensor_layout import Layout, header_error, open_layout

__all__ = ["Arrays", "TensorFile", "open_tensors", "packed", "write_tensors"]

Arrays = dict[str, NDArray[np.float32]]
Metadata = Mapping[str, str]

_KIND, _ITEM_BYTES = "F32", 4
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

    metadata: Metadata
    _layout: Layout = field(repr=False)

    @property
    def name(self) -> str:
        """The file's name, as messages say it."""
        return self._layout.name

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shape of every array, as they follow each other."""
        return {name: entry.shape for name, entry in self._layout.entries.items()}

    def arrays(self) -> Arrays:
        """Every array, locked; the digest is checked first.

        Raises FileError (`tensors-digest`), MemoryLimitError (`tensors-memory`).
        """
        content = self._layout.content()
        self._require_digest(content)
        numbers = np.frombuffer(content, "<f4")
        found, start = {}, 0
        for name, shape in self.shapes.items():
            end = start + math.prod(shape)
            found[name] = numbers[start:end].reshape(shape)
            start = end
        return found

    def _require_digest(self, content: bytes) -> None:
        told = self.metadata[_DIGEST]
        head = self._layout.head.replace(told.encode(), _NO_DIGEST.encode(), 1)
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
    with open_layout(path) as layout:
        metadata = _metadata(layout)
        for name, entry in layout.entries.items():
            if entry.kind != _KIND:
                raise header_error(layout.name, name)
        yield TensorFile(metadata, layout)


def _header(shapes: Mapping[str, tuple[int, ...]], metadata: Metadata) -> bytes:
    # The digest is written first: its place is the first run of 64 zeros.
    table: dict[str, Any] = {"__metadata__": {_DIGEST: _NO_DIGEST, **metadata}}
    start = 0
    for name, shape in shapes.items():
        end = start + _ITEM_BYTES * math.prod(shape)
        offsets = [start, end]
        table[name] = {"dtype": _KIND, "shape": list(shape), "data_offsets": offsets}
        start = end
    text = json.dumps(table, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def _digest(pieces: Iterable[Piece]) -> str:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()


def _metadata(layout: Layout) -> dict[str, str]:
    name, table = layout.name, layout.metadata
    if not isinstance(table, dict) or not isinstance(table.get(_DIGEST), str):
        raise FileError(
            "tensors-not-ours",
            "'{file}' is a safetensors file, but mirada did not write it: it carries "
            "no description of a network. Bring it in with 'mirada import', or give "
            "best.safetensors or last.safetensors of a run.",
            file=name,
        )
    wrong = [key for key, value in table.items() if not isinstance(value, str)]
    if wrong or len(table[_DIGEST]) != len(_NO_DIGEST):
        raise header_error(name, "metadata")
    return table
