"""`mirada train`: from images to a trained network in a folder of its own."""

import re
import time
from dataclasses import replace
from pathlib import Path

from mirada import engines, models
from mirada.cli.command import argument, as_command, json_option, option
from mirada.cli.kinds import WholeNumber
from mirada.cli.networks import NetworkName, described
from mirada.cli.output import say, show, show_json
from mirada.cli.pictures import augmentation_text, write_pictures
from mirada.cli.progress import watch
from mirada.data import Dataset, load
from mirada.errors import Phrase, UsageError
from mirada.language import translate
from mirada.network import Network, Optimizer, Recipe, Schedule
from mirada.network.text import OPTIMIZERS, SCHEDULES, read_value
from mirada.training import (
    Interrupt,
    Origin,
    Outcome,
    Plan,
    RunFolder,
    RunInterruptedError,
    Wishes,
    require_training_memory,
    resolve,
    train,
)

__all__ = ["command"]

SCHEMA = 1
AUTOMATIC = "auto"
RUNS = Path("runs")


@as_command(
    "train",
    details=Phrase(
        "NETWORK is a description, a known network, or 'auto', which may be left out. "
        "DATA is 'digits' (they come with mirada), a folder with IDX files, or a folder "
        "of images with a subfolder for each class."
    ),
    examples=(
        "mirada train digits --epochs 2",
        "mirada train auto digits epochs=2 seed=7 --out runs/seven",
        "mirada train digits --epochs 1 --optimizer 'adamw 0.002' --json",
    ),
)
@argument(
    "words",
    about=Phrase("A network (or 'auto') and the images to train it on."),
    metavar="[NETWORK] DATA",
    nargs=-1,
    required=True,
    type=NetworkName(),
)
@option("--out", metavar="DIR", about=Phrase("The folder of the run; else runs/..."))
@option(
    "--epochs",
    type=WholeNumber("--epochs", 1, 100_000),
    metavar="N",
    about=Phrase("How many times every image is seen."),
)
@option(
    "--batch",
    type=WholeNumber("--batch", 1, 65536),
    metavar="N",
    about=Phrase("Images in a step."),
)
@option("--lr", type=float, metavar="X", about=Phrase("The peak learning rate."))
@option(
    "--seed",
    type=WholeNumber("--seed", 0, 2**32 - 1),
    metavar="N",
    about=Phrase("Decides everything that is random."),
)
@option(
    "--threads",
    type=WholeNumber("--threads", 1, 256),
    metavar="N",
    about=Phrase("Threads that compute; the result does not depend on it."),
)
@option(
    "--optimizer",
    metavar="TEXT",
    about=Phrase("For example 'sgd 0.05 momentum 0.9' or 'adamw 0.001 decay 0.05'."),
)
@option(
    "--schedule",
    metavar="TEXT",
    about=Phrase("For example 'onecycle', 'cosine warmup 0.1' or 'constant'."),
)
@option(
    "--patience",
    type=WholeNumber("--patience", 0, 100_000),
    metavar="N",
    about=Phrase("Stop after so many epochs without a better one; 0 for never."),
)
@option(
    "--augment/--no-augment",
    default=None,
    about=Phrase("Whether training images are shifted, cropped or flipped."),
)
@option(
    "--size",
    type=WholeNumber("--size", 1, 4096),
    metavar="N",
    about=Phrase("Bring images to N x N pixels."),
)
@option(
    "--engine",
    metavar="NAME",
    about=Phrase("What computes: native (compiled code) or reference (slow)."),
)
@option("--resume", is_flag=True, about=Phrase("Go on with a run that was stopped."))
@json_option()
def command(
    words: tuple[str, ...],
    out: str | None,
    epochs: int | None,
    batch: int | None,
    lr: float | None,
    seed: int | None,
    threads: int | None,
    optimizer: str | None,
    schedule: str | None,
    patience: int | None,
    augment: bool | None,
    size: int | None,
    engine: str | None,
    resume: bool,
    as_json: bool,
) -> int:
    """Trains, writes the pictures, and says how it went."""
    began = time.monotonic()
    name, source = _network_and_data(words)
    wishes = Wishes(
        epochs=epochs,
        batch_size=batch,
        optimizer=_optimizer(optimizer),
        learning_rate=lr,
        schedule=_schedule(schedule),
        seed=seed,
        augment=augment,
        patience=patience,
        engine=engine,
        threads=threads,
    )
    plan = _planned(name, source, size, wishes)
    _echo(plan)
    configuration = plan.configuration
    require_training_memory(configuration.network, configuration.recipe)
    computing = engines.create(
        configuration.engine,
        configuration.network,
        configuration.recipe,
        configuration.threads,
    )
    with _folder(plan, out, resume) as folder:
        try:
            with Interrupt() as interrupt, watch() as seen:
                outcome = train(plan, computing, folder, seen, interrupt)
        except RunInterruptedError as stopped:
            say(
                translate(
                    "Stopped and saved. Go on with the same command and --resume "
                    "--out {folder}"
                ).format(folder=folder.path)
            )
            return stopped.exit_code
        write_pictures(folder, plan, outcome)
    _tell(outcome, time.monotonic() - began, as_json)
    return 0


def _network_and_data(words: tuple[str, ...]) -> tuple[str, str]:
    if len(words) > 2:
        raise UsageError(
            "train-words",
            "'mirada train' takes a network and the data; got {count} words: {words}. "
            "Put names with spaces in quotes.",
            count=len(words),
            words=" ".join(words)[:200],
        )
    return (AUTOMATIC, words[0]) if len(words) == 1 else (words[0], words[1])


