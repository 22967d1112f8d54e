"""The state that all rooms share, and whether the lab is there."""

from typing import Any

from mirada.errors import UsageError
from mirada.lab.asked import Answer, Asked, Work
from mirada.lab.lab import Lab
from mirada.lab.training_order import read_options
from mirada.version import __version__

__all__ = ["WORK"]

_MOST_TEXT = 1 << 20


def _here(lab: Lab, asked: Asked) -> Answer:
    return {"version": __version__, "folder": str(lab.workplace.folder)}


def _state(lab: Lab, asked: Asked) -> Answer:
    return lab.workplace.state()


def _change(lab: Lab, asked: Asked) -> Answer:
    names = asked.value.keys() - {"revision"}
    changes: dict[str, Any] = {
        name: asked.text(name, most=_MOST_TEXT) for name in names - {"options"}
    }
    if "options" in names:
        changes["options"] = _options(asked.value["options"])
    return lab.workplace.change(asked.whole("revision", 0, 1 << 53), changes)


def _options(value: object) -> dict[str, Any]:
    """What was chosen of a training; refused as the training itself would be."""
    if not isinstance(value, dict):
        raise UsageError(
            "options-shape", "The options of a training must be an object of names."
        )
    read_options(value)
    return value


WORK = (
    Work("GET", "/api/here", _here),
    Work("GET", "/api/state", _state),
    Work("PUT", "/api/state", _change, most_bytes=4 << 20),
)
