"""The confusion matrix as data: what each class was taken for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.errors import UsageError

__all__ = ["Confusion", "most_confused"]


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
