"""`mirada train`: trains a network on images and keeps the run in a folder."""

import shlex
import time
from dataclasses import replace
from pathlib import Path

import click

from mirada import engines
from mirada.cli.command import argument, as_command, json_option, option
from mirada.cli.ending import show_ending, show_ending_json, tell_stop
from mirada.cli.folders import RUNS, run_name, unfinished_run
from mirada.cli.kinds import RealNumber, WholeNumber
from mirada.cli.machine import exact_option, isa_option, precision_option
from mirada.cli.networks import NetworkName
from mirada.cli.output import say
from mirada.cli.pictures import settings, write_pictures
from mirada.cli.prepare import AUTOMATIC, Order, going_on, prepare
from mirada.cli.progress import watching
from mirada.cli.recipes import LearningRate, OptimizerText, ScheduleText
from mirada.engines import Engine
from mirada.errors import DivergenceError, Phrase, UsageError
from mirada.language import translate
from mirada.network import Optimizer, Schedule
from mirada.training import (
    Interrupt,
    Plan,
    RunFolder,
    RunInterruptedError,
    Wishes,
    require_training_memory,
    train,
)
from mirada.training.checkpoint import checkpoint_paths
from mirada.training.crash import crash_watch, last_crash

__all__ = ["command"]


@as_command(
    "train",
    details=Phrase(
        "DATA is 'digits' (1,797 handwritten digits that come with mirada), a folder "
        "with the IDX files of the MNIST family, or a folder of images, one subfolder "
        "a class. NETWORK is a description (.toml, .json), a known network, or 'auto', "
        "which may be left out. What is not said is chosen, and the reason told. "
        "Ctrl-C saves; --resume goes on."
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
@option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    about=Phrase("The run's folder; else a new one in ./runs."),
)
@option(
    "--epochs",
    type=WholeNumber("--epochs", 1, 100_000),
    metavar="N",
    about=Phrase("How often every training image is seen."),
)
@option(
    "--batch",
    type=WholeNumber("--batch", 1, 65536),
    metavar="N",
    about=Phrase("How many images a step takes."),
)
@option(
    "--lr",
    type=LearningRate(),
    metavar="X",
    about=Phrase("The highest learning rate of the run."),
)
@option(
    "--optimizer",
    type=OptimizerText(),
    metavar="TEXT",
    about=Phrase("As in 'sgd 0.05 momentum 0.9' or 'adamw 0.001'."),
)
@option(
    "--schedule",
    type=ScheduleText(),
    metavar="TEXT",
    about=Phrase("As in 'onecycle', 'cosine warmup 0.1', 'step 2 0.1' or 'constant'."),
)
@option(
    "--clip",
    type=RealNumber("--clip", 0.0, 1e6),
    metavar="X",
    about=Phrase("The greatest norm of a gradient; longer ones are scaled. 0 is off."),
)
@option(
    "--ema",
    type=RealNumber("--ema", 0.0, 1.0, below=True),
    metavar="X",
    about=Phrase("Keep a moving average of the weights, as with 0.999. 0 is off."),
)
@option(
    "--patience",
    type=WholeNumber("--patience", 0, 100_000),
    metavar="N",
    about=Phrase("Stop after so many epochs without a better one; 0 never does."),
)
@option(
    "--augment/--no-augment",
    default=None,
    about=Phrase("Change training images a little each time they are seen, or not."),
)
@option(
    "--size",
    type=WholeNumber("--size", 1, 4096),
    metavar="N",
    about=Phrase("Bring images to N x N pixels."),
)
@option(
    "--seed",
    type=WholeNumber("--seed", 0, 2**32 - 1),
    metavar="N",
    about=Phrase("What chance begins with; 0 unless given."),
)
@option(
    "--threads",
    type=WholeNumber("--threads", 1, 256),
    metavar="N",
    about=Phrase("How many threads compute; the result is the same for any number."),
)
@option(
    "--engine",
    type=click.Choice(engines.ENGINES),
    about=Phrase("What computes: machine code, or the slow and plain reference."),
)
@isa_option()
@exact_option()
@precision_option()
@option("--resume", is_flag=True, about=Phrase("Go on with a run that was stopped."))
@json_option()
def command(
    words: tuple[str, ...],
    out: Path | None,
    epochs: int | None,
    batch: int | None,
    lr: float | None,
    optimizer: Optimizer | None,
    schedule: Schedule | None,
    clip: float | None,
    ema: float | None,
    patience: int | None,
    augment: bool | None,
    size: int | None,
    seed: int | None,
    threads: int | None,
    engine: str | None,
    isa: str | None,
    exact: bool,
    precision: str | None,
    resume: bool,
    as_json: bool,
) -> int:
    """Trains, from the start or from a checkpoint."""
    began = time.monotonic()
    network, source = _network_and_source(words, resume=resume)
    wishes = Wishes(
        epochs=epochs,
        batch_size=batch,
        optimizer=optimizer,
        learning_rate=lr,
        schedule=schedule,
        seed=seed,
        gradient_clip=clip,
        ema=ema,
        augment=augment,
        patience=patience,
        engine=engine,
        isa=isa,
        exact=exact or None,
        precision=precision,
        threads=threads,
    )
    order = Order(network, source, size, wishes)
    if resume:
        with RunFolder.existing(out or unfinished_run(source)) as folder:
            crash = last_crash(folder.path, ours=True)
            if crash is not None:
                say(crash.text)
            plan = _plan_to_go_on(order, folder)
            return _run(plan, _engine(plan), folder, began, as_json=as_json)
    if out is not None:
        RunFolder.require_free(out)
    plan = prepare(order)
    made = _engine(plan)
    with _new_folder(out, plan) as folder:
        return _run(plan, made, folder, began, as_json=as_json)


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


def _plan_to_go_on(order: Order, folder: RunFolder) -> Plan:
    if folder.has_run:
        stored = folder.configuration()
        plan = prepare(going_on(order, stored))
        return replace(
            plan, configuration=plan.configuration.with_origins(stored.origins)
        )
    if order.source:
        return prepare(order)  # it was stopped before it had begun
    raise UsageError(
        "resume-without-data",
        "The run in '{folder}' was stopped before it had begun. Say what to train, as "
        "in: mirada train digits --out {folder} --resume",
        folder=folder.path,
    )


def _engine(plan: Plan) -> Engine:
    """The engine, which may refuse the network, before a folder is made for it."""
    configuration = plan.configuration
    network, recipe = configuration.network, configuration.recipe
    if configuration.engine == "reference":
        require_training_memory(network, recipe)
    _tell(plan)
    threads = configuration.threads
    return engines.create(
        configuration.engine,
        network,
        recipe,
        threads,
        isa=configuration.isa,
        exact=configuration.exact,
        precision=configuration.precision,
    )


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
    plan: Plan, engine: Engine, folder: RunFolder, began: float, *, as_json: bool
) -> int:
    try:
        with (
            Interrupt() as interrupt,
            watching() as shown,
            crash_watch(folder.path, shown) as watch,
        ):
            outcome = train(plan, engine, folder, watch, interrupt)
    except RunInterruptedError as stop:
        return tell_stop(stop, folder.path, as_json=as_json)
    except DivergenceError:
        if checkpoint_paths(folder.path):
            text = translate("The last checkpoint before is kept in {folder}.")
            say(text.format(folder=shlex.quote(str(folder.path))))
        raise
    seconds = time.monotonic() - began
    report = write_pictures(plan, outcome, seconds)
    if as_json:
        show_ending_json(outcome, seconds)
    else:
        show_ending(plan, outcome, report, seconds)
    return 0
