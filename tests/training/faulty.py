"""Disks that fail, are watched, or end the process, at a place a test names."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

from mirada.training.disk import Disk, Piece

__all__ = ["CountingDisk", "FailingDisk", "KillingDisk", "OutOfLuckError"]


class OutOfLuckError(OSError):
    """What a failing disk raises."""


class CountingDisk(Disk):
    """A disk that keeps the names of what it was asked to do, and asks first."""

    def __init__(self, before: Callable[[int, str], None] | None = None) -> None:
        self.done: list[str] = []
        self._before = before or (lambda place, name: None)

    def _count(self, name: str) -> None:
        self.done.append(name)
        self._before(len(self.done), name)

    def open(self, path: Path, flags: int) -> int:
        self._count("open")
        return super().open(path, flags)

    def write(self, descriptor: int, piece: Piece) -> int:
        self._count("write")
        return super().write(descriptor, piece)

    def sync(self, descriptor: int) -> None:
        self._count("sync")
        super().sync(descriptor)

    def close(self, descriptor: int) -> None:
        super().close(descriptor)
        self._count("close")

    def rename(self, old: Path, new: Path) -> None:
        self._count("rename")
        super().rename(old, new)

    def sync_folder(self, folder: Path) -> None:
        self._count("sync_folder")
        super().sync_folder(folder)

    def remove(self, path: Path) -> None:
        self._count("remove")
        super().remove(path)


class FailingDisk(CountingDisk):
    """A disk whose operation number `place` fails, counted from 1."""

    def __init__(self, place: int, number: int) -> None:
        super().__init__(self._fail)
        self._place, self._number = place, number
        self.fired = False

    def _fail(self, place: int, name: str) -> None:
        if place == self._place:
            self.fired = True
            raise OutOfLuckError(self._number, os.strerror(self._number))


class KillingDisk(CountingDisk):
    """A disk that kills the process, by SIGKILL, before operation number `place`.

    `halfway` a write is killed when half of it is done.
    """

    def __init__(self, place: int, *, halfway: bool = False) -> None:
        super().__init__(self._kill)
        self._place, self._halfway = place, halfway

    def write(self, descriptor: int, piece: Piece) -> int:
        if self._halfway and len(self.done) + 1 == self._place:
            os.write(descriptor, memoryview(piece).cast("B")[: len(piece) // 2])
        return super().write(descriptor, piece)

    def _kill(self, place: int, name: str) -> None:
        if place == self._place:
            os.kill(os.getpid(), signal.SIGKILL)
