"""What more images would bring: error(n) = a + b n^-c through what was measured.

The curve is a least squares fit with 0 <= a, 0 <= b and c from 0.05 to 2, robust
against a run that went wrong (Huber's weights). How sure it is comes from fitting it
again to noise of the size that the seeds show, or that a test part of that size has.

Source of the form: Cortes, Jackel, Solla, Vapnik, Denker, "Learning curves: asymptotic
values and rate of convergence", NIPS 1993.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.randomness import Purpose, normal

__all__ = ["Curve", "Forecast", "Learning", "Measured", "learn"]

_RATES = np.geomspace(0.05, 2.0, 160)
_REPEATS = 400
_LEAST_SIZES = 3
_HUBER = 1.345
_ROUNDS = 8
_WIDEST = 0.15
"""An interval of more than 15 points says too little to be told as a forecast."""
_FLAT, _FLAT_AT_MOST = 0.005, 0.02
_AHEAD = 2

Verdict = Literal["expect", "flat", "few", "unclear"]
Numbers = NDArray[np.float64]


class Measured(NamedTuple):
    """The test accuracy of one run that was trained with so many images."""

    images: int
    accuracy: float


@dataclass(frozen=True)
class Curve:
    """error(n) = a + b n^-c.

    >>> Curve(0.05, 2.0, 0.5).accuracy(400)
    0.85
    """

    a: float
    b: float
    c: float

    def accuracy(self, images: float) -> float:
        """1 - error(images), from 0 to 1."""
        error: float = self.a + self.b * images**-self.c
        return min(max(1.0 - error, 0.0), 1.0)


class Forecast(NamedTuple):
    """What to expect with so many images: the accuracy, and 95 % of what else fits."""

    images: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True)
class Learning:
    """A learning curve and what it says.

    `verdict` is "expect" where `forecast` can be told, "flat" where more images would
    hardly help, "few" for fewer than three sizes, "unclear" where the forecast is too
    wide; `now` is the curve's value at the largest size. `band` is the curve with its
    uncertainty at sizes in between, for a picture.
    """

    measured: tuple[Measured, ...]
    verdict: Verdict
    curve: Curve | None = None
    now: Forecast | None = None
    forecast: Forecast | None = None
    band: tuple[Forecast, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The curve as JSON holds it."""
        return {
            "verdict": self.verdict,
            "fit": None if self.curve is None else dict(vars(self.curve)),
            "now": None if self.now is None else self.now._asdict(),
            "forecast": None if self.forecast is None else self.forecast._asdict(),
        }


def learn(measured: Sequence[Measured], tested: int, seed: int = 0) -> Learning:
    """The learning curve of some runs, answered on `tested` held-out images.

    The same runs give the same curve, interval and verdict.

    >>> rows = [Measured(n, 1 - (0.02 + n**-0.5)) for n in (100, 200, 400, 800) * 2]
    >>> found = learn(rows, tested=10_000)
    >>> found.verdict, round(found.curve.c, 1), round(found.forecast.accuracy, 3)
    ('expect', 0.5, 0.955)
    """
    rows = tuple(sorted(measured))
    sizes = sorted({row.images for row in rows})
    if len(sizes) < _LEAST_SIZES:
        return Learning(rows, "few")
    images = np.array([row.images for row in rows], dtype=np.float64)
    errors = 1.0 - np.array([row.accuracy for row in rows])
    noise = _noise(images, errors, tested)
    weights = _robust_weights(images, errors, noise)
    fitted = _fit(images, errors[None], weights)[0]
    centre = Curve(*map(float, fitted))
    # The same draws for a run whatever its place: noise of the fitted curve.
    draws = normal(seed, Purpose.RESAMPLE, len(rows), sample=np.arange(_REPEATS))
    ideal = 1.0 - np.array([centre.accuracy(n) for n in images])
    others = _fit(images, np.clip(ideal + noise * draws, 0, 1), weights)
    largest = sizes[-1]
    forecast = _forecast(centre, others, _AHEAD * largest)
    now = _forecast(centre, others, largest)
    span = np.geomspace(sizes[0], _AHEAD * largest, 40)
    band = tuple(_forecast(centre, others, round(n)) for n in span)
    verdict = _verdict(others, now, forecast)
    return Learning(rows, verdict, centre, now, forecast, band)


def _noise(images: Numbers, errors: Numbers, tested: int) -> Numbers:
    """The standard deviation of each error: by the seeds, or by the test's size.

    Seeds differ in proportion to the error, so what small sizes show of it counts for
    large ones too.
    """
    squares, freedom = 0.0, 0
    means = np.empty_like(errors)
    for size in np.unique(images):
        group = errors[images == size]
        means[images == size] = group.mean()
        if group.mean() > 0:
            squares += float(((group / group.mean() - 1) ** 2).sum())
            freedom += len(group) - 1
    by_seeds = means**2 * (squares / freedom if freedom else 0.0)
    # (k + 1) / (n + 2): a part that was answered without a fault is not without doubt.
    share = (means * tested + 1) / (tested + 2)
    noise: Numbers = np.sqrt(np.maximum(by_seeds, share * (1 - share) / max(tested, 1)))
    return noise


def _robust_weights(images: Numbers, errors: Numbers, noise: Numbers) -> Numbers:
    """1 / noise^2, less for a run that lies far from the curve (Huber, 1964)."""
    weights = noise**-2
    for _ in range(_ROUNDS):
        a, b, c = _fit(images, errors[None], weights)[0]
        far = np.abs(errors - a - b * images**-c) / noise
        weights = noise**-2 * np.minimum(1.0, _HUBER / np.maximum(far, 1e-12))
    return weights


def _fit(images: Numbers, errors: Numbers, weights: Numbers) -> Numbers:
    """(a, b, c) for each row of errors (rows, runs): the best over all rates c.

    For one c the curve is a straight line in x = n^-c, whose a and b must not be
    negative: the best line, or the best through 0, or the best level.
    """
    x = images[None] ** -_RATES[:, None]
    total = weights.sum()
    sx, sxx = x @ weights, (x * x) @ weights
    sy, sxy = errors @ weights, (errors * weights) @ x.T
    syy = (errors * errors) @ weights
    b = np.maximum((total * sxy - sx * sy[:, None]) / (total * sxx - sx * sx), 0)
    a = (sy[:, None] - b * sx) / total
    through = a < 0
    b = np.where(through, np.maximum(sxy / sxx, 0), b)
    a = np.where(through, 0, a)
    lost = syy[:, None] - 2 * a * sy[:, None] - 2 * b * sxy
    lost += a * a * total + 2 * a * b * sx + b * b * sxx
    best = lost.argmin(axis=1)
    rows = np.arange(len(errors))
    return np.stack([a[rows, best], b[rows, best], _RATES[best]], axis=1)


def _forecast(centre: Curve, others: Numbers, images: int) -> Forecast:
    found = np.clip(1 - others[:, 0] - others[:, 1] * images ** -others[:, 2], 0, 1)
    middle = centre.accuracy(images)
    low, high = np.quantile(found, [0.025, 0.975])
    return Forecast(images, middle, min(float(low), middle), max(float(high), middle))


def _verdict(others: Numbers, now: Forecast, forecast: Forecast) -> Verdict:
    b, c = others[:, 1], others[:, 2]
    gains = b * now.images**-c - b * forecast.images**-c
    most = float(np.quantile(gains, 0.975))
    if forecast.accuracy - now.accuracy <= _FLAT and most <= _FLAT_AT_MOST:
        return "flat"
    if not math.isfinite(most) or forecast.high - forecast.low > _WIDEST:
        return "unclear"
    return "expect"
