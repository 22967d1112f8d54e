"""A description's text with something in it changed, and everything else as it was."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from mirada.errors import DescriptionError, TextError
from mirada.lab.architect_draft import Draft
from mirada.lab.architect_list import with_layers
from mirada.network.file import json_table, toml_table

__all__ = ["as_toml", "unreadable", "with_items", "with_value"]

Items = Sequence[tuple[int | None, object]]


def with_items(draft: Draft, items: Items) -> str:
    """The text with other layers: each with the number of the one that it was."""
    table = {**_table(draft), "layers": [item for _, item in items]}
    if draft.list is None or draft.form == "lines":
        return _anew(draft, table)
    pieces = [(number, _kept(draft, number, item)) for number, item in items]
    return _checked(draft, with_layers(draft.list, pieces), table)


def with_value(draft: Draft, key: str, value: str) -> str:
    """The text with another name or input."""
    table = {**_table(draft), key: value}
    if draft.form != "toml":
        return _anew(draft, table)
    line = f"{key} = {_text(value)}"
    pattern = rf"^[ \t]*{key}[ \t]*=[ \t]*(\"[^\"\n]*\"|'[^'\n]*'|\[[^\]\n]*\])"
    text, count = re.subn(pattern, lambda _: line, draft.text, count=1, flags=re.M)
    return _checked(draft, text if count else f"{line}\n{text}", table)


def as_toml(draft: Draft) -> str:
    """The text as TOML, whatever its form."""
    return draft.text if draft.form == "toml" else _toml(_table(draft))


def _table(draft: Draft) -> Mapping[str, Any]:
    if draft.table is None:
        raise unreadable()
    return draft.table


def unreadable() -> TextError:
    """Why nothing in a text can be changed but by hand."""
    return TextError(
        "architect-unreadable",
        "The text has to be read before it can be changed here: correct it first, or "
        "undo what was typed.",
    )


def _kept(draft: Draft, number: int | None, item: object) -> str:
    """A layer's text: as it stands where it is the same, else anew."""
    if number is not None and draft.list is not None and item is draft.items[number]:
        return draft.list.slots[number].item
    return json.dumps(item) if draft.form == "json" else _value(item)


def _checked(draft: Draft, text: str, table: Mapping[str, Any]) -> str:
    """The text if it says just that; else all of it written anew."""
    try:
        found = json_table(text) if draft.form == "json" else toml_table(text)
    except DescriptionError:
        found = None
    return text if found == table else _anew(draft, table)


def _anew(draft: Draft, table: Mapping[str, Any]) -> str:
    if draft.form != "json":
        return _toml(table)
    return json.dumps(table, indent=2, ensure_ascii=False) + "\n"


def _toml(table: Mapping[str, Any]) -> str:
    """A description in TOML, a layer on each line, the recipe at the end."""
    order = ("schema", "name", "input", "layers")
    first = [key for key in order if key in table]
    rest = [key for key in table if key not in order]
    lines = [f"{_key(key)} = {_listed(key, table[key])}" for key in first]
    for key in rest:
        value = table[key]
        if not isinstance(value, dict):
            lines.append(f"{_key(key)} = {_value(value)}")
    for key in rest:
        if isinstance(table[key], dict):
            inside = table[key].items()
            lines += ["", f"[{_key(key)}]"]
            lines += [f"{_key(name)} = {_value(value)}" for name, value in inside]
    return "\n".join(lines) + "\n"


def _listed(key: str, value: object) -> str:
    if key == "input" and isinstance(value, list):
        whole = all(type(n) is int and n >= 0 for n in value)
        return _text("x".join(map(str, value))) if whole and value else _value(value)
    if key != "layers" or not isinstance(value, list):
        return _value(value)
    return "\n".join(["[", *(f"  {_value(item)}," for item in value), "]"])


def _value(value: object) -> str:
    """A value as TOML has it, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        inside = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return _text(value) if isinstance(value, str) else str(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(key: object) -> str:
    text = str(key)
    return text if re.fullmatch(r"[A-Za-z0-9_-]+", text) else _text(text)
