"""The options of `mirada tune`: those of a run that hold for all, and its own."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any

import click

from mirada.cli.command import json_option, option
from mirada.cli.kinds import Duration, WholeNumber
from mirada.cli.train_groups import GROUPS
from mirada.cli.train_options import TrainOptions
from mirada.errors import Phrase, UsageError

__all__ = ["TuneOptions", "tune_options"]

_SHARED = {
    *("size", "augment", "no_augment", "validation", "test", "split", "group_by"),
    *("epochs", "batch", "lr", "optimizer", "schedule", "clip", "ema", "smoothing"),
    *("class_weights", "patience", "flips", "seed"),
    *("from_", "keep_head", "freeze", "rate"),
    *("threads", "engine", "isa", "exact", "precision", "device", "compiled"),
}
_TITLE = Phrase("The search")
_OWN = (
    option(
        "--search",
        multiple=True,
        metavar="NAME=VALUES",
        about=Phrase(
            "What to vary, as in 'lr=log 0.001..0.1', 'batch=32|64', "
            "'conv1.out_channels=8..64' or 'depth=1..4'; may be given many times."
        ),
    ),
    option(
        "--trials",
        type=WholeNumber("--trials", 1, 100_000),
        metavar="N",
        default=20,
        about=Phrase("How many values are tried; 20 unless given."),
    ),
    option(
        "--time",
        type=Duration("--time"),
        metavar="30m",
        about=Phrase("Stop searching after this time; --resume goes on."),
    ),
    option(
        "--sampler",
        type=click.Choice(("random", "optuna")),
        default="random",
        about=Phrase("What draws the values: chance, or Optuna (mirada[tune])."),
    ),
    option(
        "--storage",
        metavar="URL|FILE",
        about=Phrase(
            "Where Optuna keeps the search, so that several machines can share it: "
            "a database as sqlite:///study.db, or a journal file."
        ),
    ),
    option(
        "--study",
        metavar="NAME",
        about=Phrase("The name of the search in that storage; else mirada."),
    ),
    option(
        "--out",
        type=click.Path(),
        metavar="DIR",
        about=Phrase("The folder of the search; else a new one in ./runs."),
    ),
    option(
        "--resume", is_flag=True, about=Phrase("Go on with a search that was stopped.")
    ),
    json_option(),
)


@dataclass(frozen=True)
class TuneOptions:
    """What `mirada tune` was asked for; `run` is what holds for every trial."""

    run: TrainOptions
    search: tuple[str, ...] = ()
    trials: int = 20
    time: float | None = None
    sampler: str = "random"
    storage: str | None = None
    study: str | None = None

    def require_sense(self) -> None:
        """Refuses a storage that nothing uses (`storage-without-optuna`)."""
        if self.sampler != "optuna" and (self.storage or self.study):
            raise UsageError(
                "storage-without-optuna",
                "--storage and --study are for --sampler optuna. Add it, or leave them "
                "out: a search in a folder of its own is kept there.",
            )


def tune_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Declares every option; the function is given them as one `asked`."""
    own = {field.name for field in fields(TuneOptions)} - {"run"}

    @wraps(function)
    def collecting(*, words: tuple[str, ...], **values: Any) -> Any:
        mine = {name: values.pop(name) for name in own}
        mine["search"] = tuple(mine["search"])
        return function(words, TuneOptions(TrainOptions(**values), **mine))

    declared = [(_TITLE, declare) for declare in _OWN]
    declared += [(group.title, item) for group in GROUPS for item in group.options]
    for title, declare in reversed(declared):
        found: list[click.Parameter] = collecting.__dict__.setdefault(
            "__click_params__", []
        )
        declare(collecting)
        if title is not _TITLE and found[-1].name not in _SHARED:
            found.pop()
        else:
            found[-1].group = title  # type: ignore[attr-defined]
    return collecting
