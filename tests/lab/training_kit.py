"""A lab's training without a browser: asked for, and waited for."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mirada.lab.asked import Asked
from mirada.lab.lab import Lab
from mirada.lab.trainer import Trainer
from mirada.lab.training import WORK

__all__ = ["asked", "ended", "reached", "waited"]

PATIENCE_S = 60.0


def asked(lab: Lab, method: str, path: str, **value: Any) -> Any:
    """What the room answers; `path` may name a run."""
    for work in WORK:
        pieces, given = work.path.split("/"), path.split("/")
        fits = len(pieces) == len(given) and all(
            a == b or a.startswith("{") for a, b in zip(pieces, given, strict=True)
        )
        if fits and work.method == method:
            fields = {
                a.strip("{}"): b
                for a, b in zip(pieces, given, strict=True)
                if a.startswith("{")
            }
            return work.does(lab, Asked(path=fields, value=value))
    raise AssertionError(f"nothing at {method} {path}")


def waited(found: Callable[[], Any], seconds: float = PATIENCE_S) -> Any:
    """What a function gives as soon as that is something true."""
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, "nothing came"
        time.sleep(0.01)
    return value


def reached(lab: Lab, *states: str) -> dict[str, Any]:
    """The training as it is once it has come to one of these states."""
    story = lab.part(Trainer).story
    waited(lambda: story.state in states)
    return story.whole()


def ended(lab: Lab) -> Path:
    """The folder of the run that goes on, once it has ended."""
    found = reached(lab, "ended", "failed", "killed", "stopped")
    assert found["state"] == "ended", found["error"]
    return lab.workplace.runs / str(found["run"])
