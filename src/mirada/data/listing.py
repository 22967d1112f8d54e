"""What a source holds before anything is decoded: images to try, and what is left out.

Every source of encoded images (folders, tables, archives) comes to a `Listing`; from
there on all are one thing (see `listed.load_listing`).
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mirada.data.dataset import Part, Skipped
from mirada.data.encoded import Content, Encoded
from mirada.data.naming import shown, shown_path
from mirada.errors import DataError, MiradaError, Phrase

__all__ = [
    "Content",
    "Encoded",
    "Found",
    "Listing",
    "Reader",
    "class_order",
    "groups_known",
]


@dataclass(frozen=True)
class Found:
    """An encoded image to try: where it is, how it is shown, its class, what it is for.

    `path` is that of a file; what lies in an archive or a table has that of the archive
    or table, `place` says where in it, and the listing knows how to read it. `group`
    names what must not be torn between parts, a person for instance, where it is known.
    """

    path: str
    name: str
    label: str
    part: Part
    group: str | None = None
    place: int = 0


Reader = Callable[[Sequence[Found]], Iterator[Encoded]]
"""Gives each of some images of a listing as a decoder takes it, in their order."""


@dataclass
class Listing:
    """The images to try, and the files and folders left out so far.

    `reader` reads what is no file of its own; `in_sequence` says that reading a later
    image costs as much as reading all before it. `notes` tell what was chosen.
    """

    root: Path
    most: int
    files: list[Found] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    has_parts: bool = False
    has_folders: bool = False
    reader: Reader | None = None
    in_sequence: bool = False
    notes: list[Phrase] = field(default_factory=list)

    def encoded(self) -> Iterator[Encoded]:
        """Each of `files` as a decoder takes it, in their order; may be asked again."""
        return self._read(self.files)

    def sampled(self, most: int) -> Iterator[Encoded]:
        """Up to `most` of `files`, spread over all of them where that is cheap.

        Of an archive that must be read from its beginning, the first.
        """
        if self.in_sequence:
            return self._read(self.files[:most])
        return self._read(self.files[:: max(1, -(-len(self.files) // most))])

    def leave(self, path: str, reason: MiradaError, *, name: str | None = None) -> None:
        """Records what is not used; `name`, as it is shown, where it is no path."""
        text = self.relative(path) if name is None else name
        self.skipped.append(Skipped(text, reason))
        self._count()

    def add(
        self,
        path: str,
        label: str,
        part: Part,
        *,
        name: str | None = None,
        group: str | None = None,
        place: int = 0,
    ) -> None:
        """Records an image that will be tried; `name` as for `leave`."""
        text = self.relative(path) if name is None else name
        together = None if group is None else shown(group)
        self.files.append(Found(path, text, shown(label), part, together, place))
        self._count()

    def relative(self, path: str) -> str:
        """The path from the root on, as text."""
        return shown_path(path.removeprefix(os.path.join(self.root, "")))

    def _read(self, files: Sequence[Found]) -> Iterator[Encoded]:
        if self.reader is not None:
            return self.reader(files)
        return (file.path for file in files)

    def _count(self) -> None:
        if len(self.files) + len(self.skipped) > self.most:
            raise DataError(
                "folder-too-large",
                "'{folder}' holds more than {most} files. Use fewer, or raise the "
                "limit.",
                folder=shown_path(self.root),
                most=self.most,
            )


def class_order(labels: Iterable[str]) -> tuple[str, ...]:
    """The different labels as class names: by name, or by size where all are numbers.

    >>> class_order(["dog", "cat", "dog"]), class_order(["10", "9", "08"])
    (('cat', 'dog'), ('08', '9', '10'))
    """
    names = set(labels)
    if all(name.isascii() and name.isdigit() and len(name) < 19 for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))
    return tuple(sorted(names))


def groups_known(files: Sequence[Found]) -> tuple[str, ...] | None:
    """The group of each image, its own name where it has none; None where none has."""
    if all(file.group is None for file in files):
        return None
    return tuple(file.name if file.group is None else file.group for file in files)
