"""Images whose label is likely wrong: confident learning.

A network that has learned what a class looks like is less sure of an image that only
bears its name. How sure is enough is not one number: it is, for each class, how sure
the network is on average of the images that bear the name.

Source: Northcutt, Jiang, Chuang, "Confident learning: estimating uncertainty in
dataset labels", JAIR 70 (2021), section 3: the images off the diagonal of the
confident joint.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.inspection.answers import require_answers

__all__ = ["FEWEST", "Suggestion", "WrongLabels", "likely_wrong_labels"]

FEWEST = 10
"""Images that a class needs for its threshold to say something."""


class Suggestion(NamedTuple):
    """An image that bears one class and is likely of another.

    `place` is its place among the answers; `given` and `suggested` are class numbers;
    `probability` is that of the suggested class, `margin` how far it is above that of
    the given one.
    """

    place: int
    given: int
    suggested: int
    probability: float
    margin: float


@dataclass(frozen=True)
class WrongLabels:
    """What confident learning says of labels.

    `suggestions` begin with the largest margin. `thresholds` has for each class the
    mean probability of it over the images that bear it, None for the classes in
    `too_few`, which are neither doubted nor suggested. `joint[i][j]` counts the images
    that bear class i and are confidently of class j.
    """

    suggestions: tuple[Suggestion, ...]
    thresholds: tuple[float | None, ...]
    too_few: tuple[int, ...]
    joint: tuple[tuple[int, ...], ...]


def likely_wrong_labels(
    probabilities: NDArray[np.floating],
    labels: NDArray[np.integer],
    *,
    fewest: int = FEWEST,
) -> WrongLabels:
    """The images that are confidently of another class than the one they bear.

    An image is confidently of class k where its probability p_k reaches the threshold
    t_k, of several such classes where it is largest. The network must not have been
    trained on these images: what it has learned by heart it does not doubt.

    Raises UsageError (`answers-shape`).

    >>> shares = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.95, 0.05]])
    >>> found = likely_wrong_labels(shares, np.array([0, 0, 1, 1]), fewest=1)
    >>> [(item.place, item.given, item.suggested) for item in found.suggestions]
    [(3, 1, 0)]
    """
    require_answers(probabilities, labels)
    classes = probabilities.shape[1]
    own = probabilities[np.arange(len(labels)), labels]
    counts = np.bincount(labels, minlength=classes)
    sums = np.bincount(labels, weights=own, minlength=classes)
    enough = counts >= max(fewest, 1)
    thresholds = np.full(classes, np.inf)
    thresholds[enough] = sums[enough] / counts[enough]
    reached = np.where(probabilities >= thresholds, probabilities, -1.0)
    confident, best = reached.argmax(axis=1), reached.max(axis=1)
    sure = (best >= 0) & enough[labels]
    joint = np.zeros((classes, classes), np.int64)
    np.add.at(joint, (labels[sure], confident[sure]), 1)
    margins = best - own
    places = np.flatnonzero(sure & (confident != labels) & (margins > 0))
    ranked = places[np.argsort(-margins[places], kind="stable")]
    return WrongLabels(
        tuple(
            Suggestion(
                place=int(place),
                given=int(labels[place]),
                suggested=int(confident[place]),
                probability=float(best[place]),
                margin=float(margins[place]),
            )
            for place in ranked
        ),
        tuple(float(t) if np.isfinite(t) else None for t in thresholds),
        tuple(map(int, np.flatnonzero(~enough))),
        tuple(tuple(map(int, row)) for row in joint),
    )
