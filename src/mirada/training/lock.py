"""A lock that says a folder is in use, and that nobody has to clean up.

It is the operating system's lock on the file `.lock` in the folder: when its holder
ends, however it ends, the lock is gone. The file stays and holds the number of the
process that had it last.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Self

from mirada.data.naming import shown_path
from mirada.errors import ConfigurationError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

__all__ = ["LOCK_NAME", "FolderLock", "is_held"]

LOCK_NAME = ".lock"


class FolderLock:
    """The lock of a folder, taken when it is made and given back by `close`.

    Raises ConfigurationError (`folder-in-use`).
    """

    def __init__(self, folder: Path) -> None:
        path = folder / LOCK_NAME
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _take(self._descriptor)
        except OSError:
            holder = os.read(self._descriptor, 20).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise ConfigurationError(
                "folder-in-use",
                "'{folder}' is in use by another run (process {holder}). Wait until it "
                "ends, or choose another folder with --out.",
                folder=shown_path(folder),
                holder=holder or "?",
            ) from None
        with suppress(OSError):  # the lock is held, also where the disk is full
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, str(os.getpid()).encode())

    def close(self) -> None:
        """Gives the lock back."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def is_held(folder: Path) -> bool:
    """Whether a process holds the lock of a folder."""
    try:
        descriptor = os.open(folder / LOCK_NAME, os.O_RDWR)
    except OSError:
        return False
    try:
        _take(descriptor)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _take(descriptor: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
