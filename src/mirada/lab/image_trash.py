"""Where removed images lie until they are taken back, or the trash is emptied."""

import json
import shutil
from pathlib import Path

from mirada.data.naming import shown
from mirada.errors import DataError
from mirada.lab.image_sets import ImageSets, Place, changing, free_path
from mirada.lab.lab import Lab
from mirada.training.disk import write_whole

__all__ = ["Trash"]

_FOLDER = ".trash"
_WHERE = "where.json"
_THING = "removed"


class Trash:
    """What was removed from the collections of a lab, each under a number."""

    def __init__(self, lab: Lab) -> None:
        self._sets = lab.part(ImageSets)
        self._root = lab.workplace.images / _FOLDER
        self._lock = self._sets.lock

    def count(self) -> int:
        """How many things lie there."""
        return len(self._numbers())

    def take(self, place: Place) -> int:
        """Moves a collection, a class or an image there; its number, to undo by."""
        with self._lock, changing(self._root):
            path = self._sets.path(place)
            number = max(self._numbers(), default=0) + 1
            folder = self._root / str(number)
            folder.mkdir(parents=True)
            where = json.dumps(place._asdict()).encode()
            write_whole(folder / _WHERE, [where])
            path.rename(folder / _THING)
            return number

    def give_back(self, number: int) -> Place:
        """Moves what has a number back to where it was, and says where.

        An image gets another number where its own was taken. Raises DataError:
        `own-trash-empty`, `own-place-taken`, and those of `ImageSets.path`.
        """
        with self._lock, changing(self._root):
            folder = self._root / str(number)
            place = _where(folder)
            (folder / _THING).rename(self._target(place))
            shutil.rmtree(folder)
            return place

    def empty(self) -> int:
        """Deletes for good what lies there; how many things it was."""
        with self._lock, changing(self._root):
            numbers = self._numbers()
            for number in numbers:
                shutil.rmtree(self._root / str(number))
            return len(numbers)

    def close(self) -> None:
        """Nothing is open."""

    def _numbers(self) -> list[int]:
        try:
            names = [entry.name for entry in self._root.iterdir()]
        except OSError:
            return []
        return [int(name) for name in names if name.isdecimal() and len(name) < 12]

    def _target(self, place: Place) -> Path:
        if place.image:
            folder = self._sets.path(place._replace(image=""))
            return free_path(folder, place.image)
        if place.label:
            target = self._sets.path(Place(place.collection)) / place.label
        else:
            target = self._sets.root / place.collection
        if target.exists():
            raise DataError(
                "own-place-taken",
                "'{name}' cannot be put back: there is another of that name. Rename "
                "that one first.",
                name=place.label or place.collection,
            )
        return target


def _where(folder: Path) -> Place:
    try:
        found = json.loads((folder / _WHERE).read_text("utf-8"))
        place = Place(*(str(found[name]) for name in Place._fields))
        if not place.collection or not all(_leads_down(name) for name in place):
            raise ValueError(place)
        return place
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise DataError(
            "own-trash-empty",
            "What was removed is no longer in the trash, so it cannot be put back.",
        ) from None


def _leads_down(name: str) -> bool:
    """Whether a name is that of something visible in a folder, or of nothing."""
    return shown(name) == name and not name.startswith(".") and "/" not in name
