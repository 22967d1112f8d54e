"""What the page is told of a draft: everything that can be told of it."""

from collections.abc import Mapping
from typing import Any

from mirada.analysis import LayerSummary, explain, summarize
from mirada.errors import DescriptionError
from mirada.lab.architect_draft import Draft
from mirada.lab.architect_edits import remedied
from mirada.lab.architect_fields import fields_of
from mirada.lab.architect_pieces import Piece, names_of, pieces_of
from mirada.network import INPUT
from mirada.network.file import to_toml
from mirada.network.remedy import Remedy

__all__ = ["answer"]


def answer(draft: Draft, chosen: int | None = None) -> dict[str, Any]:
    """A draft as `Summary.to_dict` has a network, as far as it is one.

    Layers that cannot be computed have their name, kind and text alone. `chosen` is
    the place of the layer that is told in full.
    """
    beginning = draft.beginning
    summary = None if beginning is None else summarize(beginning)
    pieces = pieces_of(draft)
    rows = [*(summary.layers if summary else ())]
    told = {} if summary is None else summary.to_dict()
    plain = told.get("layers", [])
    names, refusals = names_of(pieces), draft.refusals
    inputs, lines = _inputs(pieces, names), _lines(draft)
    layers = [
        {
            **_layer(piece, plain[place] if place < len(rows) else {}),
            "error": _error(draft, refusals, place),
            "name": names[place],
            "inputs": inputs[place],
            "line": lines[place] if lines else None,
        }
        for place, piece in enumerate(pieces)
    ]
    return {
        **_whole(draft, told),
        "text": draft.text,
        "form": draft.form,
        "input_shape": None if draft.input is None else list(draft.input),
        "layers": layers,
        "refusal": _refusal(draft),
        "can_edit": draft.table is not None,
        "has_recipe": bool(draft.table and "recipe" in draft.table),
        "chosen": _chosen(pieces, names, chosen, rows),
    }


def _whole(draft: Draft, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Name, output, totals, warnings and the text as mirada itself writes it."""
    named = draft.table.get("name") if draft.table else None
    is_network = draft.network is not None
    return {
        "schema": 1,
        "name": str(named)[:80] if isinstance(named, str) else "",
        "output_shape": plain["output_shape"] if is_network else None,
        "totals": plain["totals"] if is_network else None,
        "warnings": plain["warnings"] if is_network else [],
        "toml": to_toml(draft.network, draft.recipe) if draft.network else "",
    }


def _error(
    draft: Draft, refusals: Mapping[int, DescriptionError], place: int
) -> str | None:
    """What is wrong with a layer."""
    found = draft.refusal if place == draft.place else None
    refusal = found or refusals.get(place)
    return None if refusal is None else str(refusal)


def _layer(piece: Piece, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "output_shape": None,
        "kind": piece.layer.kind if piece.layer else "",
        "text": piece.layer.text() if piece.layer else _short(piece.written),
        **row,
        "written": _short(piece.written),
        "is_named": bool(piece.name),
        "is_computed": bool(row),
    }


def _short(written: object) -> str:
    return written if isinstance(written, str) else str(written)[:200]


def _inputs(pieces: list[Piece], names: list[str]) -> list[list[str]]:
    """What each layer reads, by name."""
    named = dict(zip(pieces, names, strict=True))
    found, above = [], INPUT
    for piece, name in zip(pieces, names, strict=True):
        read = (piece.source or above, *piece.others)
        found.append([one if isinstance(one, str) else named[one] for one in read])
        above = name
    return found


def _lines(draft: Draft) -> list[int]:
    """The line on which each layer begins; none where that cannot be told."""
    found: list[int] = []
    number = 1
    if draft.form == "lines" or draft.list is None:
        return found
    number += draft.list.before.count("\n")
    for slot in draft.list.slots:
        number += slot.lead.count("\n")
        found.append(number)
        number += (slot.item + slot.after).count("\n")
    return found


def _refusal(draft: Draft) -> dict[str, Any] | None:
    """Why the text is no network, where, and what would make it one."""
    error = draft.refusal
    if error is None:
        return None
    return {
        "code": error.code,
        "message": str(error),
        "line": error.values.get("line"),
        "place": draft.place,
        "remedies": _remedies(draft, error),
    }


def _remedies(draft: Draft, error: DescriptionError) -> list[dict[str, Any]]:
    found: Any = error.values.get("remedies", ())
    return [_remedy(draft, remedy) for remedy in found]


def _remedy(draft: Draft, remedy: Remedy) -> dict[str, Any]:
    return {
        "words": str(remedy.words),
        "text": remedied(draft, remedy),
        "is_whole": remedy.is_whole,
    }


def _chosen(
    pieces: list[Piece],
    names: list[str],
    place: int | None,
    rows: list[LayerSummary],
) -> dict[str, Any] | None:
    """A layer's fields, the layers that it could read, and every sum worked out."""
    if place is None or place >= len(pieces):
        return None
    layer = pieces[place].layer
    row = rows[place] if place < len(rows) else None
    return {
        "place": place,
        "fields": [] if layer is None else list(fields_of(layer)),
        "joins": layer is not None and layer.joins,
        "sources": [INPUT, *(name for name in names[:place] if name)],
        "explanation": [] if row is None else [str(line) for line in explain(row)],
    }
