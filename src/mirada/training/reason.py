"""Reasons as a file keeps them: in English, and so that they can be told in any.

{"reason": "2 epochs, as asked", "phrase": {"template": "{count} epochs, as asked",
 "values": {"count": 2}}}
"""

from collections.abc import Mapping
from string import Formatter
from typing import Any, NamedTuple

from mirada.errors import Phrase

__all__ = ["plain_reason", "reason_from"]

_DEEPEST = 4


def plain_reason(reason: Phrase | str) -> dict[str, Any]:
    """What a file keeps of a reason.

    >>> plain_reason("of a file")
    {'reason': 'of a file'}
    """
    if not isinstance(reason, Phrase):
        return {"reason": reason}
    return {"reason": _english(reason), "phrase": _plain(reason)}


def reason_from(kept: Mapping[str, Any]) -> Phrase | str:
    """The reason that `plain_reason` wrote; its English where it is no such phrase.

    A template is used only if its fields are names and nothing else, so that a file
    cannot ask for the parts of a value or for a text of any length.

    >>> kept = {"reason": "a", "phrase": {"template": "{x.y}", "values": {"x": 1}}}
    >>> reason_from(kept)
    'a'
    """
    found = _phrase(kept.get("phrase"), _DEEPEST)
    return str(kept["reason"]) if found is None else found


def _english(value: object) -> Any:
    """A phrase in the language of the source, so that a file is the same in any."""
    if not isinstance(value, Phrase):
        return value
    inner = {name: _english(item) for name, item in value.values.items()}
    return value.template.format(**inner)


def _plain(value: object) -> Any:
    if isinstance(value, Phrase):
        values = {name: _plain(item) for name, item in value.values.items()}
        return {"template": value.template, "values": values}
    return value if isinstance(value, int | float | str) else str(value)


class _Kept(NamedTuple):
    """A phrase as a file holds it, of which nothing is known yet."""

    template: Any
    values: Any


def _phrase(kept: object, depth: int) -> Phrase | None:
    if not isinstance(kept, dict) or set(kept) != set(_Kept._fields) or not depth:
        return None
    read = _Kept(**kept)
    if not isinstance(read.template, str) or not isinstance(read.values, dict):
        return None
    found: dict[str, object] = {}
    for name, value in read.values.items():
        inner = _phrase(value, depth - 1) if isinstance(value, dict) else value
        if not isinstance(inner, Phrase | int | float | str):
            return None
        found[name] = inner
    return Phrase(read.template, **found) if _is_simple(read.template, found) else None


def _is_simple(template: str, values: Mapping[str, object]) -> bool:
    """Whether the fields of a template are names of values and nothing else."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError:
        return False
    return all(
        name is None or (name in values and not spec and not conversion)
        for _, name, spec, conversion in parts
    )
