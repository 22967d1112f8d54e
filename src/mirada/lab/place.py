"""The state that all rooms share, and whether the lab is there."""

from mirada.lab.asked import Answer, Asked, Work
from mirada.lab.lab import Lab
from mirada.version import __version__

__all__ = ["WORK"]

_MOST_TEXT = 1 << 20


def _here(lab: Lab, asked: Asked) -> Answer:
    return {"version": __version__, "folder": str(lab.workplace.folder)}


def _state(lab: Lab, asked: Asked) -> Answer:
    return lab.workplace.state()


def _change(lab: Lab, asked: Asked) -> Answer:
    names = asked.value.keys() - {"revision"}
    changes = {name: asked.text(name, most=_MOST_TEXT) for name in names}
    return lab.workplace.change(asked.whole("revision", 0, 1 << 53), changes)


WORK = (
    Work("GET", "/api/here", _here),
    Work("GET", "/api/state", _state),
    Work("PUT", "/api/state", _change, most_bytes=4 << 20),
)
