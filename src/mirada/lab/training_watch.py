"""What the lab is told of a run while it goes on, seldom enough to cost nothing."""

import json
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mirada.data.gate import read_plain
from mirada.errors import MiradaError, Phrase
from mirada.lab.training_pictures import LivePictures
from mirada.lab.training_tell import in_languages
from mirada.training import (
    Configuration,
    EpochRow,
    Evaluation,
    Outcome,
    Place,
    Watch,
)
from mirada.training.record import METRICS
from mirada.views.confusion import Confusion, most_confused

__all__ = ["LabWatch", "confusion_of", "measured_steps", "thinned"]

STEPS_S = 0.1
"""How often steps are told of, together."""
MOST_POINTS = 600
_MOST_CLASSES = 40
_PACE_S = 20.0
_MOST_BYTES = 2**28

Tell = Callable[..., None]
Point = tuple[int, float]


class LabWatch(Watch):
    """Turns what the loop tells into events."""

    def __init__(self, tell: Tell, folder: Path, pictures: LivePictures) -> None:
        self._tell, self._folder, self._pictures = tell, folder, pictures
        self._losses: list[float] = []
        self._told = 0.0
        self._pace: deque[tuple[float, int]] = deque()

    def note(self, text: Phrase) -> None:
        self._tell("said", text=in_languages(text))

    def began(self, configuration: Configuration, place: Place) -> None:
        self._configuration = configuration
        self._tell(
            "began",
            run=self._folder.name,
            configuration=configuration.to_dict(),
            place=place.to_dict(),
            points=measured_steps(self._folder, place.step),
        )
        self._pictures.step(place.step, now=True)

    def step(self, place: Place, loss: float) -> None:
        self._losses.append(loss)
        now = time.monotonic()
        if now - self._told >= STEPS_S or place.step == 1:
            self._tell_steps(place, now)
        self._pictures.step(place.step)

    def _tell_steps(self, place: Place, now: float) -> None:
        chosen = self._configuration
        position = place.epoch * chosen.steps_per_epoch + place.batch
        self._pace.append((now, position))
        while now - self._pace[0][0] > _PACE_S:
            self._pace.popleft()
        (began, first), speed = self._pace[0], 0.0
        if position > first and now > began:
            speed = (position - first) / (now - began)
        rate = chosen.scheduled_rate(position - 1) * place.rate_factor
        self._tell(
            "steps",
            step=place.step,
            epoch=place.epoch,
            batch=place.batch,
            loss=sum(self._losses) / len(self._losses),
            accuracy=place.correct / place.seen,
            learning_rate=rate,
            images_per_second=round(speed * chosen.recipe.batch_size, 1),
            left_s=round((chosen.steps - position) / speed, 1) if speed else None,
        )
        self._losses.clear()
        self._told = now

    def rate(self, place: Place) -> None:
        self._tell("rate", **place.rate_changes[-1]._asdict())

    def paused(self, place: Place) -> None:
        self._tell("paused", step=place.step)
        self._pictures.step(place.step, now=True)

    def resumed(self) -> None:
        self._pace.clear()
        self._tell("resumed")

    def validated(self, place: Place, found: Evaluation) -> None:
        self._tell("confusion", epoch=place.epoch + 1, **confusion_of(found))

    def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
        self._tell("epoch", row=row.to_dict(), seconds=round(seconds, 3))
        self._pictures.step(row.step)

    def ended(self, outcome: Outcome) -> None:
        self._pictures.step(outcome.best.step, now=True)


def confusion_of(found: Evaluation) -> dict[str, Any]:
    """The matrix of the classes with most mistakes, and how many there are."""
    confusion = Confusion(found.classes, found.confusion)
    shown = most_confused(confusion, _MOST_CLASSES)
    return {
        "classes": [found.classes[place] for place in shown],
        "counts": confusion.array[shown][:, shown].tolist(),
        "of_classes": len(found.classes),
        "images": found.count,
        "accuracy": found.accuracy,
        "loss": found.loss,
    }


def measured_steps(folder: Path, last: int | None = None) -> list[Point]:
    """The losses of steps that `metrics.jsonl` of a run tells of, up to `last`."""
    path = folder / METRICS
    found: list[Point] = []
    if not path.is_file():
        return found
    try:
        content = read_plain(path, _MOST_BYTES)
    except MiradaError:
        return found
    for text in content.splitlines():
        try:
            line = json.loads(text)
            if line["kind"] == "step" and (last is None or line["step"] <= last):
                found.append((int(line["step"]), _finite(line["loss"])))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            continue
    return thinned(found)


def _finite(number: Any) -> float:
    if not math.isfinite(number):
        raise ValueError(number)
    return float(number)


def thinned(points: Sequence[Point]) -> list[Point]:
    """The points, at most `MOST_POINTS`: the means of neighbours, where more.

    >>> len(thinned([(step, 1.0) for step in range(5000)]))
    556
    """
    group = -(-len(points) // MOST_POINTS)
    if group <= 1:
        return list(points)
    pieces = [points[at : at + group] for at in range(0, len(points), group)]
    return [(own[-1][0], sum(loss for _, loss in own) / len(own)) for own in pieces]
