"""The tables of a class as one table of grades, and what went wrong most often."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from mirada.analysis.checking.cell import COLUMNS, Cell, Check
from mirada.analysis.checking.layer_names import SOFTMAX, TOTAL
from mirada.analysis.mistakes import MISTAKE_NAMES
from mirada.errors import MiradaError
from mirada.network import INPUT, Network

__all__ = ["HEADING", "Common", "Graded", "common_mistakes", "grades_csv"]

HEADING = ("file", "correct", "wrong", "share")
"""The first columns of a table of grades."""

_FORMULAS = ("=", "+", "-", "@")


class Graded(NamedTuple):
    """One table of the class, judged, or why it could not be read."""

    file: str
    check: Check | None = None
    error: MiradaError | None = None

    @property
    def share(self) -> float | None:
        """The share of right cells, None where nothing was judged."""
        if self.check is None or not self.check.cells:
            return None
        return self.check.correct / len(self.check.cells)

    def to_dict(self) -> dict[str, Any]:
        """The table as `mirada check DIR --json` prints it."""
        error = self.error
        told = None if error is None else {"code": error.code, "message": str(error)}
        cells = () if self.check is None else self.check.cells
        return {
            "file": self.file,
            "correct": None if self.check is None else self.check.correct,
            "wrong": None if self.check is None else self.check.wrong,
            "share": self.share,
            "cells": [cell.to_dict() for cell in cells],
            "error": told,
        }


class Common(NamedTuple):
    """How often a mistake was made: in how many cells, and of how many tables."""

    mistake: str
    cells: int
    tables: int


def common_mistakes(class_: Sequence[Graded]) -> list[Common]:
    """The mistakes of a class, those of most tables first; likeliest ones only."""
    made = [
        [cell.mistake for cell in graded.check.cells if cell.mistake]
        for graded in class_
        if graded.check is not None
    ]
    found = [
        Common(kind, sum(m.count(kind) for m in made), sum(kind in m for m in made))
        for kind in MISTAKE_NAMES
    ]
    return sorted(
        (common for common in found if common.cells),
        key=lambda common: (-common.tables, -common.cells),
    )


def grades_csv(network: Network, class_: Sequence[Graded]) -> str:
    """The grades as CSV: a row a table, a column for every cell that anybody filled in.

    A cell says "right", its mistake, or "follows" and the layer it follows from. A text
    that a spreadsheet would take for a formula gets an apostrophe before it.

    >>> from mirada.network import Conv2d
    >>> net = Network("one", (3, 8, 8), [Conv2d(2, 3)])
    >>> print(grades_csv(net, [Graded("=a.csv", Check(net, ()))]), end="")
    file,correct,wrong,share,mistakes,problem
    '=a.csv,0,0,,,
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    keys = list(_filled(network, class_))
    heads = [f"{layer} {column}" for layer, column in keys]
    writer.writerow([_safe(head) for head in (*HEADING, *heads, "mistakes", "problem")])
    for graded in class_:
        writer.writerow([_safe(cell) for cell in _row(graded, keys)])
    return text.getvalue()


_Key = tuple[str, str]


def _filled(network: Network, class_: Sequence[Graded]) -> Iterator[_Key]:
    there = {
        (cell.layer, cell.column)
        for graded in class_
        if graded.check is not None
        for cell in graded.check.cells
    }
    names = (INPUT, *(node.name for node in network.nodes), SOFTMAX, TOTAL)
    for name in dict.fromkeys(names):
        yield from ((name, column) for column in COLUMNS if (name, column) in there)


def _row(graded: Graded, keys: Sequence[_Key]) -> Iterator[str]:
    yield graded.file
    check = graded.check
    if check is None:
        yield from ("",) * (len(HEADING) + len(keys))
        yield f"{graded.error.code}: {graded.error}" if graded.error else ""
        return
    yield str(check.correct)
    yield str(check.wrong)
    yield "" if graded.share is None else f"{graded.share:.4f}"
    cells = {(cell.layer, cell.column): cell for cell in check.cells}
    yield from (_judgement(cells[key]) if key in cells else "" for key in keys)
    made = dict.fromkeys(cell.mistake for cell in check.cells if cell.mistake)
    yield " ".join(filter(None, made))
    yield ""


def _judgement(cell: Cell) -> str:
    if cell.ok:
        return "right"
    return cell.mistake or f"follows {cell.follows}"


def _safe(text: str) -> str:
    """The text in one line, and no formula of a spreadsheet's."""
    line = re.sub(r"[\r\n\t]", " ", text)
    return f"'{line}" if line.lstrip().startswith(_FORMULAS) else line
