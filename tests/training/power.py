"""A disk that remembers what it was asked, to show what a loss of power may leave.

Until a file is synced its content may be there, be missing or be cut; until a folder is
synced its names may be the old ones or the new ones, up to any of its changes.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mirada.training.disk import Disk, Piece

__all__ = ["PoweredDisk"]

Names = dict[str, bytes]


class PoweredDisk(Disk):
    """Writes, and keeps a log of it; `skipped` is the one thing it forgets to do."""

    def __init__(self, skipped: str = "") -> None:
        self.log: list[tuple[Any, ...]] = []
        self._skipped = skipped
        self._files: dict[int, int] = {}
        self._count = 0

    def open(self, path: Path, flags: int) -> int:
        descriptor = super().open(path, flags)
        self._count += 1
        self._files[descriptor] = self._count
        self.log.append(("open", path.name, self._count))
        return descriptor

    def write(self, descriptor: int, piece: Piece) -> int:
        taken = super().write(descriptor, piece)
        content = bytes(piece[:taken])
        self.log.append(("write", self._files[descriptor], content))
        return taken

    def sync(self, descriptor: int) -> None:
        if self._skipped != "sync":
            self.log.append(("sync", self._files[descriptor]))

    def rename(self, old: Path, new: Path) -> None:
        os.replace(old, new)
        self.log.append(("rename", old.name, new.name))

    def sync_folder(self, folder: Path) -> None:
        if self._skipped != "sync_folder":
            self.log.append(("sync_folder",))

    def remove(self, path: Path) -> None:
        super().remove(path)
        self.log.append(("remove", path.name))

    def outcomes(self, length: int) -> Iterator[Names]:
        """What the folder may hold after so many entries of the log."""
        durable: dict[str, int] = {}
        pending: list[tuple[Any, ...]] = []
        content: dict[int, bytes] = {}
        safe: dict[int, int] = {}
        for entry in self.log[:length]:
            if entry[0] == "write":
                content[entry[1]] = content.get(entry[1], b"") + entry[2]
            elif entry[0] == "sync":
                safe[entry[1]] = len(content.get(entry[1], b""))
            elif entry[0] == "sync_folder":
                durable, pending = _changed(durable, pending), []
            else:
                pending.append(entry)
        for kept in range(len(pending) + 1):
            names = _changed(durable, pending[:kept])
            for share in (0.0, 0.5, 1.0):
                yield {
                    name: _left(content.get(file, b""), safe.get(file, 0), share)
                    for name, file in names.items()
                }


def _changed(names: dict[str, int], entries: list[tuple[Any, ...]]) -> dict[str, int]:
    found = dict(names)
    for entry in entries:
        if entry[0] == "open":
            found[entry[1]] = entry[2]
        elif entry[0] == "rename":
            found[entry[2]] = found.pop(entry[1])
        else:
            found.pop(entry[1])
    return found


def _left(content: bytes, safe: int, share: float) -> bytes:
    """The safe part, and of the rest a share: none, a torn half, or all of it."""
    return content[: safe + int((len(content) - safe) * share)]
