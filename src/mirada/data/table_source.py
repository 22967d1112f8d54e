"""From a table of labels, and what lies around it, to images with classes."""

import os
import stat
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from mirada.data.archive import Archive
from mirada.data.archive_listing import archive_reader, leave_refused
from mirada.data.archive_member import Member
from mirada.data.dataset import Dataset
from mirada.data.encoded import Content
from mirada.data.gate import require_plain
from mirada.data.listed import load_listing
from mirada.data.listing import Listing
from mirada.data.naming import shown
from mirada.data.request import Request
from mirada.data.table import Row, Table, conflict, read_table
from mirada.errors import DataError, Phrase

__all__ = ["load_archived_table", "load_table"]


class _Place(NamedTuple):
    """Where an image of a table lies."""

    path: str
    name: str
    number: int = 0


def load_table(path: Path, request: Request) -> Dataset:
    """The images that a table names, by paths from its own folder on.

    Raises DataError: those of `table.read_table` and of `load_listing`.
    """
    table = read_table(str(path), request.limits)
    listing = Listing(path.parent, request.limits.files)
    folder = _Folder(path.parent)
    _take(listing, table, folder.find)
    others = folder.others(len(listing.files))
    if others > 0:
        listing.notes.append(_unnamed(others, table))
    return load_listing(listing, request)


def load_archived_table(archive: Archive, member: Member, request: Request) -> Dataset:
    """The images of an archive that a table in it names, from its own folder on."""
    (data,) = archive.contents([member.number])
    table = read_table(Content(member.name, data), request.limits)
    listing = Listing(
        Path(archive.path),
        request.limits.files,
        reader=archive_reader(archive),
        in_sequence=archive.in_sequence,
    )
    leave_refused(listing, archive)
    top = member.path[:-1]
    files = {file.path: file for file in archive.files()}

    def find(name: str) -> _Place | None:
        found = files.get((*top, *name.split("/")))
        return found and _Place(archive.path, found.name, found.number)

    _take(listing, table, find)
    if archive.in_sequence:
        listing.files.sort(key=lambda file: file.place)
    others = len(files) - 1 - len(listing.files)
    if others > 0:
        listing.notes.append(_unnamed(others, table))
    return load_listing(listing, request)


def _take(listing: Listing, table: Table, find: Callable[[str], _Place | None]) -> None:
    """Records every row whose image is there; what is wrong with others is told."""
    told = Phrase("labels are those of the table '{table}'", table=table.name)
    listing.notes += [told, *table.notes]
    listing.has_folders = True  # classes are known, whatever the folders are
    for skip in table.skipped:
        listing.leave("", skip.reason, name=skip.name)
    taken: dict[str, Row] = {}
    for row in table.rows:
        try:
            place = _found(table, row, find)
            first = taken.setdefault(place.name, row)
            if first.said != row.said:
                raise conflict(table, first, row)
        except DataError as reason:
            listing.leave("", reason, name=shown(row.file))
            continue
        if first is not row:
            continue
        listing.add(
            place.path,
            row.label,
            row.part,
            name=place.name,
            group=row.group,
            place=place.number,
        )
    listing.has_parts = len({file.part for file in listing.files}) > 1


def _found(table: Table, row: Row, find: Callable[[str], _Place | None]) -> _Place:
    for name in _spellings(row.file):
        place = find(name)
        if place is not None:
            return place
    raise DataError(
        "table-file-missing",
        "'{table}', line {line}, column '{column}': the file '{file}' is not there. "
        "Write its path from the folder of the table on, or delete the row.",
        table=table.name,
        line=row.line,
        column=shown(table.columns["file"]),
        file=shown(row.file),
    )


def _spellings(name: str) -> Iterator[str]:
    r"""How a name of a table may be written on disk: as it is, first of all.

    Then without outer spaces, with / for \, with accents composed or apart (macOS), and
    with the bytes of Latin-1.
    """
    tried = [name, name.strip()]
    tried += [text.replace("\\", "/") for text in tried]
    tried += [unicodedata.normalize(form, name) for form in ("NFC", "NFD")]
    if all(letter < "\u0100" for letter in name):
        tried.append(name.encode("latin-1").decode("utf-8", "surrogateescape"))
    yield from dict.fromkeys(tried)


class _Folder:
    """The folder of a table: where its images are, no link followed."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._plain: dict[str, DataError | None] = {"": None}
        self._used: set[str] = set()

    def find(self, name: str) -> _Place | None:
        """The place of a plain file; raises the reason against what is none."""
        folder, _, _ = name.rpartition("/")
        path = os.path.join(self._root, *name.split("/"))
        try:
            mode = os.lstat(path).st_mode
        except (OSError, ValueError):
            return None
        reason = self._reason_against(folder)
        if reason is not None:
            raise reason
        require_plain(name, mode)
        self._used.add(folder)
        return _Place(path, shown(name))

    def others(self, used: int) -> int:
        """How many more plain files the folders have in which images were found."""
        count = 0
        for folder in self._used:
            try:
                with os.scandir(os.path.join(self._root, folder)) as entries:
                    count += sum(_may_be_image(entry) for entry in entries)
            except OSError:
                continue
        return count - used

    def _reason_against(self, folder: str) -> DataError | None:
        if folder not in self._plain:
            outer, _, _ = folder.rpartition("/")
            reason = self._reason_against(outer)
            mode = os.lstat(os.path.join(self._root, folder)).st_mode
            if reason is None and not stat.S_ISDIR(mode):
                try:
                    require_plain(folder, mode)
                except DataError as error:
                    reason = error
            self._plain[folder] = reason
        return self._plain[folder]


def _may_be_image(entry: os.DirEntry[str]) -> bool:
    return (
        entry.is_file(follow_symlinks=False)
        and not entry.name.startswith(".")
        and not entry.name.casefold().endswith((".csv", ".tsv", ".txt", ".md"))
    )


def _unnamed(count: int, table: Table) -> Phrase:
    return Phrase(
        "{count} other files beside the images of '{table}' are not named in it and "
        "not used",
        count=count,
        table=table.name,
    )
