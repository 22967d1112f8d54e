"""The tables of a class as one table of grades, and what went wrong most often."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from mirada.analysis.checking.cell import COLUMNS, Cell, Check
from mirada.analysis.checking.layer_names import SOFTMAX, TOTAL
from mirada.analysis.mistakes import MISTAKE_NAMES
from mirada.errors import MiradaError
from mirada.network import INPUT, Network

__all__ = ["HEADING", "Common", "Graded", "common_mistakes", "grades_table"]

HEADING = ("file", "correct", "wrong", "share")
"""The first columns of a table of grades."""


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


def grades_table(network: Network, class_: Sequence[Graded]) -> list[list[str]]:
    """A heading, a row a table, a column for every cell that anybody filled in.

    A cell says "right", its mistake, or "follows" and the layer it follows from.

    >>> from mirada.network import Conv2d
    >>> net = Network("one", (3, 8, 8), [Conv2d(2, 3)])
    >>> for row in grades_table(net, [Graded("a.csv", Check(net, ()))]):
    ...     print(row)
    ['file', 'correct', 'wrong', 'share', 'mistakes', 'problem']
    ['a.csv', '0', '0', '', '', '']
    """
    keys = list(_filled(network, class_))
    heads = [f"{layer} {column}" for layer, column in keys]
    rows = (list(_row(graded, keys)) for graded in class_)
    return [[*HEADING, *heads, "mistakes", "problem"], *rows]


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
        told = f"{graded.error.code}: {graded.error}" if graded.error else ""
        yield " ".join(told.split())
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
