"""Compiled code kept on disk: a private folder, every file with its own digest.

A file that is damaged, or a folder that is not ours alone, is as if it were not there:
code is compiled again, and `take_notices` says why. Nothing is ever loaded from a place
that others may write to.
"""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from mirada import private_folder
from mirada.errors import Phrase

__all__ = ["cache_folder", "load", "obstacle", "store", "take_notices", "usable"]

_DIGEST = 32
_MOST_FILES = 512
_MOST_BYTES = 1 << 28

_notices: dict[str, Phrase] = {}


def cache_folder() -> Path:
    """Where compiled code is kept: $MIRADA_CACHE, else the user's cache folder."""
    return private_folder.cache_folder("objects")


def obstacle(folder: Path) -> Phrase | None:
    """Why a folder cannot keep code; None where it can. It is made if need be."""
    try:
        if private_folder.is_private(folder):
            return None
    except OSError as error:
        return _unwritable(folder, error)
    return Phrase(
        "Compiled code is not kept, because {folder} is another user's, is a link or "
        "is open to others: everything is compiled again each time. Close it with: "
        "chmod 700 {folder}; or set MIRADA_CACHE to a folder of your own.",
        folder=folder,
    )


def usable(folder: Path) -> bool:
    """Whether the folder can be made, and is private to this user."""
    return obstacle(folder) is None


def take_notices() -> tuple[Phrase, ...]:
    """What was wrong with the cache since this was last asked, each thing once."""
    found = tuple(_notices.values())
    _notices.clear()
    return found


def _note(about: Path, notice: Phrase) -> None:
    _notices[str(about)] = notice


def _unwritable(folder: Path, error: OSError) -> Phrase:
    return Phrase(
        "Compiled code is not kept, because {folder} cannot be written ({reason}): "
        "everything is compiled again each time. Set MIRADA_CACHE to a folder that "
        "can be written.",
        folder=folder,
        reason=error.strerror or error,
    )


def _private_folder() -> Path | None:
    """The folder, if it may be used; else there is a notice."""
    folder = cache_folder()
    why = obstacle(folder)
    if why is None:
        return folder
    _note(folder, why)
    return None


def load(key: str) -> bytes | None:
    """What was stored under a key; None where there is nothing sound."""
    folder = _private_folder()
    if folder is None:
        return None
    path = folder / key
    try:
        content = _content(path)
    except FileNotFoundError:
        return None
    except OSError:
        content = b""
    digest, payload = content[:_DIGEST], content[_DIGEST:]
    if _digest(key, payload) != digest:
        damaged = Phrase(
            "The compiled code {path} was damaged, and is compiled again.", path=path
        )
        _note(path, damaged)
        with suppress(OSError):
            path.unlink()
        return None
    with suppress(OSError):
        os.utime(path)
    return payload


def _content(path: Path) -> bytes:
    """All of a file of ours; nothing of one too large to be."""
    with private_folder.open_ours(path) as stream:
        size = os.fstat(stream.fileno()).st_size
        return stream.read() if size <= _MOST_BYTES else b""


def store(key: str, payload: bytes) -> None:
    """Keeps a payload under a key; a disk that refuses is no reason to stop."""
    folder = _private_folder()
    if folder is None:
        return
    try:
        handle, name = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(_digest(key, payload) + payload)
            os.replace(name, folder / key)
        except OSError:
            with suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        _note(folder, _unwritable(folder, error))
        return
    with suppress(OSError):
        _forget(folder)


def _digest(key: str, payload: bytes) -> bytes:
    """Of the key too, so that no file stands for another."""
    return hashlib.sha256(key.encode() + b"\0" + payload).digest()


def _forget(folder: Path) -> None:
    """Leaves only the files that were used last."""
    found = [(path.stat().st_mtime, path) for path in folder.iterdir()]
    for _, path in sorted(found)[:-_MOST_FILES]:
        path.unlink(missing_ok=True)
