"""Successive halving: many trials for a few epochs, the best of them for more.

Which trial goes on is a function of the results so far alone. So a search that is
killed takes up where it was; and since a trial that goes on is a run that is resumed,
no epoch is trained twice.

Source: Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht, Talwalkar, "A system
for massively parallel hyperparameter tuning", MLSys 2020, algorithm 2 (ASHA), here for
one worker.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

__all__ = ["REDUCTION", "Job", "Score", "next_job", "rung_epochs"]

REDUCTION = 3
"""One trial in so many goes on to the next rung, for so many times the epochs."""


class Score(NamedTuple):
    """How good a trial was at a rung, on the validation part."""

    accuracy: float
    loss: float

    @property
    def merit(self) -> tuple[float, float]:
        """What the best score has most of."""
        return self.accuracy, -self.loss


class Job(NamedTuple):
    """Train a trial until it has reached a rung."""

    trial: int
    rung: int


Scores = Mapping[int, Sequence[Score | None]]
"""By trial the score at each rung it has reached; None where it failed there."""


def rung_epochs(epochs: int, rungs: int | None = None) -> list[int]:
    """After how many epochs a trial is looked at; the last is its end.

    With `rungs` there are so many, however few the epochs.

    >>> rung_epochs(27), rung_epochs(8), rung_epochs(2), rung_epochs(2, 3)
    ([1, 3, 9, 27], [1, 3, 8], [2], [1, 1, 2])
    """
    found = [epochs]
    while len(found) < rungs if rungs else found[0] >= REDUCTION:
        found.insert(0, -(-found[0] // REDUCTION))
    return found


def next_job(scores: Scores, waiting: Sequence[int], rungs: int) -> Job | None:
    """What to do next; None when the search is over.

    `waiting` are the trials that have not begun, in order; `rungs` is how many there
    are. The best third of a rung goes on, from the highest rung down; else a new trial
    begins; at last the best goes on to its end if none has.

    >>> next_job({0: [Score(0.5, 1)], 1: [Score(0.8, 1)], 2: [Score(0.6, 1)]}, [3], 3)
    Job(trial=1, rung=1)
    >>> next_job({0: [Score(0.5, 1)]}, [1, 2, 3], 3)
    Job(trial=1, rung=0)
    """
    for rung in reversed(range(rungs - 1)):
        best = _ranked(scores, rung)[: _entered(scores, rung) // REDUCTION]
        for trial in best:
            if len(scores[trial]) == rung + 1:
                return Job(trial, rung + 1)
    if waiting:
        return Job(waiting[0], 0)
    return _last_job(scores, rungs)


def _last_job(scores: Scores, rungs: int) -> Job | None:
    """The best of the highest rung goes on, as long as none has come to the end."""
    for rung in reversed(range(rungs)):
        ranked = [t for t in _ranked(scores, rung) if not _failed(scores[t])]
        if ranked and rung == rungs - 1:
            return None
        if ranked:
            return Job(ranked[0], rung + 1)
    return None


def _entered(scores: Scores, rung: int) -> int:
    return sum(len(found) > rung for found in scores.values())


def _ranked(scores: Scores, rung: int) -> list[int]:
    """The trials with a score at a rung, the best first, the earlier of equal ones."""
    found = []
    for trial, reached in scores.items():
        score = reached[rung] if len(reached) > rung else None
        if score is not None:
            found.append((score.merit, -trial))
    return [-trial for _, trial in sorted(found, reverse=True)]


def _failed(reached: Sequence[Score | None]) -> bool:
    return reached[-1] is None
