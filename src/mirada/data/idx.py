"""IDX, the file form of MNIST and its family, plain or gzipped.

A file is four bytes (0, 0, type, number of axes), the length of each axis as a
big-endian 32-bit number, then the values. Source: Y. LeCun, C. Cortes, C. Burges, "The
MNIST database of handwritten digits", section "File formats".
"""

import gzip
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from mirada.data.stored import Stored, open_stored, stored_length, stored_name
from mirada.errors import DataError

__all__ = ["read_header", "read_values"]

_UNSIGNED_BYTES = 8
_GZIP = b"\x1f\x8b"
_DEFLATE_RATIO = 1032  # one byte of gzip never gives more (zlib technical details)
_PIECE = 2**20


def read_header(source: Stored, axes: int) -> tuple[int, ...]:
    """The lengths that an IDX file of unsigned bytes announces, and can hold.

    Raises DataError: `idx-foreign`, `idx-no-values`, `idx-truncated`, `idx-damaged`,
    and those of `gate.open_plain`.
    """
    with _values(source, axes) as (shape, _):
        return shape


def read_values(source: Stored, out: NDArray[np.uint8]) -> None:
    """Fills `out`, contiguous, with the values of an IDX file of just that shape.

    Raises DataError: `idx-trailing`, and those of `read_header`.
    """
    with _values(source, out.ndim) as (shape, stream):
        rest = out.reshape(-1).data
        while rest and shape == out.shape:
            came = stream.read(min(len(rest), _PIECE))
            if not came:
                break
            rest[: len(came)] = came
            rest = rest[len(came) :]
        if rest:
            raise _truncated(source, out.shape, out.size - len(rest))
        if stream.read(1):
            raise DataError(
                "idx-trailing",
                "'{file}' announces {wanted} values ({shape}) and goes on after them. "
                "It is not what it says; download it again.",
                file=stored_name(source),
                wanted=out.size,
                shape=_by(out.shape),
            )


@contextmanager
def _values(source: Stored, axes: int) -> Iterator[tuple[tuple[int, ...], IO[bytes]]]:
    """The announced shape and the stream at the first value."""
    with open_stored(source) as file:
        size = stored_length(file)
        zipped = file.read(2) == _GZIP
        file.seek(0)
        stream = cast(IO[bytes], gzip.GzipFile(fileobj=file)) if zipped else file
        try:
            shape = _shape(source, stream, axes)
            room = size * _DEFLATE_RATIO if zipped else size - 4 - 4 * axes
            if math.prod(shape) > room:
                raise _truncated(source, shape, room)
            yield shape, stream
        except (EOFError, zlib.error, OSError) as error:
            raise DataError(
                "idx-damaged",
                "'{file}' cannot be unpacked ({reason}). Download it again.",
                file=stored_name(source),
                reason=str(error)[:200],
            ) from None


def _shape(source: Stored, stream: IO[bytes], axes: int) -> tuple[int, ...]:
    wanted = bytes([0, 0, _UNSIGNED_BYTES, axes])
    mark = stream.read(4)
    lengths = stream.read(4 * axes)
    if mark != wanted or len(lengths) != 4 * axes:
        raise DataError(
            "idx-foreign",
            "'{file}' begins with the bytes '{came}', but an IDX file of 8-bit values "
            "on {axes} axes begins with '{wanted}' and as many lengths. Check that "
            "images and labels are not exchanged, or download it again.",
            file=stored_name(source),
            came=(mark + lengths)[:4].hex(" "),
            wanted=wanted.hex(" "),
            axes=axes,
        )
    shape = tuple(int(length) for length in np.frombuffer(lengths, ">u4"))
    if not math.prod(shape):
        raise DataError(
            "idx-no-values",
            "'{file}' announces no values at all ({shape}). Download it again.",
            file=stored_name(source),
            shape=_by(shape),
        )
    return shape


def _truncated(source: Stored, shape: tuple[int, ...], room: int) -> DataError:
    return DataError(
        "idx-truncated",
        "'{file}' announces {wanted} values ({shape}), but holds at most {room}. "
        "Download it again.",
        file=stored_name(source),
        wanted=math.prod(shape),
        shape=_by(shape),
        room=max(0, room),
    )


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
