"""The user's cache folder: what is kept there is ours alone, or it is not used.

Nothing is ever taken from a place that others may write to, or through a link.
"""

import os
import stat
import tempfile
from pathlib import Path
from typing import BinaryIO

__all__ = ["cache_folder", "is_private", "open_ours"]

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
# Nothing is followed, and no pipe is waited for.
_CAREFULLY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def cache_folder(kind: str) -> Path:
    """Where things of one kind are kept: $MIRADA_CACHE, else the user's cache folder.

    >>> cache_folder("objects").name
    'objects'
    """
    chosen = os.environ.get("MIRADA_CACHE")
    if chosen:
        return Path(chosen) / kind
    home = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # The XDG rule: a path that is not absolute is to be ignored.
    if not home.is_absolute():
        try:
            home = Path.home() / ".cache"
        except RuntimeError:
            # A user without a home, as in some containers.
            owner = os.getuid() if hasattr(os, "getuid") else "cache"
            home = Path(tempfile.gettempdir()) / f"mirada-{owner}"
    return home / "mirada" / kind


def is_private(folder: Path) -> bool:
    """Whether a folder is this user's alone and no link; it is made if need be.

    Raises OSError when it can neither be found nor made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        return False
    if not hasattr(os, "getuid"):
        return True
    return found.st_uid == os.getuid() and not found.st_mode & 0o077


def open_ours(path: Path) -> BinaryIO:
    """A plain file that only this user may write, open for reading.

    Raises OSError for anything else.
    """
    return open(path, "rb", opener=_opened)


def _opened(path: str, flags: int) -> int:
    descriptor = os.open(path, flags | _CAREFULLY)
    found = os.fstat(descriptor)
    foreign = hasattr(os, "getuid") and found.st_uid != os.getuid()
    if foreign or not stat.S_ISREG(found.st_mode) or found.st_mode & _OTHERS_WRITE:
        os.close(descriptor)
        raise PermissionError(f"{path} is not a plain file of this user alone")
    return descriptor
