"""`mirada evaluate`: how good a trained network is on images with known classes."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirada.cli.command import argument, as_command, json_option, option
from mirada.cli.kinds import WholeNumber
from mirada.cli.output import Column, say, show, show_json, show_table
from mirada.cli.trained import run_argument, trained
from mirada.data import Dataset, Part, load, read_split
from mirada.errors import MiradaError, Phrase
from mirada.language import translate
from mirada.network import CrossEntropy
from mirada.training import Evaluation, evaluate

__all__ = ["command"]

SCHEMA = 1


@as_command(
    "evaluate",
    details=Phrase(
        "Of the data that the run was trained on, only the held-out images are "
        "answered; of data with a test part of its own, only that part; else all."
    ),
    examples=("mirada evaluate runs/example digits",),
)
@run_argument()
@argument("source", Phrase("The images, as for 'mirada train'."), metavar="DATA")
@option(
    "--threads",
    type=WholeNumber("--threads", 1, 256),
    metavar="N",
    about=Phrase("Threads that compute; the result does not depend on it."),
)
@option("--all", "every", is_flag=True, about=Phrase("Answer every image of the data."))
@json_option()
def command(
    run: str, source: str, threads: int | None, every: bool, as_json: bool
) -> None:
    """Prints accuracy, and precision, recall and F1 of each class."""
    model = trained(run)
    wanted = model.preprocessing
    data = load(
        source, size=wanted.size, channels=wanted.channels, resize=wanted.resize
    )
    for skipped in data.skipped:
        say(f"  {skipped.name}: {skipped.reason}")
    data = data.with_classes(model.classes)
    samples = np.arange(len(data)) if every else _samples(run, data)
    engine = model.engine(threads=threads)
    found = evaluate(engine, data, samples, wanted, CrossEntropy())
    _show(found, as_json)


def _samples(run: str, data: Dataset) -> NDArray[np.int64]:
    """The images that the run did not see in training."""
    path = Path(run) / "split.json"
    if path.is_file():
        try:
            split = read_split(path, data)
        except MiradaError:
            say(translate("Not the data of the run: every image is answered."))
        else:
            text = translate("The {count} held-out images of the run are answered.")
            say(text.format(count=len(split.test)))
            return split.test
    if data.given is not None and (data.given == Part.TEST).any():
        return np.flatnonzero(data.given == Part.TEST)
    return np.arange(len(data))


def _show(found: Evaluation, as_json: bool) -> None:
    if as_json:
        show_json({**found.to_dict(), "schema": SCHEMA})
        return
    text = translate("Accuracy {accuracy:.2f} % of {count} images, loss {loss:.4f}")
    show(text.format(accuracy=100 * found.accuracy, count=found.count, loss=found.loss))
    columns = (
        Column(translate("Class")),
        Column(translate("Images"), numbers=True),
        Column(translate("Precision"), numbers=True),
        Column(translate("Recall"), numbers=True),
        Column("F1", numbers=True),
    )
    rows = (
        (
            score.name,
            score.count,
            *map(_share, (score.precision, score.recall, score.f1)),
        )
        for score in found.per_class
    )
    show_table(columns, rows)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"
