"""Collections of images of one's own, as plain folders that everything else can read.

FOLDER/images/<collection>/<class>/NNN.png    as the images came, by their number
FOLDER/images/.trash/<number>/                what was removed, and where it was

Nothing is ever deleted but by emptying the trash. Whatever a request names is looked up
among what is there, so no name leads anywhere else.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from mirada.data.gate import list_folder
from mirada.data.naming import shown, shown_path
from mirada.errors import DataError, MiradaError, StorageError
from mirada.lab.image_names import folder_name
from mirada.lab.lab import Lab
from mirada.training.disk import write_whole

__all__ = ["ImageSets", "Place", "changing", "free_path"]


class Place(NamedTuple):
    """A collection, a class of it, or an image of that, by name."""

    collection: str
    label: str = ""
    image: str = ""


class ImageSets:
    """The collections of a lab; every thread may ask and change them.

    Who holds its `lock` finds them as they were until it is let go.
    """

    def __init__(self, lab: Lab) -> None:
        self.root = lab.workplace.images
        self.lock = threading.RLock()

    def names(self) -> list[str]:
        """The names of all collections, in order."""
        return _folders(self.root)

    def classes(self, collection: str) -> dict[str, list[str]]:
        """The classes of a collection, each with the names of its images."""
        folder = self.path(Place(collection))
        return {name: _files(folder / name) for name in _folders(folder)}

    def path(self, place: Place) -> Path:
        """Where a place is on disk; it must be there.

        Raises DataError: `own-set-missing`, `own-class-missing`, `own-image-missing`.
        """
        folder = self.root
        if place.collection not in _folders(folder):
            raise DataError(
                "own-set-missing",
                "There is no collection '{name}': it was removed, or renamed "
                "elsewhere. Choose another, or make it anew.",
                name=shown(place.collection),
            )
        folder = folder / place.collection
        if not place.label:
            return folder
        if place.label not in _folders(folder):
            raise DataError(
                "own-class-missing",
                "There is no class '{name}' in '{collection}': it was removed, or "
                "renamed elsewhere. Add it anew.",
                name=shown(place.label),
                collection=place.collection,
            )
        folder = folder / place.label
        if not place.image:
            return folder
        if place.image not in _files(folder):
            raise DataError(
                "own-image-missing",
                "There is no image '{name}' in class '{label}': it was removed "
                "elsewhere.",
                name=shown(place.image),
                label=place.label,
            )
        return folder / place.image

    def add_collection(self, text: str) -> str:
        """Makes an empty collection; the name that it got."""
        with self.lock, changing(self.root):
            name = _free(folder_name(text), self.names())
            (self.root / name).mkdir(parents=True)
            return name

    def add_class(self, collection: str, text: str) -> str:
        """Makes an empty class; the name that it got."""
        with self.lock:
            folder = self.path(Place(collection))
            name = _free(folder_name(text), _folders(folder))
            with changing(folder):
                (folder / name).mkdir()
            return name

    def rename(self, place: Place, text: str) -> str:
        """Gives a class, or a collection, another name; the name that it got."""
        with self.lock:
            path, name = self.path(place), folder_name(text)
            others = [each for each in _folders(path.parent) if each != path.name]
            name = _free(name, others)
            with changing(path):
                path.rename(path.parent / name)
            return name

    def add_image(self, collection: str, label: str, content: bytes, end: str) -> str:
        """Keeps an image under the next number, with an ending such as ".png"."""
        with self.lock:
            folder = self.path(Place(collection, label))
            name = f"{_next(folder):03}{end}"
            write_whole(folder / name, [content])
            return name

    def close(self) -> None:
        """Nothing is open."""


def free_path(folder: Path, name: str) -> Path:
    """The path of an image in a class, under the next number if its name is taken."""
    taken = (folder / name).exists()
    return folder / (f"{_next(folder):03}{Path(name).suffix}" if taken else name)


def _free(name: str, taken: list[str]) -> str:
    """The name, which no other may have, in large letters or small."""
    if name.casefold() in {each.casefold() for each in taken}:
        raise DataError(
            "own-name-taken",
            "There is a '{name}' already. Choose another name.",
            name=name,
        )
    return name


def _folders(folder: Path) -> list[str]:
    """The visible folders in a folder, links left out; none where it is not there."""
    return [
        entry.name
        for entry in _entries(folder)
        if entry.is_dir(follow_symlinks=False) and shown(entry.name) == entry.name
    ]


def _files(folder: Path) -> list[str]:
    """The visible plain files in a folder."""
    return [
        entry.name
        for entry in _entries(folder)
        if entry.is_file(follow_symlinks=False) and shown(entry.name) == entry.name
    ]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        found = list_folder(folder)
    except DataError:
        return []
    return [entry for entry in found if not entry.name.startswith(".")]


def _next(folder: Path) -> int:
    """One more than the highest number that a file in the folder has."""
    stems = [Path(name).stem for name in _files(folder)]
    numbers = [int(stem) for stem in stems if stem.isdecimal() and len(stem) < 12]
    return max(numbers, default=-1) + 1


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Turns what the system refuses into a refusal that names the path.

    Raises StorageError (`own-images-unchanged`).
    """
    try:
        yield
    except MiradaError:  # a StorageError is an OSError too
        raise
    except OSError as error:
        raise StorageError(
            "own-images-unchanged",
            "'{path}' cannot be changed ({reason}). Check the permissions of the "
            "folder and the disk.",
            path=shown_path(path),
            reason=error.strerror or type(error).__name__,
        ) from None
