"""How the tests ask the architect's work, without a server."""

import json
from pathlib import Path
from typing import Any

from mirada.lab.architect import WORK
from mirada.lab.asked import Asked
from mirada.lab.lab import Lab
from mirada.network import Layer, Network

__all__ = ["ask", "check_refused", "edit", "structure"]

_WORK = {work.path.rpartition("/")[2]: work.does for work in WORK}
_LAB = Lab(Path("nowhere"))


def ask(work: str, /, **values: Any) -> Any:
    """What the room answers, as JSON carries it."""
    found = _WORK[work](_LAB, Asked(value=json.loads(json.dumps(values))))
    return json.loads(json.dumps(found, allow_nan=False))


def edit(text: str, do: str, /, **values: Any) -> Any:
    """What the room answers to an edit."""
    return ask("edit", text=text, edit={"do": do, **values})


def structure(network: Network) -> list[tuple[Layer, list[int]]]:
    """Each layer, and the places of what it reads; the input is at -1."""
    places = {node.name: place for place, node in enumerate(network.nodes)}
    return [
        (node.layer, [places.get(name, -1) for name in node.inputs])
        for node in network.nodes
    ]


def check_refused(code: str, *words: str, told: Any) -> None:
    """It was answered in words, under its code, that this cannot be."""
    assert told["refused"]["code"] == code
    assert all(word in told["refused"]["message"] for word in words), told
