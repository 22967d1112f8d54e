"""The lab while it is open: its place on disk, and what its rooms keep in memory."""

import threading
import time
from pathlib import Path
from typing import Any, Protocol, TypeVar

from mirada.errors import ConfigurationError
from mirada.lab.workplace import Workplace

__all__ = ["Lab", "Part"]


class Part(Protocol):
    """What a room keeps while the lab is open, such as a trainer."""

    def __init__(self, lab: "Lab") -> None: ...

    def close(self) -> None:
        """Ends what it has begun; called once, when the lab closes.

        It has about a second: the program ends then, whether it has returned or not.
        """


P = TypeVar("P", bound=Part)


class Lab:
    """What the requests to one lab have in common; every thread may ask it."""

    def __init__(self, folder: Path) -> None:
        self.workplace = Workplace(folder)
        self._parts: dict[type[Any], Any] = {}
        self._lock = threading.RLock()
        self._is_closed = False

    def part(self, kind: type[P]) -> P:
        """The one part of its kind, made when it is first asked for.

        Raises ConfigurationError (`lab-closing`) when the lab has been closed.
        """
        with self._lock:
            if self._is_closed:
                raise ConfigurationError("lab-closing", "The lab is being closed.")
            if kind not in self._parts:
                self._parts[kind] = kind(self)
            found: P = self._parts[kind]
            return found

    def close(self, within_s: float = 10.0) -> None:
        """Closes every part, all at once; those that take longer are left alone."""
        end = time.monotonic() + within_s
        self._is_closed = True
        if not self._lock.acquire(timeout=within_s):
            return
        try:
            parts, self._parts = list(self._parts.values()), {}
        finally:
            self._lock.release()
        threads = [threading.Thread(target=each.close, daemon=True) for each in parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
