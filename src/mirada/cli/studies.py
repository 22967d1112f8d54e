"""`mirada train` with `--seeds`, `--folds` or `--learning-curve`: many runs."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mirada.cli.asked import begun, plain_asked
from mirada.cli.ending import tell_stop
from mirada.cli.members import train_member
from mirada.cli.output import say
from mirada.cli.study_report import (
    curve_json,
    show_curve,
    show_study,
    study_json,
    write_curve,
    write_study,
)
from mirada.cli.train_options import TrainOptions
from mirada.data.split import reduced
from mirada.errors import UsageError
from mirada.language import translate
from mirada.tasks.folders import free_path, run_name
from mirada.tasks.foresight import in_time
from mirada.tasks.prepare import Chosen, Order, choose
from mirada.training import Interrupt, Plan, RunInterruptedError
from mirada.training.study import (
    Member,
    Result,
    Study,
    curve_members,
    members_of,
    run_members,
)
from mirada.training.study_folder import StudyFolder

__all__ = ["study"]


def study(order: Order, asked: TrainOptions) -> int:
    """Trains every run that is asked for, and tells what they say together."""
    began = time.monotonic()
    order, asked = _as_begun(order, asked)
    _require_sense(asked)
    chosen = choose(order)
    base = chosen.plan(order.wishes, order.source)
    if asked.time is not None:
        order, asked = _timed(order, asked, base)
        base = chosen.plan(order.wishes, order.source)
    path = asked.folder or free_path(f"{run_name(base.configuration)}-{_kind(asked)}")
    told = plain_asked(_kind(asked), order.network, order.source, asked)
    with StudyFolder(path, told, resume=asked.resume) as folder, Interrupt() as heard:
        try:
            results = _results(folder, chosen, order, asked, base, heard)
        except RunInterruptedError as stop:
            return tell_stop(stop, path, as_json=asked.as_json)
        return _tell(folder, Study(tuple(results)), asked, time.monotonic() - began)


def _results(
    folder: StudyFolder,
    chosen: Chosen,
    order: Order,
    asked: TrainOptions,
    base: Plan,
    heard: Interrupt,
) -> list[Result]:
    def train_one(member: Member, plan: Plan) -> None:
        train_member(plan, folder.run(member.name), heard)

    members = _members(asked, base)
    plan_of = _planner(folder, chosen, order, asked, base)
    results = []
    for result in run_members(folder, members, plan_of, train_one):
        results.append(result)
        text = translate("{done} of {count} runs have ended.")
        say(text.format(done=len(results), count=len(members)))
    return results


def _planner(
    folder: StudyFolder,
    chosen: Chosen,
    order: Order,
    asked: TrainOptions,
    base: Plan,
) -> Callable[[Member], Plan]:
    """What makes the plan of a member."""

    def plan_of(member: Member) -> Plan:
        wishes = replace(order.wishes, seed=member.seed)
        if member.fold is not None:
            wishes = replace(wishes, fold=member.fold)
        if asked.learning_curve:
            wishes = replace(wishes, split=_reduced_split(folder, member, base))
        return chosen.plan(wishes, order.source)

    return plan_of


def _reduced_split(folder: StudyFolder, member: Member, base: Plan) -> Path:
    """The file with the split of a run of a learning curve: the same test part."""
    split = reduced(base.split, base.data, member.share, member.seed)
    return folder.write_split(member.name, split)


def _members(asked: TrainOptions, base: Plan) -> list[Member]:
    first = base.configuration.recipe.seed
    if asked.learning_curve:
        facts = base.configuration.data
        images, classes = facts.counts[0], len(facts.classes)
        return curve_members(first, asked.seeds or 0, images, classes)
    folds = 0 if asked.fold is not None else asked.folds or 0
    return members_of(first, asked.seeds or 0, folds)


def _timed(order: Order, asked: TrainOptions, base: Plan) -> tuple[Order, TrainOptions]:
    """As many epochs for each run as let all of them fit into `--time`.

    From then on it is the epochs that are asked for: one that goes on measures nothing.
    """
    assert asked.time is not None
    if asked.folder is not None and _is_begun(asked):
        epochs = begun(asked.folder, asked).options.epochs
    else:
        members = _members(asked, base)
        seconds = asked.time / sum(member.share for member in members)
        timed = replace(base.configuration, seconds=seconds)
        fitted = in_time(replace(base, configuration=timed))
        epochs = fitted.configuration.recipe.epochs
        text = translate("Each of the {count} runs gets {epochs} epochs in that time.")
        say(text.format(count=len(members), epochs=epochs))
    wishes = replace(order.wishes, seconds=None, epochs=epochs)
    asked = replace(asked, time=None, epochs=epochs)
    return replace(order, wishes=wishes), asked


def _is_begun(asked: TrainOptions) -> bool:
    """Whether a study that has begun is gone on with."""
    folder = asked.folder
    return asked.resume and folder is not None and StudyFolder.is_study(folder)


def _kind(asked: TrainOptions) -> str:
    if asked.learning_curve:
        return "learning-curve"
    return "folds" if asked.folds and asked.fold is None else "seeds"


def _require_sense(asked: TrainOptions) -> None:
    if asked.learning_curve and asked.folds and asked.fold is None:
        raise UsageError(
            "curve-of-folds",
            "--learning-curve measures on one test part, but --folds {folds} makes "
            "{folds}. Choose one of them with --fold.",
            folds=asked.folds,
        )


def _tell(folder: StudyFolder, found: Study, asked: TrainOptions, took: float) -> int:
    kind = _kind(asked)
    if kind == "learning-curve":
        write_curve(folder, found)
        if asked.as_json:
            curve_json(folder, found, took)
        else:
            show_curve(folder, found, took)
    else:
        write_study(folder, found, kind)
        if asked.as_json:
            study_json(folder, found, kind, took)
        else:
            show_study(folder, found, kind, took)
    return 0


def _as_begun(order: Order, asked: TrainOptions) -> tuple[Order, TrainOptions]:
    """What is asked, or what was asked when the study began that is gone on with."""
    if asked.is_study or order.source or asked.folder is None:
        return order, asked
    found = begun(asked.folder, asked)
    options = found.options
    return Order(found.network, found.source, options.size, options.wishes()), options
