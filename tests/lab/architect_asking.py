"""How the tests ask the architect's work, without a server."""

import json
from pathlib import Path
from typing import Any

from mirada.lab.architect import WORK
from mirada.lab.asked import Asked
from mirada.lab.lab import Lab

__all__ = ["ask", "check_refused", "edit"]

_WORK = {work.path.rpartition("/")[2]: work.does for work in WORK}
_LAB = Lab(Path("nowhere"))


def ask(work: str, /, **values: Any) -> Any:
    """What the room answers, as JSON carries it."""
    found = _WORK[work](_LAB, Asked(value=json.loads(json.dumps(values))))
    return json.loads(json.dumps(found, allow_nan=False))


def edit(text: str, do: str, /, **values: Any) -> Any:
    return ask("edit", text=text, edit={"do": do, **values})


def check_refused(code: str, *words: str, told: Any) -> None:
    """It was answered in words, under its code, that this cannot be."""
    assert told["refused"]["code"] == code
    assert all(word in told["refused"]["message"] for word in words), told
