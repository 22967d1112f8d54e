"""A file of decoded pixels that is used by mapping it into memory.

    magic | lengths of head and pixels | SHA-256 of the head | head | padding | pixels

The head is JSON and says what the pixels are. Their own check is CRC-32 of pieces of
4 MB: up to 256 MB all are checked when the file is opened; of more, 64 of them, spread
evenly with the first and the last, so that a large file is opened at once.
"""

import hashlib
import json
import mmap
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mirada.data.refusal import from_json, to_json
from mirada.errors import DataError, Phrase
from mirada.private_folder import open_ours

try:
    import fcntl
except ImportError:  # Windows, where a mapped file cannot be removed anyway
    fcntl = None  # type: ignore[assignment]

__all__ = ["DamagedError", "Decoded", "is_in_use", "read", "write"]

_MAGIC = b"mirada pixels 1\n"
_LENGTHS = struct.Struct("<QQ")
_DIGEST = 32
_ALIGNED = 4096
_PIECE = 2**22
_ALL_CHECKED = 64
_MOST_HEAD = 2**28
_NOT_WRITTEN_HERE = (LookupError, TypeError, ValueError, AttributeError, RecursionError)


class DamagedError(Exception):
    """The file is not one that was written here, or no longer."""


@dataclass(frozen=True)
class Decoded:
    """The pixels (n, h, w, c) of a listing's images, in order, but for the refused.

    `refused` gives the reason by the number of the image in the listing, `notes` what
    was chosen, `fingerprint` that of the dataset they make.
    """

    images: NDArray[np.uint8]
    refused: dict[int, DataError]
    notes: tuple[Phrase, ...]
    fingerprint: str = ""


def write(
    stream: BinaryIO,
    key: str,
    decoded: Decoded,
    sealed: Callable[[], str | None] | None = None,
) -> bool:
    """Writes a file to be read under the same key; whether it is whole.

    `sealed` is asked while the pixels are written: it gives the fingerprint, or None
    where they are to be kept no longer.
    """
    pixels = np.ascontiguousarray(decoded.images).reshape(-1).data
    most = [2**32 - 1] * len(range(0, len(pixels), _PIECE))
    room = len(_head_text(key, decoded, most, "f" * 64)) + len(decoded.fingerprint)
    with ThreadPoolExecutor(1, "mirada-pixels") as thread:
        written = thread.submit(_write_pixels, stream, _start(room), pixels)
        sums = [zlib.crc32(piece) for piece in _pieces(pixels)]
        fingerprint = decoded.fingerprint if sealed is None else sealed()
    written.result()
    if fingerprint is None:
        return False
    head = _head_text(key, decoded, sums, fingerprint).ljust(room)
    stream.seek(0)
    stream.write(_MAGIC + _LENGTHS.pack(len(head), len(pixels)))
    stream.write(hashlib.sha256(head).digest() + head)
    return True


def _write_pixels(stream: BinaryIO, start: int, pixels: memoryview) -> None:
    stream.seek(start)
    for piece in _pieces(pixels):
        stream.write(piece)


def _head_text(key: str, decoded: Decoded, sums: list[int], fingerprint: str) -> bytes:
    values = {
        "key": key,
        "shape": decoded.images.shape,
        "refused": [[n, to_json(error)] for n, error in decoded.refused.items()],
        "notes": [to_json(note) for note in decoded.notes],
        "fingerprint": fingerprint,
        "pieces": sums,
    }
    return json.dumps(values).encode("ascii")


def read(path: Path, key: str) -> Decoded:
    """What was written under a key; the images are a read-only map of the file.

    The file counts as in use (see `is_in_use`) for as long as they live.

    Raises OSError when there is none, DamagedError when it is not sound.
    """
    with open_ours(path) as stream:
        _hold(stream)
        try:
            head, start = _head(stream)
            if head["key"] != key:
                raise DamagedError("key")
            return _decoded(stream, head, start)
        except _NOT_WRITTEN_HERE as error:
            raise DamagedError(str(error)) from None


def is_in_use(path: Path) -> bool:
    """Whether a living process has the file mapped, where the system can tell."""
    if fcntl is None:
        return False
    try:
        with open_ours(path) as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _hold(stream: BinaryIO) -> None:
    """A lock that lives as long as the map: both share one open file."""
    if fcntl is not None:
        with suppress(OSError):
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)


def _start(head_bytes: int) -> int:
    """Where the pixels begin."""
    end = len(_MAGIC) + _LENGTHS.size + _DIGEST + head_bytes
    return -(-end // _ALIGNED) * _ALIGNED


def _head(stream: BinaryIO) -> tuple[dict[str, Any], int]:
    first = stream.read(len(_MAGIC) + _LENGTHS.size + _DIGEST)
    if len(first) != len(_MAGIC) + _LENGTHS.size + _DIGEST or first[:16] != _MAGIC:
        raise DamagedError("magic")
    length, pixels = _LENGTHS.unpack_from(first, len(_MAGIC))
    start = _start(length)
    if length > _MOST_HEAD or os.fstat(stream.fileno()).st_size != start + pixels:
        raise DamagedError("size")
    text = stream.read(length)
    if hashlib.sha256(text).digest() != first[-_DIGEST:]:
        raise DamagedError("digest")
    head = json.loads(text)
    if np.prod(head["shape"], dtype=int) != pixels:
        raise DamagedError("shape")
    return head, start


def _decoded(stream: BinaryIO, head: dict[str, Any], start: int) -> Decoded:
    shape = tuple(head["shape"])
    count = int(np.prod(shape, dtype=int))
    images = np.empty(shape, dtype=np.uint8)
    if count:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        images = np.frombuffer(mapped, np.uint8, count, start).reshape(shape)
    _check(images.reshape(-1).data, head["pieces"])
    return Decoded(
        images,
        {number: from_json(text) for number, text in head["refused"]},
        tuple(from_json(text) for text in head["notes"]),
        head["fingerprint"],
    )


def _check(pixels: memoryview, sums: list[int]) -> None:
    pieces = list(_pieces(pixels))
    if len(pieces) != len(sums):
        raise DamagedError("pieces")
    chosen = np.unique(np.linspace(0, len(sums) - 1, _ALL_CHECKED).astype(int))
    for number in chosen if len(sums) > _ALL_CHECKED else range(len(sums)):
        if zlib.crc32(pieces[number]) != sums[number]:
            raise DamagedError("pixels")


def _pieces(pixels: memoryview) -> Iterator[memoryview]:
    for start in range(0, len(pixels), _PIECE):
        yield pixels[start : start + _PIECE]
