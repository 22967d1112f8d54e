"""The arrays in an `.npz`, read in pieces and without pickle.

The head of an array is text in a fixed form; it is matched, never evaluated. Source:
NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from mirada.data.archive_zip import ZipEntry, chunks
from mirada.errors import DataError

__all__ = ["StoredArray", "read_head"]

_HEAD = re.compile(
    r"\{'descr': '([<>|=]?[a-zA-Z]\d*)', 'fortran_order': (True|False), "
    r"'shape': \(((?:\d{1,18}, ?)*(?:\d{1,18})?)\),? *\}\s*"
)
_MOST_HEAD = 4096
_KINDS = "biufUS"


@dataclass(frozen=True)
class StoredArray:
    """An array in a file: its kind and shape, and where its values are."""

    name: str
    dtype: "np.dtype[np.generic]"
    shape: tuple[int, ...]
    entry: ZipEntry
    skip: int

    @property
    def nbytes(self) -> int:
        """How much memory the whole array takes."""
        return math.prod(self.shape) * self.dtype.itemsize

    def rows(
        self, stream: BinaryIO, most_bytes: int = 2**23
    ) -> Iterator[NDArray[np.generic]]:
        """The values, so many along the first axis at a time as `most_bytes` hold.

        Raises DataError (`archive-entry-damaged`).
        """
        row = self.nbytes // self.shape[0]
        together = max(1, most_bytes // row) * row
        waiting = bytearray()
        skip = self.skip
        for piece in chunks(stream, self.entry, self.name):
            waiting += piece[skip:]
            skip = max(0, skip - len(piece))
            while len(waiting) >= together:
                yield self._array(bytes(waiting[:together]))
                del waiting[:together]
        if waiting:
            yield self._array(bytes(waiting))

    def whole(self, stream: BinaryIO) -> NDArray[np.generic]:
        """The whole array, in memory."""
        return next(self.rows(stream, self.nbytes))

    def _array(self, data: bytes) -> NDArray[np.generic]:
        values = np.frombuffer(data, dtype=self.dtype)
        return values.reshape(-1, *self.shape[1:])


def read_head(stream: BinaryIO, entry: ZipEntry, name: str) -> StoredArray:
    """What an array of an `.npz` says of itself.

    Raises DataError: `npy-object`, `npy-foreign`, `npy-order`.
    """
    start = b""
    for piece in chunks(stream, entry, name, _MOST_HEAD):
        start += piece
        if len(start) >= _MOST_HEAD:
            break
    wide = 2 if start[6:7] == b"\1" else 4
    length = int.from_bytes(start[8 : 8 + wide], "little")
    skip = 8 + wide + length
    text = start[8 + wide : skip].decode("latin-1")
    match = _HEAD.fullmatch(text)
    if start.startswith(b"\x93NUMPY") and "'|O'" in text:
        raise _is_object(name)
    if not (start.startswith(b"\x93NUMPY") and match and skip <= len(start)):
        raise _foreign(name)
    kind, order, axes = match.groups()
    shape = tuple(int(axis) for axis in axes.split(",") if axis.strip())
    try:
        dtype: np.dtype[np.generic] = np.dtype(kind)
    except TypeError:
        raise _foreign(name) from None
    if dtype.kind not in _KINDS or not dtype.itemsize:
        raise _foreign(name)
    if order == "True" and len(shape) > 1:
        raise DataError(
            "npy-order",
            "'{file}' is stored by columns (Fortran order), which is not read in "
            "pieces. Save numpy.ascontiguousarray(array).",
            file=name,
        )
    array = StoredArray(name, dtype, shape, entry, skip)
    if array.nbytes + skip != entry.size:
        raise DataError(
            "npy-length",
            "'{file}' announces {wanted} bytes of values, but holds {came}. Save it "
            "again.",
            file=name,
            wanted=array.nbytes,
            came=entry.size - skip,
        )
    return array


def _is_object(name: str) -> DataError:
    return DataError(
        "npy-object",
        "'{file}' holds Python objects, which are pickled: unpickling can run any "
        "program, so they are not read. Save it as numbers: "
        "numpy.savez(file, images=numpy.asarray(images, dtype=numpy.uint8)).",
        file=name,
    )


def _foreign(name: str) -> DataError:
    return DataError(
        "npy-foreign",
        "'{file}' is no array of numbers or texts as NumPy saves them. Save it with "
        "numpy.savez.",
        file=name,
    )
