"""What lies in a folder of images: the files of each class, and what is left out.

The layout is one subfolder a class, or `train`, `val` and `test` (also `training`,
`valid`, `validation`, `testing`) with such subfolders in each. It is the second when
`train` is there with folders in it and no subfolder has another name; so a class may
well be called "train". Folders inside a class folder belong to the class.
"""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from mirada.data.dataset import Part
from mirada.data.gate import list_folder, require_plain, unreadable
from mirada.data.layout import PARTS, hidden, without_class
from mirada.data.limits import Limits
from mirada.data.listing import Listing
from mirada.errors import DataError, MiradaError

__all__ = ["scan"]


def scan(root: Path, limits: Limits) -> Listing:
    """Every file of a folder of images, in the order of the names.

    Nothing is opened. Hidden things, links, pipes and devices are left out.

    Raises DataError: `folder-too-large`, and `folder-unreadable` for `root` itself.
    """
    listing = Listing(root, limits.files)
    folders = list(_folders(listing, str(root)))
    listing.has_folders = bool(folders)
    listing.has_parts = _are_parts(folders)
    for folder in folders:
        if not listing.has_parts:
            _add_class(listing, folder, Part.TRAIN)
            continue
        part = PARTS[folder.name.casefold()]
        for inner in _folders(listing, folder.path):
            _add_class(listing, inner, part)
    return listing


def _are_parts(folders: list[os.DirEntry[str]]) -> bool:
    parts = [PARTS.get(folder.name.casefold()) for folder in folders]
    if None in parts or Part.TRAIN not in parts:
        return False
    train = [f for f, part in zip(folders, parts, strict=True) if part == Part.TRAIN]
    return any(_holds_folders(folder.path) for folder in train)


def _holds_folders(path: str) -> bool:
    return any(
        entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
        for entry in list_folder(path)
    )


def _folders(listing: Listing, path: str) -> Iterator[os.DirEntry[str]]:
    """The folders in a folder that is no class; the files in it have no label."""
    for entry in _usable(listing, path):
        if entry.is_dir(follow_symlinks=False):
            yield entry
            continue
        listing.leave(entry.path, without_class(listing.relative(entry.path)))


def _add_class(listing: Listing, folder: os.DirEntry[str], part: Part) -> None:
    """The plain files of a class, at any depth; links are never followed."""
    before = len(listing.files) + len(listing.skipped)
    waiting = [folder]
    while waiting:
        entry = waiting.pop()
        if not entry.is_dir(follow_symlinks=False):
            listing.add(entry.path, folder.name, part)
            continue
        waiting.extend(reversed(list(_usable(listing, entry.path))))
    if len(listing.files) + len(listing.skipped) == before:
        reason = DataError(
            "class-folder-empty",
            "The folder '{folder}' holds no files, so it makes no class. Put its "
            "images in, or delete it.",
            folder=listing.relative(folder.path),
        )
        listing.leave(folder.path, reason)


def _usable(listing: Listing, path: str) -> Iterator[os.DirEntry[str]]:
    """The visible folders and plain files of a folder; the others are recorded."""
    try:
        entries = list_folder(path)
    except DataError as error:
        if path == str(listing.root):
            raise
        listing.leave(path, error)
        return
    for entry in entries:
        reason = _reason_against(listing, entry)
        if reason is None:
            yield entry
        else:
            listing.leave(entry.path, reason)


def _reason_against(listing: Listing, entry: os.DirEntry[str]) -> MiradaError | None:
    if entry.name.startswith("."):
        return hidden(listing.relative(entry.path))
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
        if not stat.S_ISDIR(mode):
            require_plain(entry.path, mode)
    except DataError as error:
        return error
    except OSError as error:
        return unreadable(entry.path, error)
    return None
