"""The architect: a description read, computed, explained, and edited."""

import json
from collections.abc import Callable, Mapping

from mirada import models
from mirada.errors import DescriptionError, UsageError
from mirada.export import python_source, torch_source
from mirada.lab.architect_answer import answer
from mirada.lab.architect_draft import MOST_TEXT, Draft, read_draft
from mirada.lab.architect_edits import edited
from mirada.lab.architect_fields import kinds
from mirada.lab.architect_models import families
from mirada.lab.asked import Answer, Asked, Work
from mirada.lab.lab import Lab
from mirada.network import Shape
from mirada.network.file import to_plain, to_toml
from mirada.network.graph import check_input

__all__ = ["WORK"]

_MOST_CLASSES = 1 << 20


def _start(lab: Lab, asked: Asked) -> Answer:
    """What the room offers: kinds of layers, and networks to start from."""
    return {"kinds": list(kinds()), "families": families()}


def _describe(lab: Lab, asked: Asked) -> Answer:
    return answer(_draft(asked), _chosen(asked))


def _edit(lab: Lab, asked: Asked) -> Answer:
    edit = asked.value.get("edit")
    if not isinstance(edit, dict):
        raise UsageError("architect-edit", "An edit is an object that says what to do.")
    try:
        text = edited(_draft(asked), Asked(value=edit))
    except DescriptionError as error:
        return _refused(error)
    return answer(read_draft(text), _chosen(asked))


def _refused(error: DescriptionError) -> Answer:
    """What a person may well ask for and cannot have: an answer, not a failure."""
    return {"refused": {"code": error.code, "message": str(error)}}


def _model(lab: Lab, asked: Asked) -> Answer:
    """A known network, for another input or number of classes where these are given."""
    classes = asked.value.get("classes")
    name, shape = asked.text("name", most=100), asked.text("input", "", most=100)
    try:
        network = models.build(
            name,
            _shape(shape),
            None if classes is None else asked.whole("classes", 1, _MOST_CLASSES),
        )
    except DescriptionError as error:
        return _refused(error)
    return answer(read_draft(to_toml(network)))


def _code(lab: Lab, asked: Asked) -> Answer:
    """The network in another language; one that is impossible has none."""
    draft = _draft(asked)
    if draft.refusal is not None:
        return _refused(draft.refusal)
    assert draft.network is not None
    language = asked.choice("language", tuple(_CODES))
    suffix, write = _CODES[language]
    return {"code": write(draft), "name": f"{draft.network.name}{suffix}"}


def _draft(asked: Asked) -> Draft:
    return read_draft(asked.text("text", most=MOST_TEXT))


def _chosen(asked: Asked) -> int | None:
    given = asked.value.get("chosen")
    return None if given is None else asked.whole("chosen", 0, 1 << 20)


def _shape(text: str) -> Shape | None:
    """A shape as it is written; what is none is refused as a network's input is."""
    if not text.strip():
        return None
    parts = text.strip().replace("×", "x").split("x")
    is_whole = all(p.isascii() and p.isdigit() and len(p) < 10 for p in parts)
    return check_input(tuple(map(int, parts)) if is_whole else text.strip())


def _toml(draft: Draft) -> str:
    assert draft.network is not None
    return to_toml(draft.network, draft.recipe)


def _json(draft: Draft) -> str:
    """A line for each layer, as a person reads it."""
    assert draft.network is not None
    plain = to_plain(draft.network, draft.recipe)
    layers = ",\n".join(f"    {json.dumps(layer)}" for layer in plain["layers"])
    lines = [
        f"  {json.dumps(key)}: " + (f"[\n{layers}\n  ]" if key == "layers" else value)
        for key, value in ((k, json.dumps(v)) for k, v in plain.items())
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _python(draft: Draft) -> str:
    assert draft.network is not None
    return python_source(draft.network)


def _torch(draft: Draft) -> str:
    assert draft.network is not None
    return torch_source(draft.network)


_CODES: Mapping[str, tuple[str, Callable[[Draft], str]]] = {
    "toml": (".toml", _toml),
    "json": (".json", _json),
    "python": (".py", _python),
    "torch": ("_torch.py", _torch),
}

_MOST_BYTES = 8 * MOST_TEXT

WORK: tuple[Work, ...] = (
    Work("GET", "/api/architect", _start),
    Work("POST", "/api/architect/describe", _describe, most_bytes=_MOST_BYTES),
    Work("POST", "/api/architect/edit", _edit, most_bytes=_MOST_BYTES),
    Work("POST", "/api/architect/model", _model),
    Work("POST", "/api/architect/code", _code, most_bytes=_MOST_BYTES),
)
