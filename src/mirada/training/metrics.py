"""How good answers are: confusion, accuracy, precision, recall, F1, counted here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mirada.data import Dataset, Preprocessing
from mirada.engines import Engine
from mirada.network import Loss
from mirada.training.answers import Answers, answer
from mirada.training.typed import typed

__all__ = ["ClassMetrics", "Evaluation", "Mistake", "evaluate", "evaluation_of"]

SCHEMA = 1
MOST_MISTAKES = 24


@dataclass(frozen=True)
class ClassMetrics:
    """How well one class is found; None where there was nothing to divide by."""

    name: str
    precision: float | None
    recall: float | None
    f1: float | None
    count: int


@dataclass(frozen=True)
class Mistake:
    """An image that was taken for another class: its number and name in the data."""

    sample: int
    name: str
    true: str
    predicted: str
    probability: float


@dataclass(frozen=True)
class Evaluation:
    """What a network answered for a set of images.

    `confusion[i][j]` counts the images of class i that were taken for class j;
    `mistakes` are the surest wrong answers, the worst first. With `flips` an answer is
    the mean of the probabilities of the image and its mirror image.

    >>> found = Evaluation(0.4, ("cat", "dog"), ((3, 1), (0, 4)))
    >>> found.count, found.accuracy, found.per_class[1].precision
    (8, 0.875, 0.8)
    """

    loss: float
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    mistakes: tuple[Mistake, ...] = ()
    flips: bool = False

    @property
    def count(self) -> int:
        """How many images there were."""
        return sum(map(sum, self.confusion))

    @property
    def accuracy(self) -> float:
        """The share of right answers; 0 for no images."""
        right = sum(row[place] for place, row in enumerate(self.confusion))
        return right / self.count if self.count else 0.0

    @property
    def per_class(self) -> tuple[ClassMetrics, ...]:
        """Precision, recall and F1 of every class.

        precision = right / taken for it, recall = right / truly it, F1 = 2 right /
        (taken for it + truly it).
        """
        return tuple(self._of_class(place) for place in range(len(self.classes)))

    def to_dict(self) -> dict[str, Any]:
        """The evaluation as JSON holds it."""
        return {
            "schema": SCHEMA,
            "images": self.count,
            "accuracy": self.accuracy,
            "loss": self.loss,
            "flips": self.flips,
            "per_class": [vars(item) for item in self.per_class],
            "classes": list(self.classes),
            "confusion": [list(row) for row in self.confusion],
            "mistakes": [vars(item) for item in self.mistakes],
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The evaluation that `to_dict` wrote."""
        rows = tuple(tuple(row) for row in values["confusion"])
        mistakes = tuple(Mistake(**item) for item in values["mistakes"])
        flips = bool(values.get("flips", False))
        classes = tuple(values["classes"])
        if {len(classes)} != {len(rows), *map(len, rows)}:
            raise ValueError("confusion is not classes x classes")
        list(map(typed, mistakes))
        return typed(cls(values["loss"], classes, rows, mistakes, flips))

    def _of_class(self, place: int) -> ClassMetrics:
        right = self.confusion[place][place]
        truly = sum(self.confusion[place])
        taken = sum(row[place] for row in self.confusion)
        return ClassMetrics(
            self.classes[place],
            precision=right / taken if taken else None,
            recall=right / truly if truly else None,
            f1=2 * right / (taken + truly) if taken + truly else None,
            count=truly,
        )


def evaluate(
    engine: Engine,
    data: Dataset,
    samples: NDArray[np.int64],
    preprocessing: Preprocessing,
    loss: Loss,
    pause: Callable[[], None] = lambda: None,
    *,
    flips: bool = False,
) -> Evaluation:
    """How good the engine's network is on some samples of a data set.

    `pause` is called before each chunk; `flips` is as in `Evaluation`. Raises
    DivergenceError (`answer-not-finite`).
    """
    found = answer(engine, data, samples, preprocessing, loss, pause, flips=flips)
    return evaluation_of(data, found)


def evaluation_of(data: Dataset, answers: Answers) -> Evaluation:
    """How good answers for samples of a data set are."""
    samples, shares = answers.samples, answers.probabilities
    true, taken = data.labels[samples], shares.argmax(axis=1)
    confusion = np.zeros((len(data.classes),) * 2, dtype=np.int64)
    np.add.at(confusion, (true, taken), 1)
    sure = shares.max(axis=1, initial=0.0)
    wrong = np.flatnonzero(true != taken)
    worst = wrong[np.argsort(-sure[wrong], kind="stable")][:MOST_MISTAKES]
    mistakes = tuple(
        Mistake(
            sample=int(samples[place]),
            name=data.names[samples[place]],
            true=data.classes[true[place]],
            predicted=data.classes[taken[place]],
            probability=round(float(sure[place]), 6),
        )
        for place in worst
    )
    rows = tuple(tuple(map(int, row)) for row in confusion)
    return Evaluation(answers.loss, data.classes, rows, mistakes, answers.flips)
