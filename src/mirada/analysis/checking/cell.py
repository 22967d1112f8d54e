"""A judged cell, and a judged table, as values."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mirada.analysis.checking.slip import Slip
from mirada.analysis.checking.words import told_slips
from mirada.analysis.mistakes import UNKNOWN
from mirada.analysis.size_reading import Amounts, size_text
from mirada.errors import Phrase
from mirada.network import Network

__all__ = ["COLUMNS", "Cell", "Check"]

SCHEMA = 1

COLUMNS = ("size", "parameters")
"""The columns that are judged."""


@dataclass(frozen=True)
class Cell:
    """One cell of the table, judged.

    `given` is as it was written; `expected` the shape (channels first) or the count;
    `slips` are the mistakes that give what was written, the likeliest first. `follows`
    is the layer whose wrong cell this one follows from, where it does. `row` is how the
    table calls the layer, `follows_row` how it calls that one.
    """

    layer: str
    column: str
    given: str
    expected: Amounts
    ok: bool
    right: Phrase
    row: str = ""
    line: int = 0
    remark: Phrase | None = None
    slips: tuple[Slip, ...] = ()
    follows: str | None = None
    follows_row: str = ""
    channels_first: bool = False

    @property
    def mistakes(self) -> tuple[str, ...]:
        """Every mistake that explains the cell, the likeliest first."""
        return tuple(dict.fromkeys(kind for slip in self.slips for kind in slip.kinds))

    @property
    def mistake(self) -> str | None:
        """The likeliest mistake, "unknown", or None where there is none of its own."""
        if self.ok or (self.follows and not self.slips):
            return None
        return self.mistakes[0] if self.slips else UNKNOWN

    @property
    def together(self) -> bool:
        """Whether it takes two mistakes at once to give what was written."""
        return any(len(slip.kinds) > 1 for slip in self.slips)

    @property
    def expected_text(self) -> str:
        """What is right, written the way the table writes sizes."""
        return size_text(self.expected, channels_first=self.channels_first)

    def explanation(self) -> Iterator[Phrase]:
        """The sentences that correct the cell; only a remark where it is right."""
        if not self.ok and self.follows and not self.slips:
            yield Phrase(
                "No new mistake: this follows from {layer}, which is wrong already.",
                layer=repr(self.follows_row or self.follows),
            )
        elif not self.ok and self.follows:
            yield Phrase(
                "Computed from {layer} as you have it:",
                layer=repr(self.follows_row or self.follows),
            )
        if self.slips:
            yield told_slips(self.slips)
        if self.remark is not None:
            yield self.remark
        if not self.ok:
            yield self.right

    def to_dict(self) -> dict[str, Any]:
        """The cell as `mirada check --json` prints it."""
        is_size = self.column == "size"
        return {
            "layer": self.layer,
            "row": self.row or self.layer,
            "column": self.column,
            "line": self.line,
            "given": self.given,
            "expected": size_text(self.expected) if is_size else int(self.expected[0]),
            "ok": self.ok,
            "mistake": self.mistake,
            "mistakes": list(self.mistakes),
            "together": self.together,
            "follows": self.follows,
            "explanation": " ".join(map(str, self.explanation())),
        }


@dataclass(frozen=True)
class Check:
    """A whole table, judged; the cells are in the order of its rows."""

    network: Network
    cells: tuple[Cell, ...]

    @property
    def correct(self) -> int:
        """How many cells are right."""
        return sum(cell.ok for cell in self.cells)

    @property
    def wrong(self) -> int:
        """How many cells are not, those that follow from others included."""
        return len(self.cells) - self.correct

    def to_dict(self) -> dict[str, Any]:
        """The result as `mirada check --json` prints it."""
        return {
            "schema": SCHEMA,
            "network": self.network.name,
            "correct": self.correct,
            "wrong": self.wrong,
            "cells": [cell.to_dict() for cell in self.cells],
        }
