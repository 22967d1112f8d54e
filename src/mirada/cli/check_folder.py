"""The tables of a class: `mirada check` on a folder, with one CSV of grades."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mirada.analysis.checking import (
    HEADING,
    MISTAKE_NAMES,
    Graded,
    check,
    common_mistakes,
    grades_table,
)
from mirada.cli.check_table import table_rows
from mirada.cli.output import Column, show, show_json, show_table
from mirada.data.naming import shown, shown_path
from mirada.errors import DataError, MiradaError, Phrase, UsageError
from mirada.language import translate
from mirada.network import Network
from mirada.tasks.quantities import percent_text
from mirada.training.disk import write_whole
from mirada.training.spreadsheet import spreadsheet_csv

__all__ = ["check_folder"]

SCHEMA = 1
_SUFFIXES = (".csv", ".tsv", ".txt")


def check_folder(
    network: Network, folder: Path, out: Path | None, *, as_json: bool
) -> int:
    """Grades every table of a folder; the exit code.

    What cannot be read is a row with its reason, and counts as something wrong. Raises
    DataError (`check-folder-empty`), UsageError (`check-out-table`).
    """
    paths = list(_tables(folder, out))
    class_ = [_graded(network, path) for path in paths]
    if out is not None:
        written = spreadsheet_csv(grades_table(network, class_))
        write_whole(out, [written.encode("utf-8")])
    if as_json:
        show_json(_plain(network, class_, out))
    else:
        _show(class_)
        if out is not None:
            show(Phrase("Written: {paths}", paths=shown_path(out)))
    return 0 if all(g.check is not None and not g.check.wrong for g in class_) else 7


def _tables(folder: Path, out: Path | None) -> Iterator[Path]:
    found = [path for path in sorted(folder.iterdir()) if _is_table(path)]
    old = None if out is None else out.resolve()
    tables = [path for path in found if path.resolve() != old]
    if old is not None and len(tables) < len(found) and not _is_grades(old):
        raise UsageError(
            "check-out-table",
            "'{out}' is one of the tables to grade. Name another file with --out.",
            out=shown_path(out or ""),
        )
    if not tables:
        raise DataError(
            "check-folder-empty",
            "'{folder}' holds no table (.csv, .tsv or .txt). Put one file for "
            "each person into it; 'mirada check --template' prints one to fill in.",
            folder=shown_path(folder),
        )
    return iter(tables)


def _is_table(path: Path) -> bool:
    is_hidden = path.name.startswith((".", "~"))
    return path.suffix.lower() in _SUFFIXES and not is_hidden and not path.is_dir()


def _is_grades(path: Path) -> bool:
    with path.open("rb") as file:
        return file.readline(200).startswith(",".join(HEADING).encode())


def _graded(network: Network, path: Path) -> Graded:
    name = shown(path.name)
    try:
        return Graded(name, check(network, table_rows(path)))
    except MiradaError as error:
        return Graded(name, error=error)


def _plain(
    network: Network, class_: Sequence[Graded], out: Path | None
) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "network": network.name,
        "tables": [graded.to_dict() for graded in class_],
        "mistakes": [common._asdict() for common in common_mistakes(class_)],
        "written": None if out is None else str(out),
    }


def _show(class_: Sequence[Graded]) -> None:
    columns = (
        Column(translate("Table")),
        Column(translate("Right"), numbers=True),
        Column(translate("Wrong"), numbers=True),
        Column(translate("Share"), numbers=True),
    )
    show_table(columns, map(_row, class_))
    for graded in class_:
        if graded.error is not None:
            show(f"{graded.file}: {graded.error}")
    common = common_mistakes(class_)
    if not common:
        return
    show()
    heads = (
        Column(translate("Mistake")),
        Column(translate("Cells"), numbers=True),
        Column(translate("Tables"), numbers=True),
    )
    rows = [(MISTAKE_NAMES[kind], cells, tables) for kind, cells, tables in common]
    show_table(heads, rows)


def _row(graded: Graded) -> tuple[object, ...]:
    if graded.check is None:
        return graded.file, "-", "-", "-"
    found = graded.check
    return graded.file, found.correct, found.wrong, percent_text(graded.share)
