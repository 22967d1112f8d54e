"""An archive as a list of what lies in it, read by streaming; nothing is ever written.

Listing reads the archive once from its beginning to its end, so that whatever is wrong
with it is known before an image is decoded.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from mirada.data.archive_member import Member, too_often
from mirada.data.archive_stream import COMPRESSIONS, unpacked
from mirada.data.archive_tar import is_tar_header, tar_members
from mirada.data.archive_zip import ZipEntry, chunks, read_entries, zip_member
from mirada.data.gate import open_plain
from mirada.data.limits import Limits
from mirada.data.naming import shown_path
from mirada.errors import DataError

__all__ = ["Archive", "is_archive", "read_archive"]

_ZIP = (b"PK\3\4", b"PK\5\6")
_BLOCK = 512
_MOST_KEPT = 64 * 2**20
_ENTRIES, _ENTRY_BYTES = 10_000, 16  # an entry never packs to so few bytes, beyond some

Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class Archive:
    """What lies in an archive, and how to read it.

    `in_sequence` says that it is compressed as a whole: a member is reached only by
    unpacking all before it. `entries` are those of a zip, `kept` the contents of such
    an archive that is so small that they stay in memory.
    """

    path: str
    members: tuple[Member, ...]
    in_sequence: bool
    limits: Limits
    stamp: Stamp
    entries: tuple[ZipEntry, ...] = ()
    kept: dict[int, bytes] | None = None

    def files(self) -> list[Member]:
        """The members that are files and can be used."""
        return [m for m in self.members if m.reason is None and not m.is_folder]

    def contents(self, numbers: Sequence[int]) -> Iterator[bytes]:
        """The contents of members, in the order asked for.

        Of an archive `in_sequence` the numbers must rise. Raises DataError
        (`archive-changed`) where the file is not the one that was listed.
        """
        with open_plain(self.path) as file:
            if _stamp(file) != self.stamp:
                raise _changed(self.path)
            if self.kept is not None:
                yield from (self.kept[number] for number in numbers)
            elif self.entries:
                yield from self._of_zip(file, numbers)
            elif self.in_sequence:
                yield from self._of_stream(file, numbers)
            else:
                yield from self._of_plain(file, numbers)

    def _of_zip(self, file: BinaryIO, numbers: Sequence[int]) -> Iterator[bytes]:
        for number in numbers:
            name = self.members[number].name
            yield b"".join(chunks(file, self.entries[number], name))

    def _of_plain(self, file: BinaryIO, numbers: Sequence[int]) -> Iterator[bytes]:
        for number in numbers:
            member = self.members[number]
            file.seek(member.offset)
            yield file.read(member.size)

    def _of_stream(self, file: BinaryIO, numbers: Sequence[int]) -> Iterator[bytes]:
        asked = frozenset(numbers)
        left = len(asked)
        stream = unpacked(file, self.path, self.limits)
        members = tar_members(
            stream, self.path, self.limits, lambda member: member.number in asked
        )
        for _, content in members if left else ():
            if content is not None:
                yield content
                left -= 1
            if not left:
                return  # what comes after it needs no unpacking


def is_archive(head: bytes) -> bool:
    """Whether a file that begins so, 512 bytes of it, is an archive or compressed.

    >>> is_archive(b"PK" + bytes([3, 4])), is_archive(b"file,label")
    (True, False)
    """
    return head.startswith((*_ZIP, *COMPRESSIONS)) or is_tar_header(head[:_BLOCK])


def read_archive(path: str | os.PathLike[str], limits: Limits) -> Archive:
    """Lists an archive; every entry is there, those that cannot be used with a reason.

    Raises DataError: `archive-unknown`, and those of the readers of zip and tar.
    """
    with open_plain(path) as file:
        if file.read(4) in _ZIP:
            entries = tuple(read_entries(file, path, limits))
            members = [_verified(file, entry, limits) for entry in entries]
            return _archive(file, path, members, limits, entries=entries)
        file.seek(0)
        stream = unpacked(file, path, limits)
        if stream is file:
            return _archive(file, path, list(_listed(stream, path, limits)), limits)
        keep = _Keep()
        members = list(_listed(stream, path, limits, keep))
        return _archive(file, path, members, limits, in_sequence=True, kept=keep.kept)


def _archive(
    file: BinaryIO,
    path: str | os.PathLike[str],
    members: Sequence[Member],
    limits: Limits,
    *,
    in_sequence: bool = False,
    entries: tuple[ZipEntry, ...] = (),
    kept: dict[int, bytes] | None = None,
) -> Archive:
    return Archive(
        path=os.fspath(path),
        members=tuple(_each_once(members)),
        in_sequence=in_sequence and kept is None,
        limits=limits,
        stamp=_stamp(file),
        entries=entries,
        kept=kept,
    )


class _Keep:
    """The contents of the members so far, as long as they are small together."""

    def __init__(self) -> None:
        self.kept: dict[int, bytes] | None = {}
        self._room = _MOST_KEPT

    def wants(self, member: Member) -> bool:
        self._room -= member.size
        if self._room < 0:
            self.kept = None
        return self.kept is not None

    def take(self, member: Member, content: bytes | None) -> None:
        if self.kept is not None and content is not None:
            self.kept[member.number] = content


def _listed(
    stream: BinaryIO,
    path: str | os.PathLike[str],
    limits: Limits,
    keep: _Keep | None = None,
) -> Iterator[Member]:
    wanted = keep.wants if keep else lambda member: False
    most = min(limits.files, _ENTRIES + os.stat(path).st_size // _ENTRY_BYTES)
    for member, content in tar_members(stream, path, limits, wanted):
        if member.number >= most:
            raise DataError(
                "archive-endless",
                "'{file}' holds more than {most} entries, more than an archive of its "
                "size should. Unpack it and give the folder, or use fewer.",
                file=shown_path(path),
                most=most,
            )
        if keep:
            keep.take(member, content)
        yield member


def _verified(file: BinaryIO, entry: ZipEntry, limits: Limits) -> Member:
    """The member, its content unpacked once to see that it is whole."""
    member = zip_member(entry, limits)
    if member.reason is None and not member.is_folder:
        try:
            for _ in chunks(file, entry, member.name):
                pass
        except DataError as reason:
            return member._replace(reason=reason)
    return member


def _each_once(members: Sequence[Member]) -> Iterator[Member]:
    seen: set[tuple[str, ...]] = set()
    for member in members:
        if member.reason is None and not member.is_folder:
            if member.path in seen:
                member = member._replace(reason=too_often(member.name))
            seen.add(member.path)
        yield member


def _stamp(file: BinaryIO) -> Stamp:
    known = os.fstat(file.fileno())
    return known.st_ino, known.st_size, known.st_mtime_ns


def _changed(path: str) -> DataError:
    return DataError(
        "archive-changed",
        "'{file}' was changed while it was being read. Load it again when nothing "
        "writes to it.",
        file=shown_path(path),
    )
