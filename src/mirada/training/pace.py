"""How fast a training goes on this computer: measured, on its own images."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from mirada.engines import Engine
from mirada.engines.group import Group
from mirada.training.answers import CHUNK
from mirada.training.checkpoint import Checkpoint, write_checkpoint
from mirada.training.configuration import Configuration
from mirada.training.feed import endless_batches
from mirada.training.metrics import evaluate
from mirada.training.place import Place
from mirada.training.plan import Plan

__all__ = ["Pace", "measured_pace"]

_LEAST_STEPS, _MOST_STEPS, _ENOUGH_SECONDS = 3, 50, 1.5


@dataclass(frozen=True)
class Pace:
    """Seconds: to begin (machine code is made), of a step, an answer, and a save.

    A step has its batch of images made ready; an answer is that of one image; a save
    is what an epoch leaves on the disk.

    >>> Pace(start=1.0, step=0.5, answer=0.0, save=0.25).steps_within(3.5, 10, 0)
    4
    """

    start: float
    step: float
    answer: float
    save: float

    def compiled(self) -> "Pace":
        """The same where machine code was made already."""
        return replace(self, start=0.0)

    def epoch(self, configuration: Configuration) -> float:
        """The seconds of an epoch, its validation included."""
        steps = configuration.steps_per_epoch
        validation = configuration.data.counts[1] * self.answer
        return steps * self.step + validation + 2 * self.save

    def end(self, configuration: Configuration) -> float:
        """The seconds of the end: the held-out images are answered."""
        answers = configuration.data.counts[2] * (1 + configuration.flips)
        return answers * self.answer + self.save

    def run(self, configuration: Configuration) -> float:
        """The seconds of a whole run that nothing ends early."""
        epochs = configuration.steps / configuration.steps_per_epoch
        trained = epochs * self.epoch(configuration)
        return self.start + trained + self.end(configuration)

    def steps_within(self, seconds: float, steps: int, images: int) -> int:
        """How many of so many steps fit, with one validation on so many images."""
        left = seconds - self.start - images * self.answer - 2 * self.save
        return max(1, min(steps, int(left / self.step)))


def measured_pace(plan: Plan, engine: Engine) -> Pace:
    """Takes some steps and answers some images, which takes a few seconds.

    The engine has learned something afterwards and is of no use for a run.
    """
    began = time.perf_counter()
    group = engine.group
    steps = _steps(plan, engine)
    next(steps)
    samples = _answered(plan)
    _answer(plan, engine, samples)
    start = time.perf_counter() - began
    step = _step_seconds(steps, group)
    began = time.perf_counter()
    _answer(plan, engine, samples)
    answer = (time.perf_counter() - began) / len(samples)
    return Pace(*group.told([start, step, answer, _save_seconds(engine)]))


def _step_seconds(steps: Iterator[None], group: Group) -> float:
    began, done, seconds = time.perf_counter(), 0, 0.0
    while done < _LEAST_STEPS or (seconds < _ENOUGH_SECONDS and done < _MOST_STEPS):
        next(steps)
        done += 1
        seconds = group.told(time.perf_counter() - began)
    return seconds / done


def _steps(plan: Plan, engine: Engine) -> Iterator[None]:
    """Takes a step whenever it is asked to go on, as the loop does, without end.

    The learning rate is so small that nothing can diverge.
    """
    ready = endless_batches(plan, engine.group)
    for step, (images, labels, mixing) in enumerate(ready):
        engine.train_step(images, labels, step=step, learning_rate=1e-9, mixing=mixing)
        yield


def _answered(plan: Plan) -> NDArray[np.int64]:
    split = plan.split
    parts = (split.validation, split.test, split.train)
    return next(part for part in parts if len(part))[:CHUNK]


def _answer(plan: Plan, engine: Engine, samples: NDArray[np.int64]) -> None:
    chosen = plan.configuration
    evaluate(engine, plan.data, samples, chosen.preprocessing, chosen.recipe.loss)


def _save_seconds(engine: Engine) -> float:
    """What a checkpoint takes to be written."""
    began = time.perf_counter()
    with TemporaryDirectory() as folder:
        parameters = engine.parameters()
        state = engine.optimizer_state()
        checkpoint = Checkpoint("0" * 64, Place(), parameters, state, {})
        write_checkpoint(Path(folder), checkpoint)
    return time.perf_counter() - began
