"""A disk that remembers what it was asked, to show what a loss of power may leave.

Until a file is synced its bytes may be there, be missing, be cut or be zeros; until a
folder is synced any of its changes may have reached the disk, and others not.
"""

import os
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from mirada.training.disk import Disk, Piece

__all__ = ["Entry", "PoweredDisk", "State"]

SECTOR = 512


class Entry(NamedTuple):
    """One thing a disk was asked: `file` is the number of what a name stands for."""

    kind: str
    name: str = ""
    file: int = 0
    content: bytes = b""
    is_real: bool = True
    """Whether it was done; the writer believes so in any case."""


class PoweredDisk(Disk):
    """Writes, and keeps a log of it; `skipped` is the one thing it forgets to do."""

    def __init__(self, skipped: str = "") -> None:
        self.log: list[Entry] = []
        self._skipped = skipped
        self._open: dict[int, int] = {}
        self._names: dict[str, int] = {}
        self._count = 0

    def open(self, path: Path, flags: int) -> int:
        descriptor = super().open(path, flags)
        if flags & os.O_TRUNC or path.name not in self._names:
            self._count += 1
            self._names[path.name] = self._count
            self.log.append(Entry("link", path.name, self._count))
        self._open[descriptor] = self._names[path.name]
        return descriptor

    def write(self, descriptor: int, piece: Piece) -> int:
        taken = super().write(descriptor, piece)
        content = bytes(memoryview(piece).cast("B")[:taken])
        self.log.append(Entry("write", "", self._open[descriptor], content))
        return taken

    def sync(self, descriptor: int) -> None:
        file, is_real = self._open[descriptor], self._skipped != "sync"
        self.log.append(Entry("sync", "", file, is_real=is_real))

    def rename(self, old: Path, new: Path) -> None:
        os.replace(old, new)
        file = self._names[new.name] = self._names.pop(old.name)
        self.log.append(Entry("remove", old.name))
        self.log.append(Entry("link", new.name, file))

    def sync_folder(self, folder: Path) -> None:
        is_real = self._skipped != "sync_folder"
        self.log.append(Entry("sync_folder", is_real=is_real))

    def remove(self, path: Path) -> None:
        super().remove(path)
        self._names.pop(path.name, None)
        self.log.append(Entry("remove", path.name))


@dataclass
class State:
    """What is surely on the disk after a part of the log, and what may be."""

    names: dict[str, int] = field(default_factory=dict)
    """What surely has which name."""
    pending: list[Entry] = field(default_factory=list)
    content: dict[int, bytes] = field(default_factory=dict)
    safe: dict[int, int] = field(default_factory=dict)
    """How many bytes of a file are surely there."""

    def take(self, entry: Entry) -> None:
        """Goes on by one entry of the log."""
        if entry.kind == "write":
            before = self.content.get(entry.file, b"")
            self.content[entry.file] = before + entry.content
        elif entry.kind == "sync":
            self.safe[entry.file] = len(self.content.get(entry.file, b""))
        elif entry.kind == "sync_folder":
            self.names, self.pending = _changed(self.names, self.pending), []
        else:
            self.pending.append(entry)

    def versions(self, name: str) -> list[bytes | None]:
        """The contents a name may have, whole; None where it may be missing."""
        found = [self.names.get(name)]
        for end in range(1, len(self.pending) + 1):
            file = _changed(self.names, self.pending[:end]).get(name)
            found += [file] if file not in found else []
        return [None if f is None else self.content.get(f, b"") for f in found]

    def drawn(self, draw: random.Random) -> dict[str, bytes]:
        """A folder as it may be found: every file and every change by its own luck."""
        mode = draw.randrange(4)
        kept = self.pending
        if mode == 0:
            kept = []
        elif mode == 1:
            kept = kept[: draw.randint(0, len(kept))]
        elif mode == 2:
            kept = [entry for entry in kept if draw.random() < 0.5]
        names = _changed(self.names, kept)
        return {
            name: _left(self.content.get(file, b""), self.safe.get(file, 0), draw)
            for name, file in sorted(names.items())
        }


def _changed(names: dict[str, int], entries: list[Entry]) -> dict[str, int]:
    found = dict(names)
    for entry in entries:
        if entry.kind == "link":
            found[entry.name] = entry.file
        else:
            found.pop(entry.name, None)
    return found


def _left(content: bytes, safe: int, draw: random.Random) -> bytes:
    """The safe part, and of the rest none, all, a torn part, or zeros in sectors."""
    rest = content[safe:]
    match draw.randrange(4):
        case 0:
            return content[:safe]
        case 1:
            return content
        case 2:
            return content[: safe + draw.randint(0, len(rest))]
    torn = bytearray(content)
    for start in range(safe - safe % SECTOR, len(content), SECTOR):
        first, end = max(start, safe), min(start + SECTOR, len(content))
        if draw.random() < 0.5:
            torn[first:end] = bytes(end - first)
    return bytes(torn)
