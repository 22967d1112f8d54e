"""A folder as a source: what lies in it decides how it is read."""

import os
from pathlib import Path

from mirada.data.array_files import find_array_files
from mirada.data.dataset import Dataset
from mirada.data.gate import list_folder, open_plain
from mirada.data.listed import load_listing
from mirada.data.naming import shown, shown_path
from mirada.data.parquet import find_parquet_files, load_parquet
from mirada.data.request import Request
from mirada.data.scan import scan
from mirada.data.table import TABLE_SUFFIXES, is_label_table
from mirada.data.table_source import load_table
from mirada.errors import DataError

__all__ = ["HEAD_BYTES", "load_folder", "one_table"]

HEAD_BYTES = 2**16


def load_folder(folder: Path, request: Request) -> Dataset:
    """The images of a folder: of arrays, of parquet, of a table, or of class folders.

    In this order; a table counts when it has a column of files and one of labels.

    Raises DataError: `tables-many`, and those of the loaders.
    """
    entries = [e for e in list_folder(folder) if not e.name.startswith(".")]
    folders = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
    stored = {e.name: e.path for e in entries if not e.is_dir(follow_symlinks=False)}
    arrays = find_array_files(shown_path(folder), stored, alone=not folders)
    if arrays is not None:
        return arrays.load(stored, request)
    parquet = find_parquet_files(folder, stored, alone=len(folders) <= 1)
    if parquet:
        return load_parquet(parquet, folder, request)
    tables = [name for name in stored if name.casefold().endswith(TABLE_SUFFIXES)]
    fitting = [name for name in tables if _is_label_table(stored[name])]
    if not fitting and len(tables) == 1 and not _may_be_classes(folders):
        fitting = tables  # reading it tells what it lacks
    table = one_table(shown_path(folder), fitting)
    if table is not None:
        return load_table(folder / table, request)
    return load_listing(scan(folder, request.limits), request)


def one_table(folder: str, names: list[str]) -> str | None:
    """The only table of labels, or None without one.

    Raises DataError (`tables-many`).
    """
    if len(names) > 1:
        raise DataError(
            "tables-many",
            "'{folder}' holds {count} tables of labels ({names}). Give the path of one "
            "of them, or put all rows into one with a column split.",
            folder=folder,
            count=len(names),
            names=", ".join(f"'{shown(name)}'" for name in sorted(names)[:10]),
        )
    return names[0] if names else None


def _may_be_classes(folders: list[os.DirEntry[str]]) -> bool:
    return len(folders) > 1


def _is_label_table(path: str) -> bool:
    try:
        with open_plain(path) as stream:
            return is_label_table(stream.read(HEAD_BYTES))
    except DataError:
        return False  # a link, or no text: it is told when the folder is scanned
