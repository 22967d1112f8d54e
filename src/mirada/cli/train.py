"""`mirada train`: trains a network on images and keeps the run in a folder."""

import shlex
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from mirada.cli.command import argument, as_command
from mirada.cli.ending import show_ending, show_ending_json, tell_stop
from mirada.cli.networks import NetworkName
from mirada.cli.onlookers import onlookers
from mirada.cli.output import say
from mirada.cli.ranks import folder_of_launch, held, in_ranks, require_alone
from mirada.cli.train_options import TrainOptions, train_options
from mirada.cli.trials import trial
from mirada.engines import Engine
from mirada.engines.group import Group
from mirada.errors import DivergenceError, Phrase, UsageError
from mirada.language import translate
from mirada.tasks.folders import RUNS, run_name, unfinished_run
from mirada.tasks.foresight import in_time
from mirada.tasks.pictures import settings, write_pictures
from mirada.tasks.prepare import AUTOMATIC, Order, prepare
from mirada.tasks.resuming import plan_to_go_on
from mirada.training import (
    Interrupt,
    Plan,
    RunFolder,
    RunInterruptedError,
    Watch,
    engine_for,
    train,
)
from mirada.training.checkpoint import checkpoint_paths
from mirada.training.crash import last_crash
from mirada.training.study_folder import StudyFolder

__all__ = ["command"]


@as_command(
    "train",
    details=Phrase(
        "DATA is 'digits' (1,797 handwritten digits that come with mirada), a folder "
        "with the IDX files of the MNIST family, a folder of images, one subfolder a "
        "class, a table of labels (.csv, .tsv), or an archive of any of these. NETWORK "
        "is a description (.toml, .json), a known network, or 'auto', which may be "
        "left out. What is not said is chosen, and the reason told. Ctrl-C saves; "
        "--resume goes on."
    ),
    examples=(
        "mirada train digits --epochs 2",
        "mirada train lenet5 mnist epochs=2 seed=7 --out runs/seven",
        "mirada train auto flowers --epochs 1 --optimizer 'adamw 0.002' --json",
        "mirada train --resume --out runs/example",
    ),
)
@argument(
    "words",
    Phrase("A network, or auto; and the images."),
    nargs=-1,
    metavar="[NETWORK|auto] DATA",
    type=NetworkName(),
)
@train_options
def command(words: tuple[str, ...], asked: TrainOptions) -> int:
    """Trains, from the start or from a checkpoint."""
    return in_ranks(lambda group: _command(words, asked, group))


def _command(words: tuple[str, ...], asked: TrainOptions, group: Group) -> int:
    began = time.monotonic()
    order = group.everywhere(lambda: _ordered(words, asked, group))
    if asked.is_study or _is_study_folder(asked):
        return _study(order, asked)
    begun = folder_of_launch(group, asked.folder)
    if asked.resume or begun is not None:
        return _go_on(order, asked, group, begun or asked.folder, began)
    if asked.folder is not None:
        out = asked.folder
        group.at_first(lambda: RunFolder.require_free(out))
    plan = group.everywhere(lambda: prepare(order))
    if asked.is_trial:
        return _trial(plan, asked)
    if plan.configuration.seconds is not None:
        plan = in_time(plan, group)
    made = group.everywhere(lambda: _engine(plan, group))
    with held(group, lambda: _new_folder(asked.folder, plan)) as folder:
        return _run(plan, made, folder, asked, began)


def _ordered(words: tuple[str, ...], asked: TrainOptions, group: Group) -> Order:
    """What the command line asks for, which may be nothing for many processes."""
    network, source = _network_and_source(words, resume=asked.resume)
    if asked.is_study or asked.is_trial or _is_study_folder(asked):
        require_alone(group)
    return Order(network, source, asked.size, asked.wishes())


def _trial(plan: Plan, asked: TrainOptions) -> int:
    """Something to be known before a run, instead of one."""
    _tell(plan)
    return trial(plan, asked)


def _study(order: Order, asked: TrainOptions) -> int:
    """Many runs instead of one."""
    from mirada.cli.studies import study

    return study(order, asked)


def _is_study_folder(asked: TrainOptions) -> bool:
    """Whether what is to be gone on with is a study."""
    folder = asked.folder
    return asked.resume and folder is not None and StudyFolder.is_study(folder)


def _go_on(
    order: Order, asked: TrainOptions, group: Group, path: Path | None, began: float
) -> int:
    def existing() -> RunFolder:
        return RunFolder.existing(path or unfinished_run(order.source))

    with held(group, existing) as folder:
        crash = last_crash(folder.path, ours=True) if folder else None
        if crash is not None:
            say(crash.text)
        plan = plan_to_go_on(order, folder, group)
        made = group.everywhere(lambda: _engine(plan, group))
        return _run(plan, made, folder, asked, began)


def _network_and_source(words: tuple[str, ...], *, resume: bool) -> tuple[str, str]:
    if len(words) in (1, 2) and all(words):
        return (AUTOMATIC, *words)[-2], words[-1]
    if not words and resume:
        return AUTOMATIC, ""
    raise UsageError(
        "train-words",
        "mirada train takes a network and the data, or the data alone; got {count} "
        "words. As in: mirada train lenet5 mnist",
        count=len([word for word in words if word]),
    )


def _engine(plan: Plan, group: Group) -> Engine:
    """The engine, which may refuse the network, before a folder is made for it."""
    configuration = plan.configuration
    if configuration.log:
        from mirada.training.loggers import require_loggers

        require_loggers(configuration.log)
    _tell(plan)
    return engine_for(configuration, group)


def _tell(plan: Plan) -> None:
    rows = list(settings(plan.configuration))
    width = max(len(row.name) for row in rows)
    for row in rows:
        origin = f"  ({row.origin})" if row.origin else ""
        say(f"{row.name.ljust(width)}  {row.value}{origin}")


def _new_folder(out: Path | None, plan: Plan) -> RunFolder:
    if out is not None:
        return RunFolder.new(out)
    return RunFolder.numbered(RUNS, run_name(plan.configuration))


def _run(
    plan: Plan,
    engine: Engine,
    folder: RunFolder | None,
    asked: TrainOptions,
    began: float,
) -> int:
    """Trains; a process without a folder leaves the telling to the one that has it."""
    try:
        with (
            Interrupt() as interrupt,
            _looking_on(plan, folder) as watch,
        ):
            outcome = train(plan, engine, folder, watch, interrupt, force=asked.force)
    except RunInterruptedError as stop:
        if folder is None:
            return stop.exit_code
        return tell_stop(stop, folder.path, as_json=asked.as_json)
    except DivergenceError:
        if folder and checkpoint_paths(folder.path):
            text = translate("The last checkpoint before is kept in {folder}.")
            say(text.format(folder=shlex.quote(str(folder.path))))
        raise
    if folder is None:
        return 0
    seconds = time.monotonic() - began
    report = write_pictures(plan, outcome, seconds)
    if asked.as_json:
        show_ending_json(plan.configuration, outcome, seconds)
    else:
        show_ending(plan, outcome, report, seconds)
    return 0


def _looking_on(plan: Plan, folder: RunFolder | None) -> AbstractContextManager[Watch]:
    if folder is None:
        return nullcontext(Watch())
    return onlookers(plan.configuration, folder.path)
