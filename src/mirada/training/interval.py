"""The mean of a few measurements and how sure it is: Student's interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from mirada.errors import DataError

__all__ = ["Interval", "interval", "student_quantile"]

_LEVEL = 0.95
_STEPS, _HALVINGS = 200, 60
_TINY = 1e-300


@dataclass(frozen=True)
class Interval:
    """The mean of `count` measurements, from `low` to `high` with 95 % confidence.

    `deviation` is the standard deviation of one measurement. One measurement says
    nothing of how sure it is: then these three are None.
    """

    mean: float
    low: float | None
    high: float | None
    deviation: float | None
    count: int

    def to_dict(self) -> dict[str, Any]:
        """The interval as JSON holds it."""
        return dict(vars(self))


def interval(values: Sequence[float], *, share: bool = True) -> Interval:
    """The mean of independent measurements with its 95 % interval.

    mean +- t(0.975, n - 1) * s / sqrt(n), cut to [0, 1] for a `share`.

    Raises DataError (`no-measurements`). Source: Student, "The probable error of a
    mean", Biometrika 6, 1908.

    >>> found = interval([0.90, 0.92, 0.94])
    >>> f"{found.mean:.3f} from {found.low:.3f} to {found.high:.3f}"
    '0.920 from 0.870 to 0.970'
    """
    count = len(values)
    if not count:
        raise DataError(
            "no-measurements",
            "There is no measurement to take the mean of. At least one run must have "
            "ended; go on with it.",
        )
    mean = math.fsum(values) / count
    if count == 1:
        return Interval(mean, None, None, None, 1)
    squares = math.fsum((value - mean) ** 2 for value in values)
    deviation = math.sqrt(squares / (count - 1))
    half = student_quantile(0.5 + _LEVEL / 2, count - 1) * deviation / math.sqrt(count)
    low, high = mean - half, mean + half
    if share:
        low, high = max(low, 0.0), min(high, 1.0)
    return Interval(mean, low, high, deviation, count)


@cache
def student_quantile(probability: float, freedom: int) -> float:
    """The value that Student's t stays below with this probability, of 0.5 and more.

    >>> [round(student_quantile(0.975, n), 3) for n in (1, 2, 4, 9, 1000)]
    [12.706, 4.303, 2.776, 2.262, 1.962]
    """
    low, high = 0.0, 1.0
    while _student(high, freedom) < probability:
        high *= 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _student(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return high


def _student(value: float, freedom: int) -> float:
    """P(T <= t) for t of 0 and more: 1 - I(n / (n + t^2); n / 2, 1 / 2) / 2."""
    x = freedom / (freedom + value * value)
    return 1.0 - _incomplete_beta(x, freedom / 2, 0.5) / 2


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function.

    Source: Press et al., "Numerical Recipes", 3rd edition, section 6.4.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    logs = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(logs + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1.0 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1.0 / _away(1.0 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1.0 / _away(1.0 + step * d)
            c = _away(1.0 + step / c)
            found *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return found


def _away(value: float) -> float:
    """The value, kept away from 0."""
    return value if abs(value) > _TINY else _TINY
