"""Tables of sizes and parameters, filled in and corrected cell by cell."""

from typing import Any

from mirada.analysis.checking import COLUMNS, TOTAL, Cell, Row, asked_rows, check
from mirada.analysis.checking.layer_names import place_rows
from mirada.errors import UsageError
from mirada.lab.asked import Answer, Asked, Content, Work
from mirada.lab.lab import Lab
from mirada.models import MODELS, build
from mirada.network import Network
from mirada.network.file import from_toml
from mirada.talk import heard_by
from mirada.tasks.correction import cell_judgement, expected_text
from mirada.tasks.filled_table import MOST_BYTES, blank_table, rows_in

__all__ = ["WORK"]

DRAFT = "draft"
_FIRST = ("lenet5_lecture", "lenet5", "digits", "cifar", "alexnet", "vgg16", "unet")
_MOST_CELL = 400


def _networks(lab: Lab, asked: Asked) -> Answer:
    """The networks that a table may be about, those of the lecture first."""
    order = dict.fromkeys((*_FIRST, *MODELS))
    has_draft = bool(lab.workplace.state()["network"].strip())
    return {"networks": list(order), "has_draft": has_draft}


def _network(lab: Lab, asked: Asked) -> Network:
    """The network that is asked for by its name, or the one that is being built.

    Raises UsageError (`table-no-draft`), and what `build` and `from_toml` do.
    """
    name = asked.text("network", most=200)
    if name != DRAFT:
        return build(name)
    text = lab.workplace.state()["network"]
    if not text.strip():
        raise UsageError(
            "table-no-draft",
            "No network is being built yet. Build one in the room Architect, or choose "
            "a known one.",
        )
    return from_toml(text).network


def _blank(lab: Lab, asked: Asked) -> Answer:
    """The rows to fill in."""
    network = _network(lab, asked)
    return {
        "name": network.name,
        "input": "×".join(map(str, (*network.input[1:], network.input[0]))),
        "rows": [_blank_row(network, name) for name in asked_rows(network)],
    }


def _blank_row(network: Network, name: str) -> dict[str, Any]:
    node = network.by_name.get(name)
    columns = [column for column in COLUMNS if node is not None or column != "size"]
    text = "" if node is None else node.layer.text()
    return {"layer": name, "text": text, "columns": columns}


def _judge(lab: Lab, asked: Asked) -> Answer:
    """Every filled cell, judged."""
    network = _network(lab, asked)
    given = asked.value.get("rows")
    known = {*network.shapes, TOTAL}
    rows = [
        Row(*row)
        for row in (given if isinstance(given, list) else [])
        if isinstance(row, list) and len(row) == 3 and all(map(_is_cell, row))
        if row[0] in known
    ]
    found = check(network, rows)
    return {
        "correct": found.correct,
        "wrong": found.wrong,
        "cells": [_plain(cell) for cell in found.cells],
    }


def _is_cell(text: object) -> bool:
    return isinstance(text, str) and len(text) <= _MOST_CELL


def _plain(cell: Cell) -> dict[str, Any]:
    """A judged cell, in words too."""
    plain = cell.to_dict()
    del plain["expected"]
    return {
        **plain,
        "expected": expected_text(cell),
        "judgement": str(cell_judgement(cell)),
        "sentences": [str(sentence) for sentence in cell.explanation()],
    }


def _read(lab: Lab, asked: Asked) -> Answer:
    """The cells of a table in a file or a clipboard, by the network's layers."""
    network = _network(lab, asked)
    told: list[object] = []
    with heard_by(told.append):
        rows = rows_in(asked.content, asked.text("name", "-", most=200))
    names = place_rows(network, rows)
    cells = {
        name: {"size": row.size, "parameters": row.parameters}
        for name, row in zip(names, rows, strict=True)
    }
    return {"cells": cells, "told": [str(text) for text in told]}


def _template(lab: Lab, asked: Asked) -> Answer:
    """An empty table as a file for a spreadsheet."""
    network = _network(lab, asked)
    content = f"{blank_table(network)}\n".encode("utf-8-sig")
    return Content("text/csv; charset=utf-8", content, f"{network.name}.csv")


WORK: tuple[Work, ...] = (
    Work("GET", "/api/tables/networks", _networks),
    Work("POST", "/api/tables/blank", _blank),
    Work("POST", "/api/tables/judge", _judge),
    Work("PUT", "/api/tables/read", _read, MOST_BYTES),
    Work("POST", "/api/tables/template", _template),
)
