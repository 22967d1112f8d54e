"""A refusal as plain data and back, so that it keeps its code and both languages.

What crosses to another process, or lies in a cache, is JSON: nothing in it is executed.
"""

import json
from typing import Any

from mirada import errors
from mirada.errors import MiradaError, Phrase

__all__ = ["from_json", "to_json"]

_KINDS = {
    name: kind
    for name in errors.__all__
    if issubclass(kind := getattr(errors, name), MiradaError)
}


def to_json(value: MiradaError | Phrase) -> str:
    """The refusal as one line of ASCII.

    Values that are no text, number, phrase or refusal become their text.

    >>> to_json(Phrase("{n} files", n=2))
    '{"phrase": "{n} files", "values": {"n": 2}}'
    """
    return json.dumps(_plain(value))


def from_json(text: str | bytes) -> Any:
    """The refusal or phrase that `to_json` wrote.

    Raises ValueError for what it cannot have written.

    >>> str(from_json(to_json(Phrase("{n} files", n=2))))
    '2 files'
    """
    try:
        return _rebuilt(json.loads(text))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(str(error)) from None


def _plain(value: object) -> object:
    if isinstance(value, MiradaError):
        return {
            "kind": type(value).__name__,
            "code": value.code,
            "template": value.template,
            "values": _all_plain(value.values),
        }
    if isinstance(value, Phrase):
        return {"phrase": value.template, "values": _all_plain(value.values)}
    if value is None or type(value) in (str, int, float, bool):
        return value
    return str(value)


def _all_plain(values: dict[str, object]) -> dict[str, object]:
    return {name: _plain(value) for name, value in values.items()}


def _rebuilt(plain: object) -> object:
    if not isinstance(plain, dict):
        return plain
    values = {name: _rebuilt(value) for name, value in plain["values"].items()}
    if "phrase" in plain:
        make, words = Phrase, [plain["phrase"]]
    else:
        make, words = _KINDS[plain["kind"]], [plain["code"], plain["template"]]
    return make(*map(_text, words), **values)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text was expected, got {value!r:.80}")
    return value
