"""tar, read entry by entry with bounded memory: POSIX ustar and pax, and GNU.

Blocks of 512 bytes: a header, the content filled up to whole blocks, and at the end two
blocks of zeros. Sources: IEEE Std 1003.1-2017, `pax`, section "Extended Description";
GNU tar manual, "Basic Tar Format".
"""

import os
import stat
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from mirada.data.archive_member import Member, hard_link, member_path
from mirada.data.archive_stream import CutOffError, damaged
from mirada.data.gate import require_length, require_plain
from mirada.data.limits import Limits
from mirada.data.naming import shown, shown_path
from mirada.errors import DataError, Phrase

__all__ = ["is_tar_header", "tar_members"]

_BLOCK = 512
_PIECE = 2**16
_MOST_HEADER = 2**20  # names and pax records of one entry
_FILE, _FOLDER, _HARD_LINK, _SPARSE = (b"0", b"\0", b"7"), b"5", b"1", b"S"
_KINDS = {
    b"2": stat.S_IFLNK,
    b"3": stat.S_IFCHR,
    b"4": stat.S_IFBLK,
    b"6": stat.S_IFIFO,
}
_EMPTY = (_FOLDER, _HARD_LINK, *_KINDS)  # no content follows, whatever the size says


class _Header(NamedTuple):
    """What one entry says of itself, extended headers applied."""

    name: bytes
    kind: bytes
    size: int
    sparse: bool


def is_tar_header(block: bytes) -> bool:
    """Whether 512 bytes are the header of a tar entry: its sum is right.

    >>> is_tar_header(bytes(512))
    False
    """
    if len(block) != _BLOCK or not block[0]:
        return False
    plain = sum(block) - sum(block[148:156]) + 8 * ord(" ")
    try:
        return int(block[148:156].rstrip(b"\0 ").lstrip() or b"x", 8) == plain
    except ValueError:
        return False


def tar_members(
    stream: BinaryIO,
    path: str | os.PathLike[str],
    limits: Limits,
    wanted: Callable[[Member], bool] = lambda member: False,
) -> Iterator[tuple[Member, bytes | None]]:
    """Every entry in order, with its content where it is wanted.

    The stream is read to its end, unless it is a plain file, where what is not wanted
    is passed over. Raises DataError: `archive-damaged`, `archive-truncated`,
    `archive-more-data`, `archive-header-large`.
    """
    reading = _Reading(stream, path, limits)
    number = 0
    while (header := reading.header()) is not None:
        offset = reading.position
        member = _member(number, header, offset, limits)
        is_wanted = member.reason is None and wanted(member)
        size = 0 if header.kind in _EMPTY else header.size
        yield member, reading.content(size, member.name, keep=is_wanted)
        number = reading.whole = number + 1
    reading.require_end()


def _member(number: int, header: _Header, offset: int, limits: Limits) -> Member:
    text = header.name.decode("utf-8", "surrogateescape")
    name = shown(text[:5000])
    is_folder = header.kind == _FOLDER
    try:
        path = member_path(text, backslashes=False)
        name = shown("/".join(path))
        is_folder = is_folder or (header.kind in _FILE and text.endswith("/"))
        if not is_folder:
            _require_file(name, header, limits)
    except DataError as reason:
        return Member(number, (), name, header.size, offset, reason, is_folder)
    return Member(number, path, name, header.size, offset, None, is_folder)


def _require_file(name: str, header: _Header, limits: Limits) -> None:
    if header.kind == _HARD_LINK:
        raise hard_link(name)
    if header.kind in _KINDS:
        require_plain(name, _KINDS[header.kind])
    if header.sparse or header.kind not in _FILE:
        raise DataError(
            "archive-entry-kind",
            "'{file}' is stored in a way that is not read ({kind}). Only plain files "
            "are; pack it again, without --sparse.",
            file=name,
            kind=Phrase("a sparse file")
            if header.sparse
            else Phrase("type {letter!r}", letter=header.kind.decode("latin-1")),
        )
    require_length(name, header.size, limits.file_bytes)


