"""One trial of a search, and what ends its run early without losing anything."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mirada.training.halving import Score
from mirada.training.history import EpochRow
from mirada.training.place import Place
from mirada.training.search import Given
from mirada.training.watch import Watch

__all__ = ["PausedError", "Pausing", "Trial"]


class PausedError(Exception):
    """A run has come as far as it was to be trained for now; its state is saved."""


class Pausing(Watch):
    """Ends training after an epoch, as one that is to go on later; or at a time.

    Raises PausedError. Whatever ends it, going on loses nothing but the steps since
    the last checkpoint.
    """

    def __init__(self, epoch: int | None, deadline: float | None = None) -> None:
        self._epoch, self._deadline = epoch, deadline

    def step(self, place: Place, loss: float) -> None:
        if self._deadline is not None and time.monotonic() >= self._deadline:
            raise PausedError

    def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
        if self._epoch is not None and row.epoch >= self._epoch:
            raise PausedError


@dataclass(frozen=True)
class Trial:
    """Values that are tried, and how far that has come.

    `scores` has one a rung, None for one where training diverged; `reason` says why a
    trial was pruned or diverged.
    """

    number: int
    values: Mapping[str, Given]
    scores: tuple[Score | None, ...] = ()
    epochs: int = 0
    reason: str = ""
    is_pruned: bool = False
    is_finished: bool = False

    @property
    def name(self) -> str:
        """The name of its run."""
        return f"trial-{self.number:04}"

    @property
    def state(self) -> str:
        """A word for scripts: waiting, pruned, diverged, stopped or finished."""
        if self.is_pruned:
            return "pruned"
        if not self.scores:
            return "waiting"
        if self.scores[-1] is None:
            return "diverged"
        return "finished" if self.is_finished else "stopped"

    @property
    def score(self) -> Score | None:
        """The best it had on the validation part."""
        known = [score for score in self.scores if score is not None]
        return max(known, key=lambda score: score.merit, default=None)

    def to_dict(self) -> dict[str, Any]:
        """The trial as JSON holds it."""
        score = self.score
        return {
            "trial": self.number,
            "values": dict(self.values),
            "state": self.state,
            "epochs": self.epochs,
            "validation_accuracy": score.accuracy if score else None,
            "validation_loss": score.loss if score else None,
            "scores": [list(s) if s else None for s in self.scores],
            "run": None if self.is_pruned or not self.scores else self.name,
            "reason": self.reason or None,
        }

    def with_record(self, record: Mapping[str, Any]) -> "Trial":
        """The trial with the results that were written down."""
        scores = [Score(*s) if s else None for s in record["scores"]]
        return replace(
            self,
            scores=tuple(scores),
            epochs=int(record["epochs"]),
            reason=str(record["reason"] or ""),
            is_pruned=record["state"] == "pruned",
            is_finished=record["state"] == "finished",
        )
