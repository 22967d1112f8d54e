"""Writing that a kill, a power loss or a full disk cannot turn into half a file.

A file is written under a temporary name in its own folder, flushed to the disk,
renamed, and the folder flushed: whoever looks finds the old content or the new one.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mirada.data.naming import shown_path
from mirada.errors import StorageError

__all__ = [
    "MORE_FLAGS",
    "NEW_FLAGS",
    "Disk",
    "Piece",
    "append",
    "remove_temporary",
    "require_file",
    "write_text",
    "write_whole",
]

Piece = bytes | memoryview

_TEMPORARY = ".part"
_NO_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
NEW_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NO_LINKS
"""What a file is opened with that begins anew."""
MORE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _NO_LINKS
"""What a file is opened with that is added to."""


class Disk:
    """The few operations that change a disk; a test puts a failing one in its place."""

    def open(self, path: Path, flags: int) -> int:
        """The descriptor of a file opened for writing."""
        return os.open(path, flags, 0o666)

    def write(self, descriptor: int, piece: Piece) -> int:
        """Writes as much of the piece as the system takes; how many bytes it took."""
        return os.write(descriptor, piece)

    def sync(self, descriptor: int) -> None:
        """Returns when the file's content is on the disk itself."""
        os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        """Closes a file."""
        os.close(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        """Gives a file its new name, in place of what had it."""
        os.replace(old, new)

    def sync_folder(self, folder: Path) -> None:
        """Returns when the folder's names are on the disk itself."""
        if os.name == "nt":  # Windows opens no folders and keeps their names itself
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, path: Path) -> None:
        """Removes a file."""
        path.unlink()


def write_whole(path: Path, pieces: Iterable[Piece], disk: Disk | None = None) -> None:
    """Puts the pieces one after the other at `path`, all of them or nothing.

    Raises StorageError (`cannot-write`, `write-not-a-file`); what stood at `path` is
    then still there.
    """
    require_file(path)
    disk, content = disk or Disk(), list(pieces)
    part = path.with_name(path.name + _TEMPORARY)
    with _blaming(path, sum(map(_size, content))):
        try:
            _write(disk, part, NEW_FLAGS, content, sync=True)
            disk.rename(part, path)
            disk.sync_folder(path.parent)
        except BaseException:  # Ctrl-C outside of training is one
            with suppress(OSError):
                disk.remove(part)
            raise


def write_text(path: Path, text: str, disk: Disk | None = None) -> None:
    """Puts a text at `path` as UTF-8, whole or not at all, as `write_whole` does.

    What UTF-8 does not have (half of a surrogate pair) is escaped.
    """
    write_whole(path, [text.encode("utf-8", "backslashreplace")], disk)


def require_file(path: Path) -> None:
    """Refuses what is there and is no file: renaming would replace a device or a pipe.

    Raises StorageError (`write-not-a-file`).
    """
    if path.exists() and not path.is_file():
        raise StorageError(
            "write-not-a-file",
            "'{path}' is there and is no file, so nothing is written in its place. "
            "Name a new file, or one to replace.",
            path=shown_path(path),
        )


def append(
    path: Path, piece: bytes, disk: Disk | None = None, *, sync: bool = False
) -> None:
    """Adds the piece to the end of the file, which may then end in a part of it.

    Raises StorageError (`cannot-write`).
    """
    with _blaming(path, len(piece)):
        _write(disk or Disk(), path, MORE_FLAGS, [piece], sync=sync)


def remove_temporary(folder: Path) -> None:
    """Removes what a write that was cut short has left in a folder."""
    for path in folder.glob("*" + _TEMPORARY):
        with suppress(OSError):
            path.unlink()


def _write(
    disk: Disk, path: Path, flags: int, pieces: list[Piece], *, sync: bool
) -> None:
    descriptor = disk.open(path, flags)
    try:
        for piece in pieces:
            rest = memoryview(piece).cast("B")
            while len(rest):
                rest = rest[disk.write(descriptor, rest) :]
        if sync:
            disk.sync(descriptor)
    finally:
        disk.close(descriptor)


@contextmanager
def _blaming(path: Path, size: int) -> Iterator[None]:
    """Turns what the system refuses into a refusal that names path and bytes."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            "cannot-write",
            "'{path}' cannot be written ({reason}): it needs {needed} bytes, and "
            "{free} are free there. Free some space, or check the permissions of the "
            "folder.",
            path=shown_path(path),
            reason=error.strerror or type(error).__name__,
            needed=size,
            free=_free(path.parent),
        ) from None


def _free(folder: Path) -> int | str:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return "?"


def _size(piece: Piece) -> int:
    return piece.nbytes if isinstance(piece, memoryview) else len(piece)
