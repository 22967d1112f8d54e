"""zip, read by its directory: every number checked before anything is unpacked.

The directory at the end of the file says where each entry lies; each entry says the
same once more. What differs, overlaps, or is hidden between is refused: another program
would see another content. Source: PKWARE APPNOTE 6.3.10.
"""

import os
import stat
import struct
import zlib
from collections.abc import Iterator
from operator import attrgetter
from typing import BinaryIO, NamedTuple

from mirada.data.archive_member import Member, member_path
from mirada.data.archive_stream import allowed_bytes, damaged, too_much
from mirada.data.gate import require_length, require_plain
from mirada.data.limits import Limits
from mirada.data.naming import shown, shown_path
from mirada.data.zip_end import directory_bounds
from mirada.errors import DataError, Phrase

__all__ = ["ZipEntry", "chunks", "read_entries", "zip_member"]

_PIECE = 2**18
_ENTRY = struct.Struct("<4sHHHHHHIIIHHHHHII")
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_FULL_32, _FULL_16 = 0xFFFF_FFFF, 0xFFFF
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _SIZES_LATER, _UTF8 = 0x1, 0x8, 0x800
_UNIX = (3, 19)
_ZIP64 = 1


class ZipEntry(NamedTuple):
    """One entry as the directory tells it; `start` is where its packed content lies."""

    number: int
    name: bytes
    system: int
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    mode: int
    header: int
    start: int


def read_entries(
    stream: BinaryIO, path: str | os.PathLike[str], limits: Limits
) -> list[ZipEntry]:
    """All entries of a zip, in the order of its directory.

    Raises DataError: `archive-damaged`, `archive-truncated-zip`, `archive-overlap`,
    `archive-too-many`, `archive-bomb`.
    """
    length = stream.seek(0, os.SEEK_END)
    start, end, count = directory_bounds(stream, length, path)
    if count > limits.files:
        raise DataError(
            "archive-too-many",
            "'{file}' announces {count} entries; at most {most} are read. Use fewer, "
            "or raise the limit.",
            file=shown_path(path),
            count=count,
            most=limits.files,
        )
    entries = list(_directory(stream, start, end, count, path))
    allowed = allowed_bytes(length, limits)
    if sum(entry.size for entry in entries) > allowed:
        raise too_much(path, allowed)
    _require_apart(entries, path)
    entries = [_placed(stream, entry, start, path) for entry in entries]
    _require_apart(entries, path)
    return entries


def zip_member(entry: ZipEntry, limits: Limits) -> Member:
    """What an entry is for us: its name as text, and why it cannot be used."""
    text = _text(entry)
    is_folder = text.endswith("/") or (entry.system not in _UNIX and text[-1:] == "\\")
    name = shown(text[:5000])
    try:
        parts = member_path(text, backslashes=entry.system not in _UNIX)
        name = shown("/".join(parts))
        if not is_folder:
            _require_readable(name, entry, limits)
    except DataError as reason:
        return Member(
            entry.number, (), name, entry.size, entry.start, reason, is_folder
        )
    return Member(entry.number, parts, name, entry.size, entry.start, None, is_folder)


def chunks(
    stream: BinaryIO, entry: ZipEntry, name: str, most: int = _PIECE
) -> Iterator[bytes]:
    """The content of an entry in pieces, never more than it announces.

    Raises DataError (`archive-entry-damaged`) where size or checksum is another.
    """
    crc, left = 0, entry.size
    try:
        for piece in _pieces(stream, entry, most):
            left -= len(piece)
            if left < 0:
                break
            crc = zlib.crc32(piece, crc)
            yield piece
    except zlib.error:
        left = -1
    if left or crc != entry.crc:
        raise DataError(
            "archive-entry-damaged",
            "'{file}' does not have the size and checksum that the archive says. "
            "Download or pack the archive again.",
            file=name,
        )


def _pieces(stream: BinaryIO, entry: ZipEntry, most: int) -> Iterator[bytes]:
    decoder = zlib.decompressobj(-15) if entry.method == _DEFLATED else None
    place, end = entry.start, entry.start + entry.packed
    while place < end:
        stream.seek(place)  # others may read between two pieces
        packed = stream.read(min(most, end - place))
        if not packed:
            return
        place += len(packed)
        if decoder is None:
            yield packed
            continue
        while packed and not decoder.eof:
            yield decoder.decompress(packed, most)
            packed = decoder.unconsumed_tail
    while decoder is not None and not decoder.eof:
        rest = decoder.decompress(b"", most)
        if not rest:
            return
        yield rest


