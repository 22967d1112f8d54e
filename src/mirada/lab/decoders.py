"""The processes that decode what a page sends or shows, the same for all rooms."""

import threading

from mirada.data.pool import Decoders
from mirada.lab.lab import Lab

__all__ = ["LabDecoders"]

_WORKERS = 2
"""So that an image which takes long holds up no other room."""


class LabDecoders:
    """Decoders that are started when they are first asked for, and kept."""

    def __init__(self, lab: Lab) -> None:
        self._lock = threading.Lock()
        self._decoders: Decoders | None = None

    def get(self) -> Decoders:
        """The decoders; threads may share them."""
        with self._lock:
            self._decoders = self._decoders or Decoders(workers=_WORKERS)
            return self._decoders

    def close(self) -> None:
        """Ends the processes."""
        with self._lock:
            if self._decoders is not None:
                self._decoders.close()
