"""Training one run of a study: the engine, what is shown, where it is kept."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from mirada.cli.output import say
from mirada.cli.pictures import write_pictures
from mirada.cli.progress import watching
from mirada.language import translate
from mirada.training import (
    Interrupt,
    Outcome,
    Plan,
    RunFolder,
    RunInterruptedError,
    Watch,
    Watches,
    engine_for,
    train,
)
from mirada.training.crash import crash_watch

__all__ = ["leave_if_asked", "train_member"]


def leave_if_asked(interrupt: Interrupt) -> None:
    """Raises RunInterruptedError where a signal was heard between two runs."""
    if interrupt.number:
        raise RunInterruptedError(interrupt.number)


def train_member(
    plan: Plan,
    folder: RunFolder,
    interrupt: Interrupt,
    *watches: Watch,
    pictures: bool = True,
) -> Outcome:
    """Trains a run from where it is to its end, and writes its page."""
    leave_if_asked(interrupt)
    began = time.monotonic()
    with folder:
        if folder.has_run:
            stored = folder.configuration()
            plan = replace(
                plan, configuration=plan.configuration.with_origins(stored.origins)
            )
            text = translate("Going on with {run}.")
        else:
            text = translate("Training {run}.")
        say(text.format(run=folder.path.name))
        engine = engine_for(plan.configuration)
        with (
            watching() as shown,
            _loggers(plan.configuration.log, folder.path, shown) as loggers,
            crash_watch(folder.path, Watch()) as crash,
        ):
            told = Watches(crash, shown, *loggers, *watches)
            outcome = train(plan, engine, folder, told, interrupt)
        if pictures:
            write_pictures(plan, outcome, time.monotonic() - began)
    return outcome


@contextmanager
def _loggers(
    names: Sequence[str], folder: Path, shown: Watch
) -> Iterator[Sequence[Watch]]:
    """The watches that tell other programs, as `--log` names them."""
    if not names:
        yield ()
        return
    # Few runs need them, and every command's start-up would pay.
    from mirada.training.loggers import opened

    with opened(names, folder, shown) as loggers:
        yield loggers
