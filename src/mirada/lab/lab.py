"""The lab while it is open: its place on disk, and what its rooms keep in memory."""

import threading
from pathlib import Path
from typing import Any, Protocol, TypeVar

from mirada.lab.workplace import Workplace

__all__ = ["Lab", "Part"]


class Part(Protocol):
    """What a room keeps while the lab is open, such as a trainer."""

    def __init__(self, lab: "Lab") -> None: ...

    def close(self) -> None:
        """Ends what it has begun; called once, when the lab closes."""


P = TypeVar("P", bound=Part)


class Lab:
    """What the requests to one lab have in common; every thread may ask it."""

    def __init__(self, folder: Path) -> None:
        self.workplace = Workplace(folder)
        self._parts: dict[type[Any], Any] = {}
        self._lock = threading.RLock()

    def part(self, kind: type[P]) -> P:
        """The one part of its kind, made when it is first asked for."""
        with self._lock:
            if kind not in self._parts:
                self._parts[kind] = kind(self)
            found: P = self._parts[kind]
            return found

    def close(self) -> None:
        """Closes every part."""
        with self._lock:
            for part in self._parts.values():
                part.close()
            self._parts.clear()
