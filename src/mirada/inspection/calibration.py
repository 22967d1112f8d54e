"""Whether a network is as often right as it says: calibration, and what would mend it.

Every answer comes with a confidence, the probability of the class it names. A network
is calibrated where of the answers with confidence c the share c is right.

Source: Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks", ICML
2017, sections 2 and 4.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.inspection.answers import require_answers
from mirada.inspection.intervals import Estimate, wilson

__all__ = [
    "BINS",
    "Bin",
    "Calibration",
    "best_temperature",
    "calibration",
    "tempered",
]

BINS = 10
"""Bins of equal width, the reliability diagram's of the source."""
_TINY = float(np.finfo(np.float64).tiny)
_DOUBLINGS, _STEPS = 60, 100
_CERTAIN = 1.959963984540054

Shares = NDArray[np.floating]
Labels = NDArray[np.integer]


@dataclass(frozen=True)
class Bin:
    """The answers with a confidence in (low, high]; means are None where none are.

    `confidence` is their mean confidence, `accuracy` the share of them that is right.
    """

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: Estimate | None


@dataclass(frozen=True)
class Calibration:
    """How far confidence and accuracy lie apart.

    - ece: expected calibration error, the mean over all answers of |accuracy -
      confidence| of their bin
    - mce: maximum calibration error, that of the worst bin
    - chance: the ece that a calibrated network would show for the same confidences, by
      the chance of so few answers (about, from the normal distribution)
    - brier: the mean of sum_k (p_k - y_k)^2, from 0 to 2; y_k is 1 for the true class
      (Brier, "Verification of forecasts expressed in terms of probability", Monthly
      Weather Review 78, 1950)
    - confidence, accuracy: their means over all answers
    - surplus_error: the standard error of their difference, were it calibrated
    """

    bins: tuple[Bin, ...]
    ece: float
    mce: float
    chance: float
    brier: float
    confidence: float
    accuracy: float
    surplus_error: float

    @property
    def verdict(self) -> str:
        """One of "fair", "too-sure", "too-unsure" and "uneven".

        Fair is what chance may explain (at a level of 5 %): neither the means nor the
        ece lie further apart than they would for a calibrated network. Uneven is one
        that is too sure in some places and not sure enough in others.
        """
        surplus = self.confidence - self.accuracy
        if abs(surplus) > _CERTAIN * self.surplus_error:
            return "too-sure" if surplus > 0 else "too-unsure"
        spread = math.sqrt(1 - 2 / math.pi) * self.surplus_error
        return "fair" if self.ece <= self.chance + _CERTAIN * spread else "uneven"


def calibration(
    probabilities: Shares, labels: Labels, *, bins: int = BINS
) -> Calibration:
    """The calibration of answers: probabilities (n, classes), true classes (n,).

    Raises UsageError (`answers-shape`).

    >>> shares = np.array([[0.75, 0.25]] * 4)
    >>> calibration(shares, np.array([0, 0, 0, 1])).ece
    0.0
    >>> calibration(shares, np.array([0, 0, 1, 1])).ece
    0.25
    """
    require_answers(probabilities, labels)
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    edges = np.arange(bins + 1) / bins
    places = np.clip(np.searchsorted(edges, sure, side="left") - 1, 0, bins - 1)
    counts = np.bincount(places, minlength=bins)
    sums = np.bincount(places, weights=sure, minlength=bins)
    rights = np.bincount(places, weights=right, minlength=bins)
    spreads = np.bincount(places, weights=sure * (1 - sure), minlength=bins)
    gaps = np.abs(rights - sums)
    met = counts > 0
    total = len(labels)
    return Calibration(
        tuple(
            _bin(edges, place, int(counts[place]), sums[place], int(rights[place]))
            for place in range(bins)
        ),
        ece=float(gaps.sum() / total),
        mce=float((gaps[met] / counts[met]).max()),
        chance=float(math.sqrt(2 / math.pi) * np.sqrt(spreads).sum() / total),
        brier=_brier(probabilities, labels),
        confidence=float(sure.mean()),
        accuracy=float(right.mean()),
        surplus_error=float(math.sqrt(spreads.sum()) / total),
    )


def best_temperature(probabilities: Shares, labels: Labels) -> float | None:
    """The T for which softmax(scores / T) has the least log loss on these answers.

    Above 1 the network was too sure, below 1 not sure enough; no answer changes, only
    how sure it is. Scores are the logarithms of the probabilities. The loss is convex
    in b = 1/T with the slope mean_i(E_b[s_i] - s_i,true), whose zero Newton's method
    finds, kept within a bracket that halves.

    None where no temperature is best: every answer is right (the surer, the better) or
    the answers are no better than guesses (the less sure, the better).

    Raises UsageError (`answers-shape`).

    >>> shares = np.array([[0.9, 0.1]] * 4)
    >>> round(best_temperature(shares, np.array([0, 0, 0, 1])), 9)
    2.0
    """
    require_answers(probabilities, labels)
    scores = _scores(probabilities)
    true = scores[np.arange(len(labels)), labels]
    if not (true < 0).any() or _slope(scores, true, 0.0)[0] >= 0:
        return None
    low, high = 0.0, 1.0
    for _ in range(_DOUBLINGS):
        if _slope(scores, true, high)[0] > 0:
            break
        low, high = high, 2 * high
    else:
        return None
    sharpness = (low + high) / 2
    for _ in range(_STEPS):
        slope, growth = _slope(scores, true, sharpness)
        low, high = (low, sharpness) if slope > 0 else (sharpness, high)
        step = sharpness - slope / growth if growth > 0 else low
        step = step if low < step < high else (low + high) / 2
        if abs(step - sharpness) <= 1e-12 * sharpness:
            break
        sharpness = step
    return 1 / sharpness


def tempered(probabilities: Shares, temperature: float) -> NDArray[np.float64]:
    """The probabilities that scores divided by a temperature give.

    >>> tempered(np.array([[0.9, 0.1]]), 2.0).round(6).tolist()
    [[0.75, 0.25]]
    """
    return _softmax(_scores(probabilities) / temperature)


def _bin(
    edges: NDArray[np.float64], place: int, count: int, total: float, right: int
) -> Bin:
    return Bin(
        float(edges[place]),
        float(edges[place + 1]),
        count,
        float(total / count) if count else None,
        wilson(right, count) if count else None,
    )


def _brier(probabilities: Shares, labels: Labels) -> float:
    own = probabilities[np.arange(len(labels)), labels]
    squares = np.square(probabilities, dtype=np.float64).sum(axis=1)
    return float((squares - 2 * own + 1).mean())


def _scores(probabilities: Shares) -> NDArray[np.float64]:
    """Logarithms, the largest of each row 0."""
    found = np.log(np.maximum(probabilities, _TINY, dtype=np.float64))
    return np.asarray(found - found.max(axis=1, keepdims=True))


def _softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _slope(
    scores: NDArray[np.float64], true: NDArray[np.float64], sharpness: float
) -> tuple[float, float]:
    """The slope of the log loss in 1/T, and how fast it grows."""
    shares = _softmax(scores * sharpness)
    means = (shares * scores).sum(axis=1)
    spreads = (shares * np.square(scores)).sum(axis=1) - np.square(means)
    return float((means - true).mean()), float(spreads.mean())
