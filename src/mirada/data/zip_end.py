"""Where the directory of a zip lies: the record at the end of the file, 64 bits too."""

import os
import struct
from typing import BinaryIO

from mirada.data.archive_stream import damaged
from mirada.data.naming import shown_path
from mirada.errors import DataError, Phrase

__all__ = ["directory_bounds"]

_END = struct.Struct("<4sHHHHIIH")
_LOCATOR = struct.Struct("<4sIQI")
_END_64 = struct.Struct("<4sQHHIIQQQQ")
_MOST_REMARK = 0xFFFF
_FULL = (0xFFFF, 0xFFFF_FFFF)


def directory_bounds(
    stream: BinaryIO, length: int, path: str | os.PathLike[str]
) -> tuple[int, int, int]:
    """Begin and end of the directory of a zip, and how many entries it announces.

    Raises DataError: `archive-truncated-zip`, `archive-damaged`.
    """
    place, fields = _end(stream, length, path)
    disk, first_disk, here, count, size, offset = fields
    end = place
    if count == _FULL[0] or size == _FULL[1] or offset == _FULL[1]:
        end, (disk, first_disk, here, count, size, offset) = _end_64(
            stream, place, path
        )
    if (disk, first_disk) != (0, 0) or here != count:
        raise damaged(path, Phrase("it is one of several volumes"))
    if offset + size != end:
        raise damaged(
            path,
            Phrase(
                "its directory is not where its end says; two archives in one file?"
            ),
        )
    return offset, end, count


def _end(
    stream: BinaryIO, length: int, path: str | os.PathLike[str]
) -> tuple[int, tuple[int, ...]]:
    """The one record whose remark ends with the file."""
    begin = max(0, length - _END.size - _MOST_REMARK)
    stream.seek(begin)
    tail = stream.read(length - begin)
    found: list[tuple[int, tuple[int, ...]]] = []
    place = tail.find(b"PK\5\6")
    while place >= 0:
        if place + _END.size <= len(tail):
            *fields, remark = _END.unpack_from(tail, place)[1:]
            if place + _END.size + remark == len(tail):
                found.append((begin + place, tuple(fields)))
        place = tail.find(b"PK\5\6", place + 1)
    if not found:
        raise DataError(
            "archive-truncated-zip",
            "'{file}' has no directory at its end: it was cut off, or something was "
            "added. Copy or download it again.",
            file=shown_path(path),
        )
    if len(found) > 1:
        raise damaged(path, Phrase("it ends in two ways at once"))
    return found[0]


def _end_64(
    stream: BinaryIO, place: int, path: str | os.PathLike[str]
) -> tuple[int, tuple[int, ...]]:
    stream.seek(max(0, place - _LOCATOR.size))
    locator = stream.read(_LOCATOR.size)
    if len(locator) == _LOCATOR.size and locator.startswith(b"PK\6\7"):
        _, _, where, disks = _LOCATOR.unpack(locator)
        stream.seek(min(where, place))
        record = stream.read(_END_64.size)
        if len(record) == _END_64.size and record.startswith(b"PK\6\6"):
            _, rest, _, _, *fields = _END_64.unpack(record)
            if where + 12 + rest == place - _LOCATOR.size and disks <= 1:
                return where, tuple(fields)
    raise damaged(path, Phrase("its 64-bit directory is not where its end says"))
