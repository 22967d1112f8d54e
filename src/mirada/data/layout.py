"""What the folders around an image mean: its class, and the part it is for."""

from collections import Counter
from collections.abc import Sequence

from mirada.data.dataset import Part
from mirada.errors import DataError

__all__ = ["PARTS", "hidden", "lay_out", "top_folder", "without_class"]

PARTS = {
    "train": Part.TRAIN,
    "training": Part.TRAIN,
    "val": Part.VALIDATION,
    "valid": Part.VALIDATION,
    "validation": Part.VALIDATION,
    "test": Part.TEST,
    "testing": Part.TEST,
}

_Path = tuple[str, ...]


def top_folder(paths: Sequence[_Path]) -> _Path:
    """The folders that all images lie in, which mean nothing.

    A folder is such when it is the only one, holds folders, and is not "train".

    >>> top_folder([("set", "cat", "1.png"), ("set", "dog", "1.png"), ("README",)])
    ('set',)
    """
    top: _Path = ()
    while True:
        depth = len(top)
        inner = [
            path for path in paths if path[:depth] == top and len(path) > depth + 1
        ]
        names = {path[depth] for path in inner}
        if len(names) != 1 or all(len(path) == depth + 2 for path in inner):
            return top
        (name,) = names
        if PARTS.get(name.casefold()) == Part.TRAIN:
            return top
        top = (*top, name)


def lay_out(paths: Sequence[_Path]) -> list[tuple[str, Part] | None]:
    """Class and part of each file by its folders; None where it lies in none.

    >>> lay_out([("cat", "1.png"), ("dog", "b", "1.png"), ("notes.txt",)])
    [('cat', <Part.TRAIN: 0>), ('dog', <Part.TRAIN: 0>), None]
    """
    depth = len(top_folder(paths))
    inside = [path[depth:] for path in paths]
    has_parts = _are_parts(inside)
    return [_place(path, has_parts) for path in inside]


def _are_parts(paths: Sequence[_Path]) -> bool:
    """The same rule as that of a folder on disk (see `scan`)."""
    folders = Counter(path[0] for path in paths if len(path) > 1)
    parts = {name: PARTS.get(name.casefold()) for name in folders}
    if None in parts.values() or Part.TRAIN not in parts.values():
        return False
    return any(len(path) > 2 and parts[path[0]] == Part.TRAIN for path in paths)


def _place(path: _Path, has_parts: bool) -> tuple[str, Part] | None:
    part = Part.TRAIN
    if has_parts and len(path) > 1:
        part, path = PARTS[path[0].casefold()], path[1:]
    return (path[0], part) if len(path) > 1 else None


def hidden(name: str) -> DataError:
    """The reason against a file or folder whose name begins with a dot."""
    return DataError(
        "file-hidden",
        "'{file}' is hidden: its name begins with a dot. Rename it if it is meant.",
        file=name,
    )


def without_class(name: str) -> DataError:
    """The reason against a file beside the class folders."""
    return DataError(
        "file-without-class",
        "'{file}' lies in no class folder, so its class is not known. Move it into "
        "the folder of its class.",
        file=name,
    )
