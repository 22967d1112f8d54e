"""Several runs as one question: how good on average, over seeds, folds, or sizes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mirada.errors import ConfigurationError
from mirada.training.configuration import Configuration
from mirada.training.interval import Interval, interval
from mirada.training.learning import Learning, Measured, learn
from mirada.training.metrics import Evaluation
from mirada.training.plan import Plan
from mirada.training.runs import RunSummary
from mirada.training.study_folder import StudyFolder

__all__ = [
    "Member",
    "Result",
    "Study",
    "curve_members",
    "curve_shares",
    "members_of",
    "run_members",
]

_SHARES = (0.125, 0.25, 0.5, 1.0)
_SEEDS_OF_SHARE = (3, 3, 2, 2)
_LEAST_IMAGES = 10


@dataclass(frozen=True)
class Member:
    """One run of a study; `fold` counts from 0, `share` is that of the training part.

    >>> Member("fold-3-seed-7", seed=7, fold=2).share
    1.0
    """

    name: str
    seed: int
    fold: int | None = None
    share: float = 1.0


@dataclass(frozen=True, eq=False)
class Result:
    """A member whose run has ended."""

    member: Member
    run: RunSummary

    @property
    def configuration(self) -> Configuration:
        """What the run was made of."""
        assert self.run.configuration is not None
        return self.run.configuration

    @property
    def test(self) -> Evaluation:
        """What the run answered for the held-out part."""
        assert self.run.test is not None
        return self.run.test

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON holds it."""
        best = self.run.best
        return {
            "name": self.member.name,
            "run": str(self.run.folder),
            "seed": self.member.seed,
            "fold": None if self.member.fold is None else self.member.fold + 1,
            "images": self.configuration.data.counts[0],
            "best_epoch": best.epoch if best else None,
            "validation_accuracy": best.validation_accuracy if best else None,
            "test_accuracy": self.test.accuracy,
            "recall": {item.name: item.recall for item in self.test.per_class},
        }


@dataclass(frozen=True, eq=False)
class Study:
    """What the runs of a study say together."""

    results: tuple[Result, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes."""
        return self.results[0].test.classes

    @property
    def accuracy(self) -> Interval:
        """The mean test accuracy and its interval."""
        return interval([result.test.accuracy for result in self.results])

    @property
    def recall(self) -> dict[str, Interval | None]:
        """Of each class the mean share that is found; None where it is never tested."""
        found: dict[str, Interval | None] = {}
        for place, name in enumerate(self.classes):
            values = [result.test.per_class[place].recall for result in self.results]
            known = [value for value in values if value is not None]
            found[name] = interval(known) if known else None
        return found

    @property
    def pooled(self) -> Evaluation:
        """All answers together, as if one run had given them.

        Over folds every image is answered once.
        """
        tables = [np.array(result.test.confusion) for result in self.results]
        counts = [result.test.count for result in self.results]
        losses = [result.test.loss for result in self.results]
        loss = float(np.average(losses, weights=counts))
        rows = tuple(tuple(map(int, row)) for row in np.sum(tables, axis=0))
        return Evaluation(loss, self.classes, rows)

    @property
    def learning(self) -> Learning:
        """The learning curve through all runs."""
        rows = [
            Measured(result.configuration.data.counts[0], result.test.accuracy)
            for result in self.results
        ]
        return learn(rows, self.results[0].test.count)

    def to_dict(self) -> dict[str, Any]:
        """The study as JSON holds it."""
        pooled = self.pooled
        return {
            "runs": [result.to_dict() for result in self.results],
            "test_accuracy": self.accuracy.to_dict(),
            "recall": {n: i and i.to_dict() for n, i in self.recall.items()},
            "pooled_accuracy": pooled.accuracy,
            "classes": list(self.classes),
            "confusion": [list(row) for row in pooled.confusion],
        }

    def curve_dict(self) -> dict[str, Any]:
        """The learning curve as JSON holds it."""
        sizes: dict[int, list[float]] = {}
        learning = self.learning
        for images, accuracy in learning.measured:
            sizes.setdefault(images, []).append(accuracy)
        points = [{"images": n, **interval(v).to_dict()} for n, v in sizes.items()]
        runs = [result.to_dict() for result in self.results]
        return {"runs": runs, "points": points, **learning.to_dict()}


def members_of(first: int, seeds: int, folds: int) -> list[Member]:
    """The runs for so many seeds from the first, and folds; 0 is for none of them.

    >>> [member.name for member in members_of(7, 2, 0)]
    ['seed-7', 'seed-8']
    >>> [member.name for member in members_of(0, 0, 2)]
    ['fold-1', 'fold-2']
    """
    found = []
    for seed in range(first, first + max(seeds, 1)):
        for fold in range(folds) if folds else [None]:
            parts = [] if fold is None else [f"fold-{fold + 1}"]
            parts += [f"seed-{seed}"] if seeds or not folds else []
            found.append(Member("-".join(parts), seed, fold))
    return found


def curve_shares(images: int, classes: int) -> list[float]:
    """The shares of so many training images that a learning curve is measured at.

    Those with fewer than ten images a class are left out, but for the whole.

    >>> curve_shares(1259, 10), curve_shares(120, 5)
    ([0.125, 0.25, 0.5, 1.0], [0.5, 1.0])
    """
    least = _LEAST_IMAGES * classes
    return [share for share in _SHARES if share == 1 or images * share >= least]


def curve_members(first: int, seeds: int, images: int, classes: int) -> list[Member]:
    """The runs of a learning curve, the small ones first.

    With `seeds` 0 small shares, which differ most, get three seeds and large ones two.
    """
    found = []
    for share in curve_shares(images, classes):
        count = seeds or _SEEDS_OF_SHARE[_SHARES.index(share)]
        for seed in range(first, first + count):
            name = f"images-{round(images * share):06}-seed-{seed}"
            found.append(Member(name, seed, share=share))
    return found


def run_members(
    folder: StudyFolder,
    members: Sequence[Member],
    plan_of: Callable[[Member], Plan],
    train_one: Callable[[Member, Plan], None],
) -> Iterator[Result]:
    """The result of each member in turn; those that have ended are not run again.

    `train_one` trains a member in its subfolder to the end. Raises ConfigurationError
    (`study-without-test`), and what `train_one` and `StudyFolder.finished` raise.
    """
    for member in members:
        plan = plan_of(member)
        configuration = plan.configuration
        if not len(plan.split.test):
            raise ConfigurationError(
                "study-without-test",
                "Several runs are compared by the held-out part, but {data} has none. "
                "Give --test a share above 0.",
                data=configuration.data.name,
            )
        found = folder.finished(member.name, configuration)
        if found is None:
            train_one(member, plan)
            found = folder.finished(member.name, configuration)
        assert found is not None
        yield Result(member, found)
