"""A description as a TOML or JSON file: a network and, if wanted, its recipe.

Reading trusts nothing: sizes are bounded, unknown keys refused, and a wrong layer is
named with its line.
"""

import json
import re
import stat
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

from mirada.errors import DescriptionError, Phrase, StorageError, TextError
from mirada.network.field import shown
from mirada.network.graph import Network, Node, check_count
from mirada.network.rate import Rate, rate_factors
from mirada.network.recipe import Recipe
from mirada.network.text import (
    LOSSES,
    OPTIMIZERS,
    SCHEDULES,
    kind_of,
    network_text,
    node_from_plain,
    node_plain,
    read_node,
    read_value,
)

__all__ = [
    "Description",
    "from_json",
    "from_table",
    "from_toml",
    "input_shape",
    "json_table",
    "node_from_item",
    "read",
    "recipe_from_plain",
    "to_json",
    "to_plain",
    "to_toml",
    "toml_table",
]

SCHEMA = 1
MOST_BYTES = 4 * 2**20
_MOST_KEYS = 16
_DOTTED = re.compile(
    rf"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){{{_MOST_KEYS}}}""", re.ASCII
)
"""Keys joined by dots, more than any description has: tomllib's time for them grows
with the square of their number."""
_PARTS = {"loss": LOSSES, "optimizer": OPTIMIZERS, "schedule": SCHEDULES}


class Description(NamedTuple):
    """What a file describes; `recipe` is None where the file has none."""

    network: Network
    recipe: Recipe | None = None