def _optimizer(text: str | None) -> Optimizer | None:
    if text is None:
        return None
    found: Optimizer = read_value(text, OPTIMIZERS)
    return found


def _schedule(text: str | None) -> Schedule | None:
    if text is None:
        return None
    found: Schedule = read_value(text, SCHEDULES)
    return found


def _planned(name: str, source: str, size: int | None, wishes: Wishes) -> Plan:
    """The data, a network that fits it, and everything that was left open."""
    if name != AUTOMATIC and name not in models.MODELS:
        description = described(name)
        data = _load(source, description.network)
        recipe: Recipe | None = description.recipe
        wishes = replace(wishes, recipe=recipe)
        return resolve(data, description.network, wishes, source=source)
    data = load(source, size=size)
    _tell_data(data)
    shape = (data.channels, *data.size)
    count = len(data.classes)
    if name != AUTOMATIC:
        network = models.build(name, shape, count)
        return resolve(data, network, wishes, source=source)
    network = models.automatic(shape, count)
    origin = Origin("automatic", models.automatic_reason(shape))
    return resolve(data, network, wishes, source=source, origin=origin)


def _load(source: str, network: Network) -> Dataset:
    """The data at the size and with the channels that a network takes."""
    if len(network.input) != 3:
        data = load(source)
    else:
        channels, height, width = network.input
        known = channels if channels in (1, 3) else None
        data = load(source, size=(height, width), channels=known)
    _tell_data(data)
    return data


def _tell_data(data: Dataset) -> None:
    for note in data.notes:
        say(note)
    for skipped in data.skipped[:20]:
        say(f"  {skipped.name}: {skipped.reason}")
    if len(data.skipped) > 20:
        text = translate("  ... and {count} more were not used.")
        say(text.format(count=len(data.skipped) - 20))


def _echo(plan: Plan) -> None:
    """Every value that was chosen, and why."""
    configuration = plan.configuration
    train_count, validation, test = configuration.data.counts
    say(
        translate(
            "{network} on {data}: {train} images to train, {validation} to validate, "
            "{test} held out; {classes} classes"
        ).format(
            network=configuration.network.name,
            data=configuration.data.name,
            train=train_count,
            validation=validation,
            test=test,
            classes=len(configuration.data.classes),
        )
    )
    recipe = configuration.recipe
    shown = {
        "network": configuration.network.name,
        "recipe.epochs": recipe.epochs,
        "recipe.batch_size": recipe.batch_size,
        "recipe.optimizer": recipe.optimizer.text(),
        "recipe.schedule": recipe.schedule.text(),
        "augmentation": augmentation_text(configuration.augmentation),
        "patience": configuration.patience or "-",
        "threads": configuration.threads,
    }
    for name, value in shown.items():
        origin = configuration.origins.get(name, Origin("default"))
        if origin.kind == "automatic":
            say(f"  {name.removeprefix('recipe.')} = {value}  ({origin.reason})")
        else:
            say(f"  {name.removeprefix('recipe.')} = {value}")


def _folder(plan: Plan, out: str | None, resume: bool) -> RunFolder:
    """The folder of the run: a new one, or that of the run to go on with."""
    configuration = plan.configuration
    data = Path(configuration.data.name).name
    label = f"{configuration.network.name}-{data}"
    name = re.sub(r"[^A-Za-z0-9_.-]+", "-", label).strip("-.") or "run"
    if resume:
        return RunFolder.existing(Path(out) if out else _newest(name))
    return RunFolder.new(Path(out)) if out else RunFolder.numbered(RUNS, name)


def _newest(name: str) -> Path:
    """The run of that name with the highest number."""
    found = [
        (int(number), path)
        for path in (RUNS.iterdir() if RUNS.is_dir() else ())
        if path.name.startswith(f"{name}-")
        and (number := path.name.removeprefix(f"{name}-")).isdecimal()
    ]
    return max(found)[1] if found else RUNS / f"{name}-1"


def _tell(outcome: Outcome, seconds: float, as_json: bool) -> None:
    accuracy = outcome.test.accuracy if outcome.test else None
    if as_json:
        show_json(
            {
                "schema": SCHEMA,
                "run": str(outcome.folder),
                "test_accuracy": accuracy,
                "best_epoch": outcome.best.epoch,
                "seconds": round(seconds, 3),
                "weights": str(outcome.weights),
            }
        )
        return
    if outcome.test is not None and accuracy is not None:
        wrong = outcome.test.count - round(accuracy * outcome.test.count)
        show(
            translate(
                "Test accuracy {accuracy:.2f} %: {wrong} of {count} images the network "
                "had never seen are answered wrongly."
            ).format(accuracy=100 * accuracy, wrong=wrong, count=outcome.test.count)
        )
    show(
        translate("Best epoch {epoch} of {epochs}, {seconds:.1f} s in all.").format(
            epoch=outcome.best.epoch, epochs=len(outcome.rows), seconds=seconds
        )
    )
    if outcome.ended == "patience":
        show(
            translate("Stopped early: the validation accuracy had not risen any more.")
        )
    folder = outcome.folder
    show(
        translate("The run is in {folder}; see it in report.html.").format(
            folder=folder
        )
    )
    show(translate("Next: mirada predict {folder} IMAGE").format(folder=folder))
