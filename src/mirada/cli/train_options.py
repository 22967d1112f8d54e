"""What `mirada train` was asked for, as one value."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from mirada.cli.recipes import rate_of
from mirada.cli.train_groups import GROUPS
from mirada.errors import UsageError
from mirada.network import Optimizer, Schedule
from mirada.tasks.trained import trained
from mirada.training import Wishes

__all__ = ["TrainOptions", "train_options"]


@dataclass(frozen=True)
class TrainOptions:
    """The options of a command line by name; None or False where nothing was said.

    Raises UsageError (`options-together`) for two that exclude each other, and
    (`option-without`) for one that needs another.
    """

    # Images
    size: int | None = None
    augment: str | None = None
    no_augment: bool = False
    validation: float | None = None
    test: float | None = None
    split: str | None = None
    group_by: str | None = None
    folds: int | None = None
    fold: int | None = None
    # Learning
    epochs: int | None = None
    time: float | None = None
    batch: int | None = None
    lr: float | None = None
    optimizer: Optimizer | None = None
    schedule: Schedule | None = None
    clip: float | None = None
    ema: float | None = None
    smoothing: float | None = None
    class_weights: str | tuple[float, ...] | None = None
    patience: int | None = None
    flips: bool | None = None
    seed: int | None = None
    # Weights to begin with
    from_: str | None = None
    keep_head: bool = False
    freeze: tuple[str, ...] = ()
    rate: tuple[str, ...] = ()
    # Before a run, or many
    dry_run: bool = False
    find_lr: bool = False
    overfit_one_batch: bool = False
    seeds: int | None = None
    learning_curve: bool = False
    # The run
    out: str | None = None
    resume: bool = False
    force: bool = False
    log: tuple[str, ...] = ()
    as_json: bool = False
    # This computer
    threads: int | None = None
    engine: str | None = None
    isa: str | None = None
    exact: bool = False
    precision: str | None = None
    device: str | None = None
    compiled: bool | None = None

    def __post_init__(self) -> None:
        self._refuse_pairs("augment", "no_augment")
        self._refuse_pairs("split", "validation", "test", "group_by", "folds")
        tries = ("dry_run", "find_lr", "overfit_one_batch")
        self._refuse_any_two("resume", *tries)
        self._refuse_any_two("seeds", *tries)
        self._refuse_any_two("learning_curve", *tries)
        self._require("fold", "folds")
        self._require("force", "resume")
        self._require("keep_head", "from_")
        if self.fold and self.folds and self.fold > self.folds:
            raise UsageError(
                "fold-beyond",
                "--fold {fold} is beyond --folds {folds}. Folds count from 1 to "
                "{folds}.",
                fold=self.fold,
                folds=self.folds,
            )

    @property
    def folder(self) -> Path | None:
        """The folder of `--out`."""
        return None if self.out is None else Path(self.out)

    @property
    def is_study(self) -> bool:
        """Whether many runs are wanted, which `cli.studies` makes."""
        by_fold = self.folds is not None and self.fold is None
        return bool(self.seeds or self.learning_curve or by_fold)

    @property
    def is_trial(self) -> bool:
        """Whether no run is wanted, but something to be known before one."""
        return self.dry_run or self.find_lr or self.overfit_one_batch

    def wishes(self) -> Wishes:
        """What is asked of one run."""
        return Wishes(
            epochs=self.epochs,
            batch_size=self.batch,
            optimizer=self.optimizer,
            learning_rate=self.lr,
            schedule=self.schedule,
            seed=self.seed,
            gradient_clip=self.clip,
            ema=self.ema,
            smoothing=self.smoothing,
            class_weights=self.class_weights,
            augment="none" if self.no_augment else self.augment,
            patience=self.patience,
            flips=self.flips,
            seconds=self.time,
            engine=self.engine,
            isa=self.isa,
            exact=self.exact or None,
            precision=self.precision,
            device=self.device,
            compiled=self.compiled,
            threads=self.threads,
            validation=self.validation,
            test=self.test,
            split=self.split,
            group_by=self.group_by,
            folds=self.folds,
            fold=None if self.fold is None else self.fold - 1,  # people count from 1
            log=self.log or None,
            weights=None if self.from_ is None else trained(self.from_),
            weights_from=self.from_ or "",
            keep_head=self.keep_head,
            freeze=self.freeze or None,
            rates=tuple(map(rate_of, self.rate)) or None,
        )

    def _refuse_pairs(self, one: str, *others: str) -> None:
        """Refuses `one` together with any of the others."""
        for other in others:
            if self._is_said(one) and self._is_said(other):
                raise UsageError(
                    "options-together",
                    "{one} and {other} cannot be given together. Leave one of them "
                    "out.",
                    one=_spelled(one),
                    other=_spelled(other),
                )

    def _refuse_any_two(self, *names: str) -> None:
        for place, one in enumerate(names):
            self._refuse_pairs(one, *names[place + 1 :])

    def _require(self, one: str, other: str) -> None:
        if self._is_said(one) and not self._is_said(other):
            raise UsageError(
                "option-without",
                "{one} says nothing without {other}. Give both, or neither.",
                one=_spelled(one),
                other=_spelled(other),
            )

    def _is_said(self, name: str) -> bool:
        return getattr(self, name) not in (None, False, ())


def train_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Declares every option; the function is given them as one `asked`."""

    @wraps(function)
    def collecting(*, words: tuple[str, ...], **values: Any) -> Any:
        return function(words, TrainOptions(**values))

    declared: list[click.Parameter] = []
    for group in GROUPS:
        for declare in group.options:
            made = _declared(declare)
            made.group = group.title  # type: ignore[attr-defined]
            declared.append(made)
    # click reads what is memoed from the last to the first.
    memoed = collecting.__dict__.setdefault("__click_params__", [])
    memoed.extend(reversed(declared))
    return collecting


def _declared(declare: Callable[..., Any]) -> click.Parameter:
    """The option that a declaration makes."""

    def bearer() -> None:
        """Carries it."""

    declare(bearer)
    found: list[click.Parameter] = bearer.__dict__["__click_params__"]
    return found[0]


def _spelled(name: str) -> str:
    return "--" + name.rstrip("_").replace("_", "-")
