"""Options that say how to train: numbers, optimizers and schedules as short texts."""

import math
from typing import Any

import click

from mirada.errors import UsageError
from mirada.network import Optimizer, Schedule
from mirada.network.text import OPTIMIZERS, SCHEDULES, read_value

__all__ = ["LearningRate", "OptimizerText", "ScheduleText"]

_LARGEST_RATE = 1000.0


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
