"""What a compressed file unpacks to, as a stream that ends where a bomb would begin.

Only the memory of the decoder and one buffer is taken, whatever the file announces.
"""

import bz2
import io
import lzma
import os
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol, cast

from mirada.data.limits import Limits
from mirada.data.naming import shown_path
from mirada.errors import DataError, Phrase

__all__ = [
    "COMPRESSIONS",
    "CutOffError",
    "allowed_bytes",
    "damaged",
    "too_much",
    "unpacked",
]

_PIECE = 2**16
_BUFFER = 2**18
_STREAMS = 1000
_SLACK = 32 * 2**20
_DICTIONARY = 128 * 2**20  # xz -9 needs 65 MB


class CutOffError(EOFError):
    """A compressed stream that ends before its end."""


class _Decoder(Protocol):
    """What `bz2`, `lzma` and `_Inflate` have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Inflate:
    """gzip by `zlib`, with the manners of the other two decoders."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not (self._full or self._inner.unconsumed_tail)

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        came = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self._full = len(came) == max_length  # more may wait inside
        return came


def _xz() -> _Decoder:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_DICTIONARY)


COMPRESSIONS: dict[bytes, Callable[[], _Decoder]] = {
    b"\x1f\x8b": _Inflate,
    b"\xfd7zXZ\x00": _xz,
    b"BZh": bz2.BZ2Decompressor,
}
"""How a compressed file begins, and what unpacks it."""


def unpacked(file: BinaryIO, path: str | os.PathLike[str], limits: Limits) -> BinaryIO:
    """The content of a compressed file, or the file itself where it is not compressed.

    Reading raises DataError: `archive-damaged`, `archive-bomb`, `archive-dictionary`;
    and CutOffError.
    """
    head = file.read(6)
    file.seek(0)
    for mark, decoder in COMPRESSIONS.items():
        if head.startswith(mark):
            stream = _Unpacked(file, decoder, path, limits)
            return cast(BinaryIO, io.BufferedReader(stream, _BUFFER))
    return file


def allowed_bytes(packed: int, limits: Limits) -> int:
    """What an archive of so many bytes may unpack to."""
    return min(limits.archive_bytes, _SLACK + limits.archive_ratio * packed)


class _Unpacked(io.RawIOBase):
    """Compressed streams, one after the other, unpacked as they are read."""

    def __init__(
        self,
        file: BinaryIO,
        decoder: Callable[[], _Decoder],
        path: str | os.PathLike[str],
        limits: Limits,
    ) -> None:
        self._file, self._make, self._path = file, decoder, path
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        self._left = self._allowed = allowed_bytes(size, limits)
        self._decoder = decoder()
        self._waiting = b""
        self._streams = _STREAMS + size // 1024
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(cast(bytearray, buffer))
        try:
            came = self._some(len(view))
        except lzma.LZMAError as error:
            raise _refused_xz(self._path, error) from None
        except (OSError, zlib.error) as error:
            raise damaged(self._path, error) from None
        self._left -= len(came)
        if self._left < 0:
            raise too_much(self._path, self._allowed)
        view[: len(came)] = came
        return len(came)

    def _some(self, most: int) -> bytes:
        """The next bytes; none at the end of the last stream."""
        while not self._ended:
            if self._decoder.eof:
                self._next_stream()
                continue
            data = self._input() if self._decoder.needs_input else b""
            came = self._decoder.decompress(data, most)
            if came:
                return came
        return b""

    def _input(self) -> bytes:
        data = self._waiting or self._file.read(_PIECE)
        self._waiting = b""
        if not data:
            raise CutOffError
        return data

    def _next_stream(self) -> None:
        """Goes on after the end of a stream; zeros may fill the rest of the file."""
        rest = self._decoder.unused_data.lstrip(b"\0")
        while not rest:
            piece = self._file.read(_PIECE)
            if not piece:
                self._ended = True
                return
            rest = piece.lstrip(b"\0")
        self._streams -= 1
        if self._streams < 0:
            raise damaged(self._path, Phrase("it consists of far too many streams"))
        self._decoder, self._waiting = self._make(), rest


def _refused_xz(path: str | os.PathLike[str], error: lzma.LZMAError) -> DataError:
    if "limit" not in str(error).lower():
        return damaged(path, error)
    return DataError(
        "archive-dictionary",
        "Unpacking '{file}' needs more than {most} MB of memory for its dictionary "
        "alone. Pack it again with 'xz -9' or less.",
        file=shown_path(path),
        most=_DICTIONARY // 2**20,
    )


def damaged(path: str | os.PathLike[str], reason: object) -> DataError:
    """The refusal of an archive that is not what it says."""
    text = str(reason)[:200] if isinstance(reason, Exception) else reason
    return DataError(
        "archive-damaged",
        "'{file}' cannot be unpacked ({reason}). Download or pack it again.",
        file=shown_path(path),
        reason=text,
    )


def too_much(path: str | os.PathLike[str], allowed: int) -> DataError:
    """The refusal of an archive that unpacks to more than its size lets expect."""
    return DataError(
        "archive-bomb",
        "'{file}' unpacks to more than {most} MB, far more than an archive of images "
        "of its size does. If it is meant, unpack it and give the folder, or raise the "
        "limit.",
        file=shown_path(path),
        most=allowed // 10**6,
    )
