"""The one gate through which files of other people come in.

Only plain files pass: a symbolic link, a pipe, a device or a socket is refused before
it is opened, and again on the open file, so that none can be put in between.
"""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from mirada.data.naming import shown_path
from mirada.errors import DataError, Phrase

__all__ = [
    "list_folder",
    "open_plain",
    "read_plain",
    "require_length",
    "require_plain",
    "require_source",
    "unreadable",
]

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def open_plain(path: str | os.PathLike[str]) -> BinaryIO:
    """The plain file at `path`, open for reading.

    Raises DataError: `file-missing`, `file-unreadable`, `file-not-plain`.
    """
    try:
        require_plain(path, os.lstat(path).st_mode)
        descriptor = os.open(path, _FLAGS)
        try:
            require_plain(path, os.fstat(descriptor).st_mode)
            return os.fdopen(descriptor, "rb")
        except BaseException:
            os.close(descriptor)
            raise
    except DataError:  # a ValueError too
        raise
    except (FileNotFoundError, NotADirectoryError):
        raise _missing(path) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise unreadable(path, error) from None


def read_plain(path: str | os.PathLike[str], most_bytes: int) -> bytes:
    """The whole content of a plain file, refused when it is empty or too large.

    Raises DataError: `file-empty`, `file-too-large`, and those of `open_plain`.
    """
    with open_plain(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        require_length(path, size, most_bytes)
        try:
            return stream.read(size)  # as much memory is taken as is asked for
        except OSError as error:
            raise unreadable(path, error) from None


def require_length(path: str | os.PathLike[str], size: int, most_bytes: int) -> None:
    """Refuses content that is empty or larger than what is read.

    Raises DataError: `file-empty`, `file-too-large`.
    """
    if size > most_bytes:
        raise DataError(
            "file-too-large",
            "'{file}' has {size} bytes; at most {most} are read. Save it smaller, or "
            "raise the limit.",
            file=shown_path(path),
            size=size,
            most=most_bytes,
        )
    if not size:
        raise DataError(
            "file-empty",
            "'{file}' is empty (0 bytes); it should have content. Copy it again, or "
            "delete it.",
            file=shown_path(path),
        )


def require_source(path: str | os.PathLike[str]) -> Path:
    """The path of a folder or file that a person names; a link to it is followed.

    Raises DataError: `source-missing`, `file-unreadable`.
    """
    named = Path(path)
    try:
        named.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(
            "source-missing",
            "'{source}' does not exist. Give the path of a folder, an archive or a "
            "table of labels, or 'digits' for the images that come with mirada.",
            source=shown_path(path),
        ) from None
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    return Path(os.path.realpath(named)) if named.is_symlink() else named


def list_folder(path: str | os.PathLike[str]) -> list[os.DirEntry[str]]:
    """What lies in a folder, ordered by name.

    Raises DataError (`folder-unreadable`).
    """
    try:
        with os.scandir(path) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(
            "folder-unreadable",
            "The folder '{file}' cannot be read ({reason}). Check its permissions.",
            file=shown_path(path),
            reason=error.strerror or str(error),
        ) from None


def require_plain(path: str | os.PathLike[str], mode: int) -> None:
    """Refuses what is not a plain file, by the mode that its `stat` gives.

    Raises DataError (`file-not-plain`).
    """
    if stat.S_ISREG(mode):
        return
    raise DataError(
        "file-not-plain",
        "'{file}' is {kind}; only plain files are read. Replace it by the file itself.",
        file=shown_path(path),
        kind=_kind(mode),
    )


def _kind(mode: int) -> Phrase:
    if stat.S_ISLNK(mode):
        return Phrase("a symbolic link")
    if stat.S_ISDIR(mode):
        return Phrase("a folder")
    if stat.S_ISFIFO(mode):
        return Phrase("a pipe")
    if stat.S_ISSOCK(mode):
        return Phrase("a socket")
    return Phrase("a device")


def _missing(path: str | os.PathLike[str]) -> DataError:
    return DataError(
        "file-missing",
        "'{file}' does not exist. Check the path, or give another file.",
        file=shown_path(path),
    )


def unreadable(path: str | os.PathLike[str], error: Exception) -> DataError:
    """The refusal of something that the system does not let us read."""
    return DataError(
        "file-unreadable",
        "'{file}' cannot be read ({reason}). Check its permissions and the disk.",
        file=shown_path(path),
        reason=getattr(error, "strerror", None) or str(error),
    )
