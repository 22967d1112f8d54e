"""Everything a process asks of the disk about one folder, counted, and made to fail.

What goes through `Disk` is counted there; what passes it by is seen by the interpreter
itself (`sys.addaudithook`), so that no operation on a name is forgotten.
"""

import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mirada.training.disk import Disk

__all__ = ["WatchedFolder"]

_OPERATIONS = ("open", "write", "sync", "close", "rename", "sync_folder", "remove")
_EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class WatchedFolder:
    """Counts the operations on a folder in this process, for as long as it lives.

    Operation number `place` fails with the errno `number`; with `ever` all after it do
    too. With `stops` this process is sent the signal `number` there instead.
    """

    def __init__(
        self,
        folder: Path,
        place: int = 0,
        number: int = 0,
        *,
        ever: bool = False,
        stops: bool = False,
    ) -> None:
        self.done: list[str] = []
        self._folder = os.fspath(folder)
        self._place, self._number, self._ever = place, number, ever
        self._stops, self._inside = stops, False
        self._names: dict[int, str] = {}
        for name in _OPERATIONS:
            setattr(Disk, name, self._counted(name, getattr(Disk, name)))
        sys.addaudithook(self._audited)

    def _counted(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def counted(disk: Disk, *given: Any) -> Any:
            told = f"{name} {self._name(given[0])}"
            if name != "close":
                self._ask(told)
            self._inside = True
            try:
                found = method(disk, *given)
            finally:
                self._inside = False
            if name == "close":
                self._ask(told)
            if name == "open":
                self._names[found] = self._name(given[0])
            return found

        return counted

    def _name(self, given: Path | int) -> str:
        """The name of a file, without numbers, by its path or its descriptor."""
        if isinstance(given, int):
            return self._names.get(given, "?")
        return re.sub(r"\d+", "0", given.name).removesuffix(".part")

    def _audited(self, event: str, given: tuple[Any, ...]) -> None:
        if event not in _EVENTS or self._inside:
            return
        path = given[0]
        if not isinstance(path, str | Path) or not os.fspath(path).startswith(
            self._folder
        ):
            return
        if event != "open" or _is_write(*given[1:]):
            self._ask(f"{event} {self._name(Path(path))}")

    def _ask(self, name: str) -> None:
        self.done.append(name)
        here = len(self.done)
        if here == self._place and self._stops:
            signal.raise_signal(self._number)
        elif here == self._place or (self._ever and here > self._place > 0):
            raise OSError(self._number, os.strerror(self._number))


def _is_write(mode: object, flags: object) -> bool:
    by_flags = isinstance(flags, int) and flags & _WRITES
    return bool(by_flags) or (
        isinstance(mode, str) and not set("wax+").isdisjoint(mode)
    )
