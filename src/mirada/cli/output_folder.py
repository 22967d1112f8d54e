"""Folders that commands write files into, whole or not at all."""

import errno
import os
from pathlib import Path

from mirada.data.naming import shown_path
from mirada.errors import StorageError
from mirada.training.disk import write_whole

__all__ = ["holds", "make_folder", "require_folder", "write_into"]


def write_into(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """Writes each file whole; their paths.

    Raises StorageError (`cannot-make-report`, and those of `write_whole`).
    """
    make_folder(folder)
    for name, content in files.items():
        write_whole(folder / name, [content])
    return [folder / name for name in files]


def make_folder(folder: Path) -> None:
    """Makes a folder, and those around it, where they are not there yet.

    Raises StorageError (`cannot-make-report`).
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_make(folder, error.strerror or str(error)) from None


def require_folder(folder: Path) -> None:
    """Refuses at once what `write_into` would refuse when all is computed: a file.

    Raises StorageError (`cannot-make-report`).
    """
    there = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    if there.exists() and not there.is_dir():
        raise _cannot_make(folder, os.strerror(errno.ENOTDIR))


def _cannot_make(folder: Path, reason: str) -> StorageError:
    return StorageError(
        "cannot-make-report",
        "The folder '{folder}' cannot be made ({reason}). Name another with --out.",
        folder=shown_path(folder),
        reason=reason,
    )


def holds(outer: Path, inner: Path) -> bool:
    """Whether a folder is another one or lies in it."""
    return outer.resolve() in (inner.resolve(), *inner.resolve().parents)
