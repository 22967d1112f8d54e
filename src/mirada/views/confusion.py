"""The confusion matrix as data: what each class was taken for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.errors import UsageError

__all__ = ["ConfusedPair", "Confusion", "confused_pairs", "most_confused"]


@dataclass(frozen=True)
class Confusion:
    """How often every true class (row) was taken for every class (column).

    >>> Confusion(("cat", "dog"), ((3, 1), (0, 4))).array.sum(axis=1).tolist()
    [4, 4]
    """

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        wanted = len(self.classes)
        lengths = [len(row) for row in self.counts]
        if lengths != [wanted] * wanted:
            raise UsageError(
                "confusion-shape",
                "A confusion matrix of {count} classes has {count} rows of {count} "
                "counts; got rows of {lengths}. Count every class, also those that "
                "never occur.",
                count=wanted,
                lengths=lengths,
            )

    @property
    def array(self) -> NDArray[np.int64]:
        """The counts as an array of shape (classes, classes)."""
        count = len(self.classes)
        return np.array(self.counts, dtype=np.int64).reshape(count, count)


@dataclass(frozen=True)
class ConfusedPair:
    """How often images of one class, by its place, were taken for another."""

    true: int
    predicted: int
    count: int


def confused_pairs(confusion: Confusion, most: int) -> list[ConfusedPair]:
    """The at most `most` pairs that were confused most often, the worst first.

    >>> confused_pairs(Confusion(("a", "b"), ((5, 1), (3, 7))), 1)
    [ConfusedPair(true=1, predicted=0, count=3)]
    """
    counts = confusion.array
    wrong = counts - np.diag(np.diag(counts))
    places = np.argsort(-wrong, axis=None, kind="stable")[:most]
    return [
        ConfusedPair(int(row), int(column), int(wrong[row, column]))
        for row, column in zip(*np.unravel_index(places, wrong.shape), strict=True)
        if wrong[row, column]
    ]


def most_confused(confusion: Confusion, most: int) -> list[int]:
    """The places of the at most `most` classes with most mistakes, in order.

    >>> counts = (9, 0, 0), (0, 5, 4), (0, 1, 8)
    >>> most_confused(Confusion(("a", "b", "c"), counts), 2)
    [1, 2]
    """
    counts = confusion.array
    wrong = counts - np.diag(np.diag(counts))
    mistakes = wrong.sum(axis=0) + wrong.sum(axis=1)
    return sorted(np.argsort(-mistakes, kind="stable")[:most].tolist())
