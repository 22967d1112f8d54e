"""The folder that `mirada data` writes into: its own, or a new one."""

import errno
import os
from pathlib import Path

from mirada.data.naming import shown_path
from mirada.errors import StorageError, UsageError
from mirada.training.disk import write_whole

__all__ = [
    "PREVIEW",
    "REPORT",
    "SHEET",
    "holds",
    "report_folder",
    "require_folder",
    "write_into",
]

DEFAULT = Path("data-report")
REPORT, SHEET, PREVIEW = "data_report.json", "contact_sheet.png", "preview.png"


def report_folder(out: str | None, source: str) -> Path:
    """The folder to write into; nothing is made yet.

    Raises UsageError: `report-inside-data` where its pictures would become part of the
    data, `report-folder-foreign` where something else lies in it.
    """
    folder = DEFAULT if out is None else Path(out)
    if Path(source).is_dir() and holds(Path(source), folder):
        raise UsageError(
            "report-inside-data",
            "The report would be written to '{folder}', inside the data, and be found "
            "there the next time. Name another folder with --out, or write nothing "
            "with --no-files.",
            folder=shown_path(folder),
        )
    if folder.is_dir():
        names = {entry.name for entry in folder.iterdir()}
        is_free = not names or bool(names & {REPORT, PREVIEW})
    else:
        is_free = not folder.exists()
    if not is_free:
        raise UsageError(
            "report-folder-foreign",
            "'{folder}' holds something other than a report on data. Name a new folder "
            "with --out, or write nothing with --no-files.",
            folder=shown_path(folder),
        )
    return folder


def write_into(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """Writes each file whole; their paths.

    Raises StorageError (`cannot-make-report`, and those of `write_whole`).
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_make(folder, error.strerror or str(error)) from None
    for name, content in files.items():
        write_whole(folder / name, [content])
    return [folder / name for name in files]


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
