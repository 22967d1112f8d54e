"""A run that has so much time: how many epochs fit, and when it is over."""

import math
import time
from dataclasses import dataclass, field, replace

from mirada.errors import Phrase
from mirada.training.configuration import Configuration, Origin
from mirada.training.pace import Pace
from mirada.training.plan import Plan

__all__ = ["TIME", "Budget", "fitted"]

TIME = "time"
"""Why a run ended whose time was up."""
_USED = 0.9
"""The share of the time that is planned for: the pace is not the same all along."""
_LONGER = 3
"""How many times as many epochs as without a budget may be chosen."""


def fitted(plan: Plan, pace: Pace, spent: float = 0.0) -> Plan:
    """The plan with as many epochs as fit into its seconds, and the reason.

    Of epochs that somebody asked for there may be fewer, never more. Where not even
    one fits, its steps are fewer, so that the schedule comes to its end. `spent` is
    what has gone already.
    """
    chosen = plan.configuration
    if chosen.seconds is None:
        return plan
    within = _USED * (chosen.seconds - spent) - pace.end(chosen)
    fits = int((within - pace.start) / pace.epoch(chosen))
    most = chosen.recipe.epochs
    if chosen.origins["recipe.epochs"].kind == "automatic":
        most = min(_LONGER * most, 100_000)
    epochs = max(1, min(fits, most))
    origin = _reason(chosen, pace, epochs)
    last = None
    if fits < 1:
        images = chosen.data.counts[1]
        last = pace.steps_within(within, chosen.steps_per_epoch, images)
        origin = _short(chosen, pace, last)
    if epochs == chosen.recipe.epochs and last is None:
        return plan
    changed = replace(
        chosen,
        recipe=replace(chosen.recipe, epochs=epochs),
        last_step=last,
        origins={**chosen.origins, "recipe.epochs": origin},
    )
    return replace(plan, configuration=changed)


def _reason(chosen: Configuration, pace: Pace, epochs: int) -> Origin:
    return Origin(
        "automatic",
        Phrase(
            "an epoch takes about {epoch:.2g} s here, so {epochs} fit into {seconds:g} "
            "s or are enough",
            epoch=pace.epoch(chosen),
            epochs=epochs,
            seconds=chosen.seconds,
        ),
    )


def _short(chosen: Configuration, pace: Pace, steps: int) -> Origin:
    return Origin(
        "automatic",
        Phrase(
            "an epoch takes about {epoch:.2g} s here and there are {seconds:g} s: the "
            "run ends after {steps} of the {all} steps of one",
            epoch=pace.epoch(chosen),
            seconds=chosen.seconds,
            steps=steps,
            all=chosen.steps_per_epoch,
        ),
    )


@dataclass
class Budget:
    """How much of the time of a run is left; None is without end.

    `spent` is what earlier processes of the run took. `answer` is the seconds that an
    image took to be answered, known after the first validation.

    >>> Budget(None).is_over(10**9)
    False
    """

    seconds: float | None
    spent: float = 0.0
    answer: float = 0.0
    began: float = field(default_factory=time.monotonic)

    @property
    def elapsed(self) -> float:
        """The seconds that the run has taken, all its processes together."""
        return self.spent + time.monotonic() - self.began

    def is_more_than(self, seconds: float | None) -> bool:
        """Whether it is longer than another one was."""
        return seconds is not None and (self.seconds or math.inf) > seconds

    def is_over(self, images: int) -> bool:
        """Whether so many images just can be answered before the end."""
        if self.seconds is None:
            return False
        return self.elapsed + images * self.answer >= self.seconds
