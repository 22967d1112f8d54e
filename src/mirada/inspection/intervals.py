"""How sure a counted share is: 95 % intervals of accuracy, precision, recall and F1."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.errors import UsageError

__all__ = [
    "QUANTILE",
    "ClassEstimates",
    "Estimate",
    "class_estimates",
    "f1_estimate",
    "wilson",
]

QUANTILE = 1.959963984540054
"""What a normal variable stays below with a probability of 0.975."""


class Estimate(NamedTuple):
    """A share that was measured, from `low` to `high` with 95 % confidence."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class ClassEstimates:
    """How well one class is found; None where there was nothing to divide by."""

    name: str
    precision: Estimate | None
    recall: Estimate | None
    f1: Estimate | None
    count: int


def wilson(right: int, count: int) -> Estimate:
    """The share `right` / `count` with Wilson's score interval.

    (p + z^2/2n +- z sqrt(p (1 - p)/n + z^2/4n^2)) / (1 + z^2/n), z = 1.96: the shares
    that a test would not reject. It never leaves [0, 1] and keeps its promise also for
    few images, and near 0 and 1.

    Raises UsageError (`share-counts`). Source: Wilson, "Probable inference, the law of
    succession, and statistical inference", JASA 22 (1927).

    >>> found = wilson(8, 10)
    >>> f"{found.value} from {found.low:.3f} to {found.high:.3f}"
    '0.8 from 0.490 to 0.943'
    """
    if not 0 <= right <= count or not count:
        raise UsageError(
            "share-counts",
            "A share is of at least one, and no more are right than there are; got "
            "{right} of {count}.",
            right=right,
            count=count,
        )
    share, weight = right / count, QUANTILE**2 / count
    middle = share + weight / 2
    half = math.sqrt(weight * share * (1 - share) + weight**2 / 4)
    low, high = (middle - half) / (1 + weight), (middle + half) / (1 + weight)
    return Estimate(share, min(max(low, 0.0), share), max(min(high, 1.0), share))


def f1_estimate(right: int, taken: int, truly: int) -> Estimate:
    """F1 = 2 right / (taken + truly), with an interval.

    Of the images that are of the class or were taken for it, the share J that is both
    is a plain share, with Wilson's interval; F1 = 2 J / (1 + J) grows with J, which
    carries its ends over. Unlike the delta method it does not shrink to nothing at 0
    and 1; unlike a bootstrap it draws nothing.

    Raises UsageError (`share-counts`). Source: Lam, Gopal, Qian, "Confidence intervals
    for the F1 score: a comparison of four methods", arXiv 2309.14621 (2023), the
    indirect method.

    >>> found = f1_estimate(8, 10, 10)
    >>> f"{found.value} from {found.low:.3f} to {found.high:.3f}"
    '0.8 from 0.562 to 0.926'
    """
    both = wilson(right, taken + truly - right)
    return Estimate(*(2 * share / (1 + share) for share in both))


def class_estimates(
    classes: Sequence[str], confusion: NDArray[np.integer]
) -> tuple[ClassEstimates, ...]:
    """Precision, recall and F1 of every class of a confusion matrix, with intervals.

    `confusion[i, j]` counts the images of class i that were taken for class j.

    >>> cat, dog = class_estimates(("cat", "dog"), np.array([[3, 1], [0, 4]]))
    >>> dog.precision.value, dog.recall.value
    (0.8, 1.0)
    """
    rights = np.diagonal(confusion).tolist()
    takens, trues = confusion.sum(axis=0).tolist(), confusion.sum(axis=1).tolist()
    return tuple(map(_of_class, classes, rights, takens, trues))


def _of_class(name: str, right: int, taken: int, truly: int) -> ClassEstimates:
    return ClassEstimates(
        name,
        wilson(right, taken) if taken else None,
        wilson(right, truly) if truly else None,
        f1_estimate(right, taken, truly) if taken + truly else None,
        truly,
    )
