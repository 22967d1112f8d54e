"""Compiled code kept on disk: a private folder, every file with its own digest.

A file that is damaged, or a folder that is not ours alone, is as if it were not there:
code is compiled again. Nothing is ever loaded from a place that others may write to.
"""

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["cache_folder", "load", "store", "usable"]

_DIGEST = 32
_MOST_FILES = 512


def cache_folder() -> Path:
    """Where compiled code is kept: $MIRADA_CACHE, else the user's cache folder."""
    chosen = os.environ.get("MIRADA_CACHE")
    if chosen:
        return Path(chosen) / "objects"
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "mirada" / "objects"


def usable(folder: Path) -> bool:
    """Whether the folder can be made, and is private to this user."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode):
        return False
    if hasattr(os, "getuid"):
        return found.st_uid == os.getuid() and not found.st_mode & 0o077
    return True


def load(key: str) -> bytes | None:
    """What was stored under a key; None where there is nothing sound."""
    folder = cache_folder()
    if not usable(folder):
        return None
    path = folder / key
    try:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(path, flags), "rb") as stream:
            content = stream.read()
    except OSError:
        return None
    digest, payload = content[:_DIGEST], content[_DIGEST:]
    if _digest(key, payload) != digest:
        with suppress(OSError):
            path.unlink()
        return None
    with suppress(OSError):
        os.utime(path)
    return payload


def store(key: str, payload: bytes) -> None:
    """Keeps a payload under a key; a disk that refuses is no reason to stop."""
    folder = cache_folder()
    if not usable(folder):
        return
    with suppress(OSError):
        handle, name = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(_digest(key, payload) + payload)
            os.replace(name, folder / key)
        except OSError:
            with suppress(OSError):
                os.unlink(name)
        _forget(folder)


def _digest(key: str, payload: bytes) -> bytes:
    """Of the key too, so that no file stands for another."""
    return hashlib.sha256(key.encode() + b"\0" + payload).digest()


def _forget(folder: Path) -> None:
    """Leaves only the files that were used last."""
    found = [(path.stat().st_mtime, path) for path in folder.iterdir()]
    for _, path in sorted(found)[:-_MOST_FILES]:
        path.unlink(missing_ok=True)
