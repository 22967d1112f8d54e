"""Training one run of a study: the engine, what is shown, where it is kept."""

import time
from dataclasses import replace

from mirada.cli.onlookers import onlookers
from mirada.cli.output import say
from mirada.language import translate
from mirada.tasks.pictures import write_pictures
from mirada.training import (
    Interrupt,
    Outcome,
    Plan,
    RunFolder,
    RunInterruptedError,
    Watch,
    engine_for,
    train,
)

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
        with onlookers(plan.configuration, folder.path, *watches) as told:
            outcome = train(plan, engine, folder, told, interrupt)
        if pictures:
            write_pictures(plan, outcome, time.monotonic() - began)
    return outcome
