"""The folder that `mirada data` writes into: its own, or a new one."""

from pathlib import Path

from mirada.cli.output_folder import holds
from mirada.data.naming import shown_path
from mirada.errors import UsageError

__all__ = ["PREVIEW", "REPORT", "SHEET", "report_folder"]

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