def read(path: Path) -> Description:
    """The description in a `.toml` or `.json` file."""
    try:
        mode = path.stat().st_mode
        is_plain = stat.S_ISREG(mode) or stat.S_ISDIR(mode)  # that open() refuses
        content = _start_of(path) if is_plain else b""
    except FileNotFoundError:
        raise DescriptionError(
            "description-missing",
            "{path!r} does not exist. Check the path, or give the name of a known "
            "network.",
            path=str(path),
        ) from None
    except OSError as error:
        raise StorageError(
            "description-unreadable",
            "{path!r} cannot be read: {reason}. Check the name and the permissions.",
            path=str(path),
            reason=error.strerror or str(error),
        ) from None
    if not is_plain:
        raise StorageError(
            "description-not-plain",
            "{path!r} is no plain file; a description is a TOML or JSON file. Give "
            "its path.",
            path=str(path),
        )
    _bounded(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextError(
            "description-not-text",
            "{path!r} is not UTF-8 text (byte {byte}). A description is a TOML or JSON "
            "file.",
            path=str(path),
            byte=error.start,
        ) from None
    return from_json(text) if path.suffix == ".json" else from_toml(text)


def from_toml(text: str) -> Description:
    """The description in TOML.

    >>> text = 'name = "t"\\ninput = "1x5x5"\\nlayers = ["conv 2 3x3", "relu"]'
    >>> from_toml(text).network.output
    (2, 3, 3)
    """
    return from_table(toml_table(text), text)


def toml_table(text: str) -> dict[str, Any]:
    """What a text says as TOML, before anything is asked of it."""
    _bounded(text)
    found = _DOTTED.search(text)
    if found:
        raise TextError(
            "description-dotted",
            "Line {line} joins {most} keys or more by dots; a description needs no "
            "more than two. Write tables instead.",
            line=text.count("\n", 0, found.start()) + 1,
            most=_MOST_KEYS,
        )
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Not TOMLDecodeError alone: a number of 5,000 digits is Python's ValueError.
        raise _unreadable("TOML", text, error) from None


def from_json(text: str) -> Description:
    """The description in JSON."""
    return from_table(json_table(text), text)


def json_table(text: str) -> Any:
    """What a text says as JSON, before anything is asked of it."""
    _bounded(text)
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        if isinstance(error, TextError):
            raise
        raise _unreadable("JSON", text, error) from None


def to_plain(network: Network, recipe: Recipe | None = None) -> dict[str, Any]:
    """The description as JSON has it."""
    plain: dict[str, Any] = {
        "schema": SCHEMA,
        "name": network.name,
        "input": list(network.input),
        "layers": [node_plain(node) for node in network.nodes],
    }
    return plain if recipe is None else {**plain, "recipe": recipe.plain()}


def to_json(network: Network, recipe: Recipe | None = None) -> str:
    """The description in canonical JSON: sorted keys, no spaces, for hashing too."""
    plain = to_plain(network, recipe)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def to_toml(network: Network, recipe: Recipe | None = None) -> str:
    """The description in TOML, one short string a layer."""
    lines = [
        f"name = {json.dumps(network.name)}",
        f'input = "{"x".join(map(str, network.input))}"',
        "layers = [",
        *(f"  {json.dumps(text)}," for text in network_text(network)),
        "]",
    ]
    if recipe is not None:
        lines += ["", "[recipe]"]
        for field in fields(recipe):
            value = getattr(recipe, field.name)
            if field.name == "rates":
                lines += [_toml_rates(value)] if value else []
                continue
            shown = json.dumps(value.text()) if field.name in _PARTS else str(value)
            lines.append(f"{field.name} = {shown}")
    return "\n".join(lines) + "\n"


def _toml_rates(rates: Iterable[Rate]) -> str:
    return f"rates = {json.dumps([rate.text() for rate in rates])}"


def _start_of(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)


def _bounded(content: str | bytes) -> None:
    if len(content) > MOST_BYTES:
        raise TextError(
            "description-too-large",
            "The description has more than {most} characters; no network needs that. "
            "Shorten it.",
            most=MOST_BYTES,
        )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise TextError(
            "json-key-twice",
            "The JSON object has the key {key!r} twice; keep one of them.",
            key=twice[:60],
        )
    return table


def _unreadable(form: str, text: str, error: Exception) -> TextError:
    return TextError(
        "description-syntax",
        "The description is not {form}: {reason}. Correct it there.",
        form=form,
        reason=_broken(text, error),
    )


def _broken(text: str, error: Exception) -> Phrase | str:
    """Where a text breaks off; Python's own words are English."""
    place = re.search(r"line (\d+),? column (\d+)", str(error))
    if place is None:
        if "end of document" in str(error):
            return Phrase("it ends too early")
        return str(error)[:200] or type(error).__name__
    line, column = map(int, place.groups())
    found = text.split("\n")[line - 1 : line]
    return Phrase(
        "line {line} breaks off at character {column}: {text!r}",
        line=line,
        column=column,
        text="".join(found)[:80],
    )


def from_table(table: object, text: str) -> Description:
    """The description that a table says; `text` is where the table was read."""
    if not isinstance(table, dict):
        raise TextError(
            "description-table",
            "A description is a table with 'input' and 'layers'; got {value}.",
            value=shown(table),
        )
    known = {"schema", "name", "input", "layers", "recipe"}
    for key in table:
        if key not in known:
            raise TextError(
                "description-key",
                "A description does not know the key {key!r}; it knows {known}.",
                key=str(key)[:60],
                known=", ".join(sorted(known)),
            )
    if table.get("schema", SCHEMA) != SCHEMA:
        raise TextError(
            "description-schema",
            "The description has schema {schema}; this version reads schema "
            "{known}. Install a newer mirada.",
            schema=shown(table["schema"]),
            known=SCHEMA,
        )
    network = _network(table, text)
    given = table.get("recipe")
    recipe = None if given is None else recipe_from_plain(given)
    if recipe is not None:
        rate_factors(network, recipe.rates)  # refuses names that the network has not
    return Description(network, recipe)


def _network(table: Mapping[str, Any], text: str) -> Network:
    layers = table.get("layers")
    if not isinstance(layers, list):
        raise TextError(
            "description-layers",
            "A description needs 'layers', a list of layers; got {value}.",
            value=shown(layers),
        )
    check_count(len(layers))
    nodes: list[Node] = []
    for place, item in enumerate(layers):
        try:
            nodes.append(node_from_item(item))
        except DescriptionError as error:
            raise _at_line(error.told(place=place), layers, text) from None
    try:
        return Network(table.get("name", "network"), input_shape(table), nodes)
    except DescriptionError as error:
        raise _at_line(error, layers, text) from None


def node_from_item(item: object) -> Node:
    """One layer and its place as a list of layers has it: a string or a table."""
    if isinstance(item, str):
        return read_node(item)
    if isinstance(item, dict):
        return node_from_plain(item)
    raise TextError(
        "description-layer",
        'A layer is a string such as "conv 6 5x5" or a table; got {value}.',
        value=shown(item),
    )


def input_shape(table: Mapping[str, Any]) -> Any:
    """The input of a table as numbers, or what stands there instead."""
    given = table.get("input")
    if isinstance(given, str):
        parts = given.split("x")
        if all(p.isascii() and p.isdigit() and len(p) < 10 for p in parts):
            return tuple(map(int, parts))
    return given


def _at_line(error: DescriptionError, layers: list[Any], text: str) -> DescriptionError:
    """The same refusal, saying on which line the layer at its `place` stands."""
    place = error.values.get("place")
    if not isinstance(place, int):
        return error
    line, told = _line(layers, place, text), error.values.get("layer")
    if isinstance(told, Phrase):
        where = Phrase("{layer} (line {line})", layer=told, line=line)
        return error.told(layer=where, line=line)
    return type(error)(
        error.code,
        "{where}: {what}",
        place=place,
        line=line,
        where=Phrase("Layer {number} (line {line})", number=place + 1, line=line),
        what=Phrase(error.template, **error.values),
    )


def _line(layers: list[Any], place: int, text: str) -> int:
    """The line a layer of the list stands on, by finding each in turn."""
    at = max(text.find("layers"), 0)
    for item in layers[: place + 1]:
        marks = (f'"{item}"', f"'{item}'") if isinstance(item, str) else (_mark(item),)
        places = [found for m in marks if (found := text.find(m, at)) >= 0]
        at = min(places) + 1 if places else at
    return text.count("\n", 0, at) + 1


def _mark(item: object) -> str:
    """What a layer that is no string can be found by."""
    return "kind" if isinstance(item, dict) else shown(item).lower()


def recipe_from_plain(table: object) -> Recipe:
    """A recipe from its TOML or JSON table; its parts as text or as tables."""
    names = [field.name for field in fields(Recipe)]
    if not isinstance(table, dict) or set(table) - set(names):
        raise TextError(
            "recipe-table",
            "A recipe is a table with {known}; got {value}.",
            known=", ".join(names),
            value=shown(table, 120),
        )
    values = dict(table)
    for name, kinds in _PARTS.items():
        given = values.get(name)
        if isinstance(given, str):
            values[name] = read_value(given, kinds)
        elif isinstance(given, dict):
            rest = dict(given)
            values[name] = kind_of(rest.pop("kind", ""), kinds).from_plain(rest)
    return Recipe(**values)
