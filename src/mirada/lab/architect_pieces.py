"""The layers of a description as pieces that know each other, not each other's names.

A layer that is moved or taken out changes what the others are called; who reads it by
name must follow. So an edit is made on pieces, and names are given when it is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mirada.lab.architect_draft import Draft
from mirada.network import INPUT, Layer, Node
from mirada.network.graph import automatic_name

__all__ = ["Piece", "names_of", "pieces_of", "read_piece", "written"]


@dataclass(eq=False)
class Piece:
    """A layer in the list: what it is, what it is called, and what it reads.

    `source` is None for the layer above it, else a piece, or a name that is none's.
    `number` is its place in the text, None for a layer that is not there yet, `given`
    what is written there; `layer` is None where that cannot be read.
    """

    number: int | None
    given: Node | None
    written: object
    layer: Layer | None
    name: str = ""
    source: "Piece | str | None" = None
    others: "tuple[Piece | str, ...]" = ()


def pieces_of(draft: Draft) -> list[Piece]:
    """The pieces of a draft."""
    pieces = [
        Piece(number, node, item, node.layer, node.name)
        if node is not None
        else Piece(number, None, item, None)
        for number, (node, item) in enumerate(
            zip(draft.nodes, draft.items, strict=True)
        )
    ]
    names = names_of(pieces)
    for place, piece in enumerate(pieces):
        if piece.given is not None:
            _refer(
                piece,
                piece.given,
                dict(zip(names[:place], pieces[:place], strict=True)),
            )
    return pieces


def read_piece(node: Node, known: Sequence[Piece]) -> Piece:
    """A new piece as a node has it, `known` the pieces above it."""
    piece = Piece(None, None, None, node.layer, node.name)
    _refer(piece, node, dict(zip(names_of(known), known, strict=True)))
    return piece


def _refer(piece: Piece, node: Node, known: dict[str, Piece]) -> None:
    piece.source = known.get(node.source, node.source) if node.source else None
    piece.others = tuple(known.get(name, name) for name in node.others)


def names_of(pieces: Sequence[Piece]) -> list[str]:
    """What each is called: its own name, or its kind and its number."""
    taken = {piece.name for piece in pieces}
    counts: dict[str, int] = {}
    names = []
    for piece in pieces:
        kind = piece.layer.kind if piece.layer is not None else ""
        counts[kind] = counts.get(kind, 0) + 1
        while not piece.name and automatic_name(kind, counts[kind]) in taken:
            counts[kind] += 1
        names.append(piece.name or (kind and automatic_name(kind, counts[kind])))
    return names


def written(pieces: Sequence[Piece]) -> list[tuple[int | None, object]]:
    """Each piece as it is to be written, with its number where that is as it was."""
    names = dict(zip(pieces, names_of(pieces), strict=True))
    found: list[tuple[int | None, object]] = []
    for place, piece in enumerate(pieces):
        if piece.layer is None:
            found.append((piece.number, piece.written))
            continue
        above = pieces[place - 1] if place else INPUT
        node = Node(
            piece.layer,
            piece.name,
            _source(piece, above, names),
            tuple(_name(other, names) for other in piece.others),
        )
        item = piece.written if node == piece.given else _item(node, piece.written)
        found.append((piece.number, item))
    return found


def _source(piece: Piece, above: "Piece | str", names: dict[Piece, str]) -> str:
    """The name of what it reads; none for the layer above, if not written so."""
    if piece.source is None:
        return ""
    name = _name(piece.source, names)
    was_written = piece.given is not None and piece.given.source == name
    return "" if piece.source is above and not was_written else name


def _name(piece: "Piece | str", names: dict[Piece, str]) -> str:
    return piece if isinstance(piece, str) else names.get(piece, "")


def _item(node: Node, before: object) -> object:
    """A node as a table where it was one, else as a short string."""
    if isinstance(before, dict):
        plain: dict[str, Any] = node.layer.plain()
        places = {"name": node.name, "from": node.source, "others": [*node.others]}
        return plain | {key: value for key, value in places.items() if value}
    words = [node.layer.text(), *node.others]
    words += ["from", node.source] if node.source else []
    words += ["as", node.name] if node.name else []
    return " ".join(words)
