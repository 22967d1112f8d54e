"""A description while it is being written: read as far as it can be.

What is wrong in it does not hide what is right: every layer that can be read is, and
the layers up to the first impossible one are a network of their own.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any, cast

from mirada.errors import DescriptionError
from mirada.lab.architect_list import LayerList, layer_list
from mirada.network import Network, Node, Recipe, Shape
from mirada.network.file import (
    from_table,
    input_shape,
    json_table,
    node_from_item,
    toml_table,
)
from mirada.network.graph import MOST_LAYERS, check_input

__all__ = ["MOST_TEXT", "Draft", "read_draft"]

MOST_TEXT = 1 << 20
_USUAL_INPUT = "1x28x28"
_KEY = re.compile(
    r"^[ \t]*(\[|(\"?)(schema|name|input|layers|recipe)\2[ \t]*[=.])", re.M
)
_INPUT = re.compile(r"^[ \t]*input[ \t]*=[ \t]*[\"']([0-9x]{1,40})[\"']", re.M)
_INPUT_LINE = re.compile(r"[ \t]*input[ \t:=]+([0-9]+(?:x[0-9]+)*)[ \t]*")


@dataclass(frozen=True)
class Draft:
    """A text and what it says.

    `form` is "toml", "json" or "lines" (a layer each). `table` is what it says before
    anything is asked of it, None where it is not even TOML or JSON; `items` are its
    layers as they are written. `refusal` says why it is no network.
    """

    text: str
    form: str
    table: Mapping[str, Any] | None
    items: tuple[object, ...]
    network: Network | None
    recipe: Recipe | None
    refusal: DescriptionError | None

    @cached_property
    def list(self) -> LayerList | None:
        """Where the layers stand in the text, None where that cannot be told."""
        found = layer_list(self.text)
        return found if found and len(found.slots) == len(self.items) else None

    @cached_property
    def _read(self) -> tuple[Node | DescriptionError, ...]:
        return tuple(map(_node, self.items))

    @property
    def nodes(self) -> tuple[Node | None, ...]:
        """Every layer as it is written, None for one that cannot be read."""
        return tuple(x if isinstance(x, Node) else None for x in self._read)

    @property
    def refusals(self) -> Mapping[int, DescriptionError]:
        """Why layers cannot be read, by their places."""
        found = enumerate(self._read)
        return {n: x for n, x in found if isinstance(x, DescriptionError)}

    @property
    def place(self) -> int | None:
        """The place of the layer that the refusal is about."""
        place = self.refusal.values.get("place") if self.refusal else None
        return place if isinstance(place, int) else None

    @property
    def input(self) -> Shape | None:
        """The input shape, None where it is none."""
        if self.network is not None:
            return self.network.input
        table = self.table or {"input": _salvaged_input(self.text)}
        try:
            return check_input(input_shape(table))
        except DescriptionError:
            return None

    @cached_property
    def beginning(self) -> Network | None:
        """The network, or that of the layers before the first that is impossible."""
        if self.network is not None or self.input is None:
            return self.network
        readable = [*takewhile(bool, self.nodes[: self.place])]
        while readable:
            try:
                return Network("network", self.input, cast(list[Node], readable))
            except DescriptionError as error:
                readable = readable[: cast(int, error.values.get("place", 0))]
        return None


def read_draft(text: str) -> Draft:
    """What a text says: TOML, JSON, or short strings, a layer on each line.

    >>> draft = read_draft("conv 6 5x5\\nconv 16 99x99")
    >>> draft.form, draft.place, draft.beginning.output
    ('lines', 1, (6, 24, 24))
    """
    form = _form(text)
    source = _lines_as_json(text) if form == "lines" else text
    try:
        table = toml_table(source) if form == "toml" else json_table(source)
    except DescriptionError as error:
        return Draft(text, form, None, _salvaged(text), None, None, error)
    layers = table.get("layers") if isinstance(table, dict) else None
    is_list = isinstance(layers, list) and len(layers) <= MOST_LAYERS
    items = tuple(cast(list[object], layers)) if is_list else ()
    known = table if isinstance(table, dict) else None
    try:
        network, recipe = from_table(table, source)
    except DescriptionError as error:
        return Draft(text, form, known, items, None, None, error)
    return Draft(text, form, known, items, network, recipe, None)


def _form(text: str) -> str:
    if text.lstrip()[:1] in ("{", ""):
        return "json" if text.strip() else "toml"
    return "toml" if _KEY.search(text) else "lines"


def _lines_as_json(text: str) -> str:
    """Short strings as JSON whose lines are those of the text."""
    shape, lines = _USUAL_INPUT, []
    for line in text.splitlines():
        bare = line.strip().strip(",").strip().strip("\"'")
        found = _INPUT_LINE.fullmatch(line)
        if found is not None:
            shape, bare = found.group(1), ""
        lines.append(bare)
    written = [json.dumps(line) if line else "" for line in lines]
    last = max((n for n, line in enumerate(written) if line), default=-1)
    body = "\n".join(
        line + ("," if line and n < last else "") for n, line in enumerate(written)
    )
    return f'{{"input": {json.dumps(shape)}, "layers": [{body}\n]}}'


def _node(item: object) -> Node | DescriptionError:
    try:
        return node_from_item(item)
    except DescriptionError as error:
        return error


def _salvaged(text: str) -> tuple[object, ...]:
    """The layers of a text that breaks off, as far as they can be made out."""
    found = layer_list(text[:MOST_TEXT])
    items: list[object] = []
    for slot in found.slots if found else ():
        try:
            items.append(tomllib.loads(f"layer = {slot.item}")["layer"])
        except (ValueError, RecursionError):
            return tuple(items)
        if not isinstance(items[-1], str):
            return tuple(items[:-1])
    return tuple(items)


def _salvaged_input(text: str) -> str:
    found = _INPUT.search(text)
    return found.group(1) if found else ""
