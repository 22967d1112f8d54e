"""Edits of a description: of its layers, its name, its input."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mirada.errors import TextError, UsageError
from mirada.lab.architect_draft import Draft
from mirada.lab.architect_pieces import (
    Piece,
    names_of,
    pieces_of,
    read_piece,
    written,
)
from mirada.lab.architect_writing import as_toml, unreadable, with_items, with_value
from mirada.lab.asked import Asked
from mirada.network import INPUT, Node
from mirada.network.graph import check_layer_name
from mirada.network.remedy import Remedy
from mirada.network.text import read_node

__all__ = ["edited", "remedied"]

_MOST_WORDS = 1000
Pieces = list[Piece]


def edited(draft: Draft, edit: Asked) -> str:
    """The text after an edit, which says in `do` what is to be done.

    input, name: `value`. toml: the whole text as TOML. insert: `layer` before the
    layer number `at`. remove, duplicate: the layer `at`. move: `at` to the place `to`.
    replace: `at` by `layer`. set: of `at` the `field` to `value`. call: `at` by `name`.
    join: `at` reads `inputs`. Raises DescriptionError, and UsageError for what is no
    edit.
    """
    do = edit.choice("do", ("input", "title", "toml", *_EDITS))
    try:
        return _done(draft, do, edit)
    except RecursionError:  # lists in lists, deeper than anything can be written
        raise unreadable() from None


def _done(draft: Draft, do: str, edit: Asked) -> str:
    if do == "toml":
        return as_toml(draft)
    if do == "input":
        return with_value(draft, "input", edit.text("value", most=100).strip())
    if do == "title":
        return with_value(draft, "name", edit.text("value", most=100).strip())
    pieces = pieces_of(draft)
    _EDITS[do](pieces, edit)
    return with_items(draft, written(pieces))


def remedied(draft: Draft, remedy: Remedy) -> str:
    """The text after a change that the refusal offers."""
    pieces = pieces_of(draft)
    before = dict(zip(names_of(pieces), pieces, strict=True))
    now: dict[str, Piece] = {}
    for node in remedy.nodes:
        piece = before.get(node.name) or Piece(None, None, None, node.layer, node.name)
        piece.layer = node.layer
        now[node.name] = piece
    for (name, piece), above in zip(now.items(), [INPUT, *now], strict=False):
        node = next(node for node in remedy.nodes if node.name == name)
        is_flow = node.source == above and (piece.given is None or not piece.source)
        piece.source = None if is_flow else now.get(node.source, node.source)
        piece.others = tuple(now.get(other, other) for other in node.others)
        if piece.given is None:
            piece.name = ""
    return with_items(draft, written([*now.values()]))


def _at(pieces: Pieces, edit: Asked, name: str = "at") -> int:
    return edit.whole(name, 0, len(pieces) - 1)


def _readable(pieces: Pieces, edit: Asked) -> Piece:
    piece = pieces[_at(pieces, edit)]
    if piece.layer is None:
        raise TextError(
            "architect-layer-unreadable",
            "{text!r} cannot be read as a layer, so nothing in it can be set. Write it "
            "anew, or remove it.",
            text=str(piece.written)[:60],
        )
    return piece


def _node_of(edit: Asked) -> Node:
    return read_node(edit.text("layer", most=_MOST_WORDS))


def _insert(pieces: Pieces, edit: Asked) -> None:
    at = edit.whole("at", 0, len(pieces))
    piece = read_piece(_node_of(edit), pieces[:at])
    if piece.name:
        check_layer_name(piece.name, _others(pieces, piece))
    pieces.insert(at, piece)


def _remove(pieces: Pieces, edit: Asked) -> None:
    """Who read the layer by name reads what it read."""
    at = _at(pieces, edit)
    gone = pieces.pop(at)
    above: Piece | str = pieces[at - 1] if at else INPUT
    instead = above if gone.source is None else gone.source
    for piece in pieces:
        piece.source = instead if piece.source is gone else piece.source
        piece.others = tuple(instead if o is gone else o for o in piece.others)


def _duplicate(pieces: Pieces, edit: Asked) -> None:
    at = _at(pieces, edit)
    piece = _readable(pieces, edit)
    copy = replace(piece, number=None, given=None, written=None, name="", source=None)
    pieces.insert(at + 1, copy)


def _move(pieces: Pieces, edit: Asked) -> None:
    piece = pieces.pop(_at(pieces, edit))
    pieces.insert(edit.whole("to", 0, len(pieces)), piece)


def _replace(pieces: Pieces, edit: Asked) -> None:
    at = _at(pieces, edit)
    read = read_piece(_node_of(edit), pieces[:at])
    piece = pieces[at]
    if read.name:
        check_layer_name(read.name, _others(pieces, piece))
    piece.layer, piece.name, piece.given = read.layer, read.name, None
    piece.source, piece.others, piece.written = read.source, read.others, None


def _set(pieces: Pieces, edit: Asked) -> None:
    piece = _readable(pieces, edit)
    layer: Any = piece.layer
    field = edit.choice("field", tuple(layer.limits()))
    piece.layer = replace(layer, **{field: edit.value.get("value")})


def _call(pieces: Pieces, edit: Asked) -> None:
    piece = _readable(pieces, edit)
    name = edit.text("name", most=_MOST_WORDS).strip()
    if name:
        check_layer_name(name, _others(pieces, piece))
    piece.name = name


def _others(pieces: Pieces, piece: Piece) -> set[str]:
    """The names that others are called by, those of their own accord left out."""
    return {INPUT, *(other.name for other in pieces if other is not piece)} - {""}


def _join(pieces: Pieces, edit: Asked) -> None:
    at, piece = _at(pieces, edit), _readable(pieces, edit)
    given = edit.value.get("inputs")
    known: dict[object, Piece | str] = {INPUT: INPUT}
    known |= dict(zip(names_of(pieces[:at]), pieces[:at], strict=True))
    if not isinstance(given, list) or not given or not _are_known(given, known):
        raise UsageError(
            "architect-inputs",
            "A layer reads one or more of the layers above it: {known}.",
            known=", ".join(map(str, known)),
        )
    above: Piece | str = pieces[at - 1] if at else INPUT
    first = known[given[0]]
    piece.source = None if first is above else first
    piece.others = tuple(known[name] for name in given[1:])


def _are_known(given: list[Any], known: Mapping[object, Any]) -> bool:
    return all(isinstance(name, str) and name in known for name in given)


_EDITS: Mapping[str, Callable[[Pieces, Asked], None]] = {
    "insert": _insert,
    "remove": _remove,
    "duplicate": _duplicate,
    "move": _move,
    "replace": _replace,
    "set": _set,
    "call": _call,
    "join": _join,
}