def _directory(
    stream: BinaryIO, start: int, end: int, count: int, path: str | os.PathLike[str]
) -> Iterator[ZipEntry]:
    stream.seek(start)
    for number in range(count):
        fixed = stream.read(_ENTRY.size)
        place = stream.tell()
        if len(fixed) < _ENTRY.size or not fixed.startswith(b"PK\1\2") or place > end:
            raise damaged(path, Phrase("its directory ends before its last entry"))
        numbers = _ENTRY.unpack(fixed)
        (_, made, _, flags, method, _, _, crc, packed, size) = numbers[:10]
        (names, extras, remarks, disk, _, outside, header) = numbers[10:]
        name = stream.read(names)
        extra = stream.read(extras)
        stream.seek(remarks, os.SEEK_CUR)
        wide = _wide(extra, [size, packed, header], path)
        size, packed, header = wide
        if disk not in (0, _FULL_16):
            raise damaged(path, Phrase("it is one of several volumes"))
        mode = outside >> 16 if made >> 8 in _UNIX else 0
        yield ZipEntry(
            *(number, name, made >> 8, flags, method, crc),
            *(packed, size, mode, header, 0),
        )
    if stream.tell() != end:
        raise damaged(path, Phrase("its directory has another length than it says"))


def _wide(
    extra: bytes, values: list[int], path: str | os.PathLike[str]
) -> tuple[int, int, int]:
    """Size, packed size and place, from the zip64 record where they need 64 bits."""
    missing = [k for k, value in enumerate(values) if value == _FULL_32]
    if missing:
        record = _extra_record(extra, _ZIP64)
        if len(record) < 8 * len(missing):
            raise damaged(path, Phrase("a 64-bit size is missing"))
        for place, k in enumerate(missing):
            values[k] = int.from_bytes(record[8 * place : 8 * place + 8], "little")
    return values[0], values[1], values[2]


def _extra_record(extra: bytes, wanted: int) -> bytes:
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == wanted:
            return extra[4 : 4 + length]
        extra = extra[4 + length :]
    return b""


def _placed(
    stream: BinaryIO, entry: ZipEntry, end: int, path: str | os.PathLike[str]
) -> ZipEntry:
    """The entry with its place, after its own header has said the same."""
    stream.seek(min(entry.header, end))
    fixed = stream.read(_LOCAL.size)
    if len(fixed) < _LOCAL.size or not fixed.startswith(b"PK\3\4"):
        raise damaged(path, Phrase("an entry is not where the directory says"))
    numbers = _LOCAL.unpack(fixed)
    (_, _, flags, method, _, _, crc, packed, size, names, extras) = numbers
    name, extra = stream.read(names), stream.read(extras)
    start = entry.header + _LOCAL.size + names + extras
    size, packed, _ = _wide(extra, [size, packed, 0], path)
    later = flags & _SIZES_LATER
    pairs = ((crc, entry.crc), (packed, entry.packed), (size, entry.size))
    agree = (
        name == entry.name
        and method == entry.method
        and (flags ^ entry.flags) & _ENCRYPTED == 0
        and all(here == there or (later and not here) for here, there in pairs)
    )
    if not agree:
        raise damaged(
            path,
            Phrase(
                "its directory and the entry '{file}' contradict each other",
                file=shown(_text(entry)[:200]),
            ),
        )
    if start + entry.packed > end:
        raise damaged(path, Phrase("an entry goes on after the end of the file"))
    return entry._replace(start=start)


def _require_apart(entries: list[ZipEntry], path: str | os.PathLike[str]) -> None:
    """No two entries share bytes, and nothing lies before the first.

    Where the content begins may be unknown yet: after the name at the earliest.
    """
    ordered = sorted(entries, key=attrgetter("header"))
    before = 0
    for entry in ordered:
        if entry.header < before:
            raise DataError(
                "archive-overlap",
                "Entries of '{file}' share the same bytes, as archives do that unpack "
                "to far more than they hold. Do not use it, or pack it again.",
                file=shown_path(path),
            )
        earliest = entry.header + _LOCAL.size + len(entry.name)
        before = max(entry.start, earliest) + entry.packed
    if ordered and ordered[0].header:
        raise damaged(
            path,
            Phrase("{count} bytes before its first entry", count=ordered[0].header),
        )


def _require_readable(name: str, entry: ZipEntry, limits: Limits) -> None:
    if stat.S_IFMT(entry.mode):
        require_plain(name, entry.mode)
    if entry.flags & _ENCRYPTED:
        raise DataError(
            "archive-entry-encrypted",
            "'{file}' is encrypted; passwords are not asked for. Unpack the archive "
            "and give the folder.",
            file=name,
        )
    if entry.method not in (_STORED, _DEFLATED):
        raise DataError(
            "archive-entry-packing",
            "'{file}' is packed by method {method}; only stored (0) and deflated (8) "
            "are read. Pack it again with a usual program.",
            file=name,
            method=entry.method,
        )
    require_length(name, entry.size, limits.file_bytes)
    if entry.method == _STORED and entry.packed != entry.size:
        raise DataError(
            "archive-entry-sizes",
            "'{file}' is stored unpacked with {packed} bytes, but announces {size}. "
            "Download or pack the archive again.",
            file=name,
            packed=entry.packed,
            size=entry.size,
        )


def _text(entry: ZipEntry) -> str:
    """The name: UTF-8 where it is that or says so, else the old code page 437."""
    try:
        return entry.name.decode("utf-8")
    except UnicodeDecodeError:
        if entry.flags & _UTF8:
            return entry.name.decode("utf-8", "surrogateescape")
        return entry.name.decode("cp437")
