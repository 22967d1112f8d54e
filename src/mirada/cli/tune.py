"""`mirada tune`: searches for better values, with runs that are stopped early."""

import time
from collections.abc import Callable
from dataclasses import replace

from mirada.cli.asked import begun, plain_asked
from mirada.cli.command import argument, as_command
from mirada.cli.ending import tell_stop
from mirada.cli.members import train_member
from mirada.cli.networks import NetworkName
from mirada.cli.output import say
from mirada.cli.ranks import in_ranks, require_alone
from mirada.cli.tune_options import TuneOptions, tune_options
from mirada.cli.tune_report import Best, best_of, show_best, tune_json
from mirada.engines.group import Group
from mirada.errors import Phrase, UsageError
from mirada.language import translate
from mirada.tasks.folders import free_path, run_name
from mirada.tasks.prepare import AUTOMATIC, Chosen, Order, choose
from mirada.tasks.quantities import percent_text
from mirada.training import (
    Interrupt,
    Origin,
    Plan,
    RunInterruptedError,
)
from mirada.training.search import Searched, read_searched
from mirada.training.study_folder import StudyFolder
from mirada.training.trial import Pausing, Trial
from mirada.training.tune import Tuning, hidden, require_validation
from mirada.training.variation import Base, Variation, require_known

__all__ = ["command"]

_PER_RATE = 10.0
_BATCHES = "batch=16|32|64|128"


@as_command(
    "tune",
    details=Phrase(
        "Each trial is a run with values drawn from --search, in a subfolder. All are "
        "trained for a few epochs; the best third goes on for three times as many, and "
        "so forth. They are compared by the validation part; the test part is answered "
        "once, by the best. Without --search the learning rate and the batch are "
        "varied. Ctrl-C saves; --resume goes on."
    ),
    examples=(
        "mirada tune digits --trials 2 --epochs 2 --out runs/tuned",
        "mirada tune lenet5 mnist --search 'lr=log 0.01..0.1' --trials 2 --epochs 1",
        "mirada tune digits --search conv1.out_channels=4..8 --trials 2 --epochs 1 "
        "--json",
    ),
)
@argument(
    "words",
    Phrase("A network, or auto; and the images."),
    nargs=-1,
    metavar="[NETWORK|auto] DATA",
    type=NetworkName(),
)
@tune_options
def command(words: tuple[str, ...], asked: TuneOptions) -> int:
    """Searches, and tells which values are best and how to train with them."""
    return in_ranks(lambda group: _command(words, asked, group))


def _command(words: tuple[str, ...], asked: TuneOptions, group: Group) -> int:
    began = time.monotonic()
    group.everywhere(lambda: require_alone(group))
    order, asked = _order(words, asked)
    chosen = choose(order)
    base = Base(
        chosen.plan(order.wishes, order.source),
        order.wishes,
        order.network == AUTOMATIC,
    )
    space = _space(asked, base)
    path = asked.run.folder or free_path(run_name(base.plan.configuration) + "-tune")
    told = plain_asked(
        "tune",
        order.network,
        order.source,
        asked.run,
        search=[item.text() for item in space],
        sampler=asked.sampler,
        storage=asked.storage,
        study=asked.study,
    )
    with (
        StudyFolder(path, told, resume=asked.run.resume) as folder,
        Interrupt() as heard,
    ):
        tuning = Tuning(
            folder,
            base,
            space,
            _planner(folder, chosen, order, base),
            _trainer(folder, heard),
            _tell,
        )
        try:
            _search(tuning, asked, began)
        except RunInterruptedError as stop:
            return tell_stop(stop, path, as_json=asked.run.as_json, verb="tune")
        best = best_of(tuning, order, base, chosen.recipe)
        tuning.record(best=best.to_dict())
        _show(tuning, best, asked, time.monotonic() - began)
    return 0


def _search(tuning: Tuning, asked: TuneOptions, began: float) -> None:
    deadline = None if asked.time is None else began + asked.time
    if asked.sampler == "random":
        tuning.search(asked.trials, deadline)
        return
    # Optuna is an optional package and takes a second to load.
    from mirada.training.tune_optuna import search

    search(tuning, asked.trials, deadline, asked.storage, asked.study or "mirada")


def _show(tuning: Tuning, best: Best, asked: TuneOptions, seconds: float) -> None:
    if asked.run.as_json:
        tune_json(tuning, best, seconds)
    else:
        show_best(tuning, best, seconds)


def _order(words: tuple[str, ...], asked: TuneOptions) -> tuple[Order, TuneOptions]:
    """What is asked, or what was asked when the search began that is gone on with."""
    folder = asked.run.folder
    if not words and asked.run.resume and folder:
        StudyFolder.require_study(folder)
        found = begun(folder, asked.run, is_tune=True)
        rest = found.rest
        asked = replace(
            asked,
            run=found.options,
            search=tuple(map(str, rest["search"])),
            sampler=str(rest["sampler"]),
            storage=rest["storage"],
            study=rest["study"],
        )
        words = (found.network, found.source)
    asked.require_sense()
    if len(words) not in (1, 2) or not all(words):
        raise UsageError(
            "tune-words",
            "mirada tune takes a network and the data, or the data alone; got {count} "
            "words. As in: mirada tune lenet5 mnist --trials 20",
            count=len([word for word in words if word]),
        )
    network, source = (AUTOMATIC, *words)[-2:]
    return Order(network, source, asked.run.size, asked.run.wishes()), asked


def _space(asked: TuneOptions, base: Base) -> list[Searched]:
    """What is searched; the learning rate and the batch where nothing is said."""
    texts = asked.search
    if not texts:
        rate = base.plan.configuration.recipe.optimizer.learning_rate
        ends = f"{rate / _PER_RATE:g}..{rate * _PER_RATE:g}"
        texts = (f"lr=log {ends}", _BATCHES)
        text = translate("Searching {what}, since no --search is given.")
        say(text.format(what=", ".join(texts)))
    space = [read_searched(text) for text in texts]
    # Both before anything is written.
    require_known(space, base)
    require_validation(base)
    return space


def _planner(
    folder: StudyFolder, chosen: Chosen, order: Order, base: Base
) -> Callable[[Variation], Plan]:
    """What makes the plan of a variation: every trial has the same split."""
    split = hidden(folder, base)

    def plan_of(variation: Variation) -> Plan:
        wishes = replace(variation.wishes, split=split)
        is_same = variation.network == chosen.network
        origin = chosen.origin if is_same else Origin("given")
        found = chosen._replace(network=variation.network, origin=origin)
        return found.plan(wishes, order.source)

    return plan_of


def _trainer(
    folder: StudyFolder, heard: Interrupt
) -> Callable[[Plan, str, Pausing], None]:
    def train_until(plan: Plan, name: str, pausing: Pausing) -> None:
        train_member(plan, folder.run(name), heard, pausing, pictures=False)

    return train_until


def _tell(trial: Trial) -> None:
    words = ", ".join(f"{name} {value}" for name, value in trial.values.items())
    if trial.is_pruned:
        text = translate("{trial} ({values}) is impossible: {reason}")
        say(text.format(trial=trial.name, values=words, reason=trial.reason))
    elif trial.state == "diverged":
        text = translate("{trial} ({values}) diverged: {reason}")
        say(text.format(trial=trial.name, values=words, reason=trial.reason))
    elif trial.score is not None:
        text = translate("{trial} ({values}): validation {share} after {epochs} epochs")
        share = percent_text(trial.score.accuracy)
        say(
            text.format(
                trial=trial.name, values=words, share=share, epochs=trial.epochs
            )
        )
