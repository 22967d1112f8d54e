"""Events from a trainer to its lab: one JSON object a line, never in training's way."""

import json
import os
import queue
import threading
from contextlib import suppress
from typing import Any

from mirada.errors import MiradaError, Phrase
from mirada.language import LANGUAGES, speaking

__all__ = ["Teller", "in_languages", "refusal"]

_MOST_WAITING = 400
_DROPPED = ("steps", "pictures")
"""What need not be told where the lab is slow to listen: more of it comes."""
_LAST_S = 1.0


class Teller:
    """Writes events in a thread of its own, so that who trains waits for nobody."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def tell(self, kind: str, /, **values: Any) -> None:
        """Tells of something that happened."""
        if kind in _DROPPED and self._waiting.qsize() > _MOST_WAITING:
            return
        plain = {"kind": kind, **values}
        text = json.dumps(plain, separators=(",", ":"), allow_nan=False)
        self._waiting.put(text.encode() + b"\n")

    def close(self) -> None:
        """Waits until all is told, but not for long."""
        self._waiting.put(None)
        self._thread.join(_LAST_S)

    def _write(self) -> None:
        while (text := self._waiting.get()) is not None:
            with suppress(OSError):  # Nobody listens: the end of stdin says so, too.
                while text:
                    text = text[os.write(self._descriptor, text) :]


def in_languages(text: object) -> dict[str, str]:
    """A message in every language that somebody may follow in.

    >>> in_languages("runs/a")
    {'en': 'runs/a', 'es': 'runs/a'}
    """
    found = {}
    for language in LANGUAGES:
        with speaking(language):
            found[language] = str(text)
    return found


def refusal(error: BaseException) -> dict[str, Any]:
    """What is told of an error: code, exit code, message."""
    if isinstance(error, MiradaError):
        about = {"code": error.code, "exit_code": error.exit_code}
        return {**about, "message": in_languages(error)}
    if isinstance(error, MemoryError):
        text = Phrase("There is not enough memory. A smaller batch needs less.")
        return {"code": "memory", "exit_code": 5, "message": in_languages(text)}
    text = Phrase("A bug of mirada's ended the training: {error}", error=repr(error))
    return {"code": "bug", "exit_code": 1, "message": in_languages(text)}
