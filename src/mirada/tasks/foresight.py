"""What a run will take, measured before it begins: time, memory, steps."""

from math import prod
from typing import Any, NamedTuple

from mirada.engines.group import ALONE, Group
from mirada.language import translate
from mirada.talk import say
from mirada.training import ForetoldMemory, Plan, engine_for, foretold_memory
from mirada.training.budget import fitted
from mirada.training.pace import Pace, measured_pace

__all__ = ["Foresight", "foreseen", "in_time", "parameter_count"]


class Foresight(NamedTuple):
    """The plan, made to fit into its time, and what it will take."""

    plan: Plan
    memory: ForetoldMemory
    pace: Pace

    @property
    def seconds(self) -> float:
        """How long the whole run takes."""
        chosen = self.plan.configuration
        seconds = self.pace.run(chosen)
        if chosen.seconds is not None:
            seconds = min(seconds, self.pace.start + chosen.seconds)
        return seconds

    def to_dict(self) -> dict[str, Any]:
        """What `mirada train --dry-run --json` prints besides its schema."""
        chosen = self.plan.configuration
        return {
            "seconds": round(self.seconds, 3),
            "memory_bytes": self.memory.total,
            "memory": self.memory.to_dict(),
            "parameters": parameter_count(self.plan),
            "epochs": chosen.recipe.epochs,
            "steps": chosen.steps,
            "seconds_per_epoch": round(self.pace.epoch(chosen), 4),
            "images_per_second": round(self.images_per_second, 1),
        }

    @property
    def images_per_second(self) -> float:
        """How many images are trained on in a second."""
        return self.plan.configuration.recipe.batch_size / self.pace.step


def foreseen(plan: Plan, memory: ForetoldMemory | None = None) -> Foresight:
    """Foresees a run, which takes a few seconds.

    `memory` is what was foretold before this process had computed anything.
    """
    found = memory or foretold_memory(plan)
    pace = _pace(plan)
    if plan.configuration.seconds is not None:
        plan = fitted(plan, pace.compiled())
    return Foresight(plan, found, pace)


def parameter_count(plan: Plan) -> int:
    """How many numbers the network learns and keeps."""
    parameters = plan.configuration.network.parameters.values()
    return sum(prod(parameter.shape) for parameter in parameters)


def in_time(plan: Plan, group: Group = ALONE) -> Plan:
    """The plan with as many epochs as fit into its seconds, which is measured."""
    say(translate("Measuring how fast it goes here ..."))
    return fitted(plan, _pace(plan, group).compiled())


def _pace(plan: Plan, group: Group = ALONE) -> Pace:
    """The pace of a training, with an engine of its own."""
    engine = group.everywhere(lambda: engine_for(plan.configuration, group))
    return measured_pace(plan, engine)
