"""A learning rate, found by trying all of them once (arXiv 1506.01186, section 3.3).

Each step takes a larger rate than the one before. The loss falls while the rate is
right, and rises when it is too large; nothing of it is kept.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from mirada.engines import Engine
from mirada.errors import DivergenceError
from mirada.network import SGD
from mirada.training.feed import endless_batches
from mirada.training.inheritance import begin_with
from mirada.training.plan import Plan

__all__ = ["RatePoint", "RateSearch", "find_rate", "searched"]

STEPS = 120
_LOWEST, _HIGHEST = 1e-6, 10.0
_ADAPTIVE_HIGHEST = 1.0
_MEMORY = 0.9
_RUN_AWAY = 4.0
"""So many times the best smoothed loss, and the search is over."""
_FELL = 0.97
"""The share of the first loss that the best must fall below to say anything."""


@dataclass(frozen=True)
class RatePoint:
    """A step of the search: its rate, its loss, and the losses until then smoothed."""

    rate: float
    loss: float
    smoothed: float


@dataclass(frozen=True)
class RateSearch:
    """What a search found.

    `lowest` is the rate at which the smoothed loss was least, `steepest` the one at
    which it fell fastest by the logarithm of the rate; `suggestion` a tenth of the
    first, two digits of it. All are None where the loss never fell.
    """

    points: tuple[RatePoint, ...]
    diverged: bool
    lowest: float | None = None
    steepest: float | None = None
    suggestion: float | None = None


def find_rate(plan: Plan, engine: Engine, steps: int = STEPS) -> RateSearch:
    """Trains up to so many steps at growing rates, and says which one to take.

    The engine has learned nonsense afterwards and is of no use for a run.
    """
    rule = plan.configuration.recipe.optimizer
    highest = _HIGHEST if isinstance(rule, SGD) else _ADAPTIVE_HIGHEST
    return searched(_losses(plan, engine, _rates(highest, steps)))


def searched(losses: Iterable[tuple[float, float]]) -> RateSearch:
    """What rates and their losses, in order, say; the rest is left when they run away.

    >>> falls = [(10.0**n, loss) for n, loss in zip(range(-5, 1), (9, 8, 4, 2, 1, 9))]
    >>> searched(falls).lowest
    0.1
    """
    points: list[RatePoint] = []
    mean, best, diverged = 0.0, math.inf, False
    for place, (rate, loss) in enumerate(losses, 1):
        if not math.isfinite(loss):
            diverged = True
            break
        mean = _MEMORY * mean + (1 - _MEMORY) * loss
        smoothed = mean / (1 - _MEMORY**place)
        points.append(RatePoint(rate, loss, smoothed))
        best = min(best, smoothed)
        if smoothed > _RUN_AWAY * best:
            diverged = True
            break
    return _concluded(tuple(points), diverged)


def _concluded(points: tuple[RatePoint, ...], diverged: bool) -> RateSearch:
    found = RateSearch(points, diverged)
    if len(points) < 3:
        return found
    losses = np.array([point.smoothed for point in points])
    least = int(losses.argmin())
    if losses[least] > _FELL * losses[0]:
        return found
    scale = np.log([point.rate for point in points])
    slopes = np.gradient(losses, scale)[: least + 1]
    lowest = points[least].rate
    return replace(
        found,
        lowest=lowest,
        steepest=points[int(slopes.argmin())].rate,
        suggestion=float(f"{lowest / 10:.1e}"),
    )


def _rates(highest: float, steps: int) -> Iterator[float]:
    """From the lowest to the highest, each the same multiple of the one before."""
    step = (highest / _LOWEST) ** (1 / max(steps - 1, 1))
    for place in range(steps):
        yield _LOWEST * step**place


def _losses(
    plan: Plan, engine: Engine, rates: Iterable[float]
) -> Iterator[tuple[float, float]]:
    begin_with(engine, plan.initial)
    taken = endless_batches(plan)
    for step, rate in enumerate(rates):
        images, labels, mixing = next(taken)
        try:
            result = engine.train_step(
                images, labels, step=step, learning_rate=rate, mixing=mixing
            )
        except DivergenceError:
            yield rate, math.inf
            return
        yield rate, result.loss
