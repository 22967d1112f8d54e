"""What a source holds before anything is decoded: images to try, and what is left out.

Every source of encoded images (folders, tables, archives) comes to a `Listing`; from
there on all are one thing (see `listed.load_listing`).
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from mirada.data.dataset import Part, Skipped
from mirada.data.naming import shown, shown_path
from mirada.errors import DataError, MiradaError

__all__ = ["Content", "Encoded", "Found", "Listing"]


class Content(NamedTuple):
    """An encoded image that is no file of its own: what it is called, and its bytes."""

    name: str
    data: bytes


Encoded = str | Content
"""An encoded image: the path of a plain file, or its content."""


@dataclass(frozen=True)
class Found:
    """An encoded image to try: where it is, how it is shown, its class, what it is for.

    `path` is that of a file; what lies in an archive has that of the archive, and the
    listing knows how to read it.
    """

    path: str
    name: str
    label: str
    part: Part


@dataclass
class Listing:
    """The images to try, and the files and folders left out so far."""

    root: Path
    most: int
    files: list[Found] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    has_parts: bool = False
    has_folders: bool = False

    def encoded(self) -> Iterator[Encoded]:
        """Each of `files` as a decoder takes it, in their order; may be asked again."""
        return (file.path for file in self.files)

    def leave(self, path: str, reason: MiradaError) -> None:
        """Records what is not used."""
        self.skipped.append(Skipped(self.relative(path), reason))
        self._count()

    def add(self, path: str, label: str, part: Part) -> None:
        """Records a file that will be tried."""
        self.files.append(Found(path, self.relative(path), shown(label), part))
        self._count()

    def relative(self, path: str) -> str:
        """The path from the root on, as text."""
        return shown_path(path.removeprefix(os.path.join(self.root, "")))

    def _count(self) -> None:
        if len(self.files) + len(self.skipped) > self.most:
            raise DataError(
                "folder-too-large",
                "'{folder}' holds more than {most} files. Use fewer, or raise the "
                "limit.",
                folder=shown_path(self.root),
                most=self.most,
            )
