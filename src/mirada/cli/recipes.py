"""Options that say how to train: numbers, optimizers and schedules as short texts."""

import math
from typing import Any

import click

from mirada.errors import UsageError
from mirada.network import Optimizer, Rate, Schedule
from mirada.network.text import OPTIMIZERS, SCHEDULES, read_value

__all__ = [
    "ClassWeights",
    "LearningRate",
    "OptimizerText",
    "ScheduleText",
    "rate_of",
]

_LARGEST_RATE = 1000.0
_LARGEST_WEIGHT = 1e6


class ClassWeights(click.ParamType):  # type: ignore[type-arg]
    """The weight of each class as "1,2,0.5", or "auto", or "none"."""

    name = "weights"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | tuple[float, ...]:
        """The word, or the numbers, or `UsageError`."""
        if value in ("auto", "none") or isinstance(value, tuple):
            return value  # type: ignore[no-any-return]
        try:
            weights = tuple(map(float, value.split(",")))
        except ValueError:
            weights = ()
        fine = all(0 <= weight <= _LARGEST_WEIGHT for weight in weights)
        if not fine or not any(weights):
            raise UsageError(
                "class-weights-option",
                "--class-weights must be auto, none, or one number from 0 to {most} "
                "a class in the order of their names, not all 0, as in 1,2.5,1; got "
                "{value!r}.",
                most=f"{_LARGEST_WEIGHT:.0f}",
                value=str(value)[:60],
            )
        return weights


class LearningRate(click.ParamType):  # type: ignore[type-arg]
    """A learning rate above 0."""

    name = "rate"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number, or `UsageError`."""
        try:
            rate = float(value)
        except ValueError:
            rate = math.nan
        if not 0 < rate <= _LARGEST_RATE:
            raise UsageError(
                "rate-option",
                "--lr must be a number above 0 and up to {most:g}, as in 0.03; got "
                "{value!r}.",
                most=_LARGEST_RATE,
                value=str(value)[:60],
            )
        return rate


class OptimizerText(click.ParamType):  # type: ignore[type-arg]
    """An optimizer as "sgd 0.05 momentum 0.9"."""

    name = "optimizer"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Optimizer:
        """The optimizer, or the refusal of `network.text`."""
        if isinstance(value, Optimizer):
            return value
        return read_value(value, OPTIMIZERS)  # type: ignore[no-any-return]


class ScheduleText(click.ParamType):  # type: ignore[type-arg]
    """A schedule as "cosine warmup 0.1"."""

    name = "schedule"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Schedule:
        """The schedule, or the refusal of `network.text`."""
        if isinstance(value, Schedule):
            return value
        return read_value(value, SCHEDULES)  # type: ignore[no-any-return]


def rate_of(text: str) -> Rate:
    """The rate of `--rate` as in 'conv*=0.1'.

    Raises UsageError (`rate-words`), and what `Rate` does.
    """
    pattern, sign, factor = text.rpartition("=")
    if not sign:
        raise UsageError(
            "rate-words",
            "--rate must be a pattern and a factor as in 'conv*=0.1'; got {value!r}.",
            value=text[:60],
        )
    return Rate.read(f"{pattern} {factor}")
