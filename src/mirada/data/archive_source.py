"""An archive as a source: what lies in it decides how it is read."""

from pathlib import Path

from mirada.data.archive import Archive, read_archive
from mirada.data.archive_listing import archive_listing
from mirada.data.archive_member import Member
from mirada.data.array_files import find_array_files
from mirada.data.dataset import Dataset
from mirada.data.encoded import Content
from mirada.data.folder_source import HEAD_BYTES, one_table
from mirada.data.layout import top_folder
from mirada.data.listed import load_listing
from mirada.data.naming import shown, shown_path
from mirada.data.npz import is_npz_names, load_npz
from mirada.data.request import Request
from mirada.data.table import TABLE_SUFFIXES, is_label_table
from mirada.data.table_source import load_archived_table
from mirada.errors import DataError

__all__ = ["load_archive"]

_Folders = dict[tuple[str, ...], dict[str, Member]]


def load_archive(path: Path, request: Request) -> Dataset:
    """The images of a zip or tar file, or of the arrays or the table in it.

    Nothing is unpacked to disk. Raises DataError: those of `read_archive`,
    `archive-arrays-large`, `tables-many`, and those of the loaders.
    """
    if path.suffix.casefold() == ".npz":
        return load_npz(str(path), request)
    archive = read_archive(path, request.limits)
    if is_npz_names(["/".join(member.path) for member in archive.files()]):
        return load_npz(str(path), request)
    folders = _folders(archive)
    data = _arrays(archive, folders, request)
    if data is not None:
        return data
    table = _table(archive, folders)
    if table is not None:
        return load_archived_table(archive, table, request)
    return load_listing(archive_listing(archive), request)


def _folders(archive: Archive) -> _Folders:
    """The visible files by their folder, outer folders first."""
    found: _Folders = {}
    for member in archive.files():
        if not any(part.startswith(".") for part in member.path):
            found.setdefault(member.path[:-1], {})[member.path[-1]] = member
    return dict(sorted(found.items(), key=lambda item: (len(item[0]), item[0])))


def _arrays(archive: Archive, folders: _Folders, request: Request) -> Dataset | None:
    """The data set in the outermost folder that holds one as arrays."""
    alone = len(folders) == 1
    for folder, members in folders.items():
        files = find_array_files(_shown(archive, folder), members, alone=alone)
        if files is None:
            continue
        needed = sorted((members[name] for name in files.names), key=lambda m: m.number)
        _require_room(archive, needed)
        contents = archive.contents([member.number for member in needed])
        stored = {
            member.path[-1]: Content(member.name, content)
            for member, content in zip(needed, contents, strict=True)
        }
        return files.load(stored, request)
    return None


def _require_room(archive: Archive, members: list[Member]) -> None:
    needed, most = sum(member.size for member in members), archive.limits.file_bytes
    if needed > most:
        raise DataError(
            "archive-arrays-large",
            "The arrays in '{file}' have {needed} MB together; from an archive at most "
            "{most} MB are read. Unpack it and give the folder.",
            file=shown_path(archive.path),
            needed=-(-needed // 10**6),
            most=most // 10**6,
        )


def _table(archive: Archive, folders: _Folders) -> Member | None:
    """The table of labels in the folder that all lies in, if there is one."""
    paths = [(*folder, name) for folder, names in folders.items() for name in names]
    for top in dict.fromkeys([(), top_folder(paths)]):
        tables = [
            member
            for name, member in sorted(folders.get(top, {}).items())
            if name.casefold().endswith(TABLE_SUFFIXES)
        ]
        tables = sorted(tables, key=lambda member: member.number)
        contents = archive.contents([member.number for member in tables])
        fitting = {
            member.path[-1]: member
            for member, content in zip(tables, contents, strict=True)
            if is_label_table(content[:HEAD_BYTES])
        }
        name = one_table(_shown(archive, top), list(fitting))
        if name is not None:
            return fitting[name]
    return None


def _shown(archive: Archive, folder: tuple[str, ...]) -> str:
    return "/".join([shown_path(archive.path), *map(shown, folder)])