class _Reading:
    """A place in a tar stream."""

    def __init__(
        self, stream: BinaryIO, path: str | os.PathLike[str], limits: Limits
    ) -> None:
        self._stream, self._path, self._limits = stream, path, limits
        self._length = _length(stream)
        self.position = 0
        self.whole = 0

    def header(self) -> _Header | None:
        """The next entry, or None at the mark of the end."""
        records: dict[bytes, bytes] = {}
        while True:
            block = self._block()
            if block is None:
                return None
            kind, size = block[156:157], self._number(block[124:136])
            if kind == b"x":
                records |= self._records(self._extended(size, kind))
            elif kind == b"g":
                self._global(self._records(self._extended(size, kind)))
            elif kind == b"L":
                records[b"path"] = self._extended(size, kind).split(b"\0")[0]
            elif kind == b"K":
                self._extended(size, kind)
            else:
                return self._entry(block, kind, size, records)

    def content(self, size: int, name: object, *, keep: bool) -> bytes | None:
        """Passes over the content of an entry, or gives it."""
        padded = -(-size // _BLOCK) * _BLOCK
        if keep:
            data = self._exactly(size, name)
            self._pass(padded - size, name)
            return data
        self._pass(padded, name)
        return None

    def require_end(self) -> None:
        """Nothing but zeros may come after the mark of the end."""
        while piece := self._read(_PIECE, Phrase("its end")):
            if piece.strip(b"\0"):
                raise DataError(
                    "archive-more-data",
                    "'{file}' goes on after its end: what follows is in no entry that "
                    "an unpacking program shows. Join archives with 'tar "
                    "--concatenate', or pack it again.",
                    file=shown_path(self._path),
                )

    def _entry(
        self, block: bytes, kind: bytes, size: int, records: dict[bytes, bytes]
    ) -> _Header:
        name = block[:100].split(b"\0")[0]
        if block[257:263] == b"ustar\0" and block[345]:
            name = block[345:500].split(b"\0")[0] + b"/" + name
        if b"size" in records:
            size = self._decimal(records[b"size"])
        sparse = kind == _SPARSE or any(
            key.startswith(b"GNU.sparse") for key in records
        )
        more = kind == _SPARSE and block[482]
        while more:  # the map of a sparse file goes on in blocks of its own
            more = self._exactly(_BLOCK, shown_path(self._path))[504]
        return _Header(records.get(b"path", name), kind, size, sparse)

    def _block(self) -> bytes | None:
        block = self._read(_BLOCK, Phrase("between two entries"))
        if len(block) < _BLOCK:
            raise self._truncated(Phrase("between two entries"))
        if not block.strip(b"\0"):
            return None
        if not is_tar_header(block):
            raise damaged(
                self._path,
                Phrase("after {count} entries there is no header", count=self.whole),
            )
        return block

    def _extended(self, size: int, kind: bytes) -> bytes:
        if size > _MOST_HEADER:
            raise DataError(
                "archive-header-large",
                "'{file}' announces {size} bytes for the name of one entry; at most "
                "{most} are read. Download or pack it again.",
                file=shown_path(self._path),
                size=size,
                most=_MOST_HEADER,
            )
        data = self.content(size, Phrase("a name"), keep=True)
        return data or b""

    def _records(self, data: bytes) -> dict[bytes, bytes]:
        """The "length key=value" lines of a pax header."""
        records: dict[bytes, bytes] = {}
        start = 0
        while start < len(data) and data[start]:
            space = data.find(b" ", start, start + 10)
            length = self._decimal(data[start:space]) if space > start else 0
            line = data[space + 1 : start + length]
            key, equals, value = line.partition(b"=")
            if not (equals and line.endswith(b"\n") and start + length <= len(data)):
                raise damaged(self._path, Phrase("a pax header is not right"))
            records[key] = value[:-1]
            start += length
        return records

    def _global(self, records: dict[bytes, bytes]) -> None:
        if records.keys() & {b"path", b"size"}:
            raise damaged(
                self._path, Phrase("it gives all its entries one name or one size")
            )

    def _number(self, field: bytes) -> int:
        """A size: octal digits, or binary where the first bit is set (GNU)."""
        if field[0] & 0x80:
            value = int.from_bytes(field, "big") - (0x80 << 88)
            if field[0] != 0x80:
                raise damaged(self._path, Phrase("a size is negative or too large"))
            return value
        digits = field.strip(b"\0 ")
        if not digits.isdigit() and digits:
            raise damaged(self._path, Phrase("a size is not a number"))
        try:
            return int(digits or b"0", 8)
        except ValueError:
            raise damaged(self._path, Phrase("a size is not a number")) from None

    def _decimal(self, text: bytes) -> int:
        if not text.isdigit() or len(text) > 19:
            raise damaged(self._path, Phrase("a size is not a number"))
        return int(text)

    def _exactly(self, size: int, name: object) -> bytes:
        data = self._read(size, name)
        if len(data) < size:
            raise self._truncated(name)
        return data

    def _read(self, size: int, name: object) -> bytes:
        try:
            data = self._stream.read(size)
        except CutOffError:
            raise self._truncated(name) from None
        self.position += len(data)
        return data

    def _pass(self, size: int, name: object) -> None:
        if self._length is not None:
            if size > self._length - self.position:
                raise self._truncated(name)
            self._stream.seek(size, os.SEEK_CUR)
            self.position += size
            return
        while size:
            came = len(self._read(min(size, _PIECE), name))
            if not came:
                raise self._truncated(name)
            size -= came

    def _truncated(self, place: object) -> DataError:
        return DataError(
            "archive-truncated",
            "'{file}' is cut off at '{place}': {count} entries came whole and the mark "
            "of its end is missing. Copy or download it again.",
            file=shown_path(self._path),
            place=place,
            count=self.whole,
        )


def _length(stream: BinaryIO) -> int | None:
    """How long a plain file is; None where the stream can only be read on."""
    if not stream.seekable():
        return None
    length = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    return length
