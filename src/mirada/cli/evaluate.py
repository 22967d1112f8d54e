"""`mirada evaluate`: how good a trained network is on images with known classes."""

import click
import numpy as np

from mirada import engines
from mirada.cli.command import argument, as_command, json_option, option
from mirada.cli.kinds import WholeNumber
from mirada.cli.machine import (
    device_option,
    exact_option,
    isa_option,
    precision_option,
)
from mirada.cli.output import Column, show, show_json, show_table
from mirada.cli.trained import flips_option, run_argument
from mirada.errors import Phrase
from mirada.language import translate
from mirada.network import CrossEntropy
from mirada.tasks.held_out import held_out
from mirada.tasks.prepare import loaded
from mirada.tasks.quantities import loss_text, percent_text
from mirada.tasks.trained import trained
from mirada.training import Evaluation, evaluate

__all__ = ["command"]

_SHOWN_MISTAKES = 5


@as_command(
    "evaluate",
    details=Phrase(
        "Of the data that the run was trained on, only the held-out images are "
        "answered; of data with a test part of its own, only that part; else all."
    ),
    examples=(
        "mirada evaluate runs/example digits",
        "mirada evaluate runs/example/last.safetensors digits --all --json",
    ),
)
@run_argument()
@argument("source", Phrase("The images, as for 'mirada train'."), metavar="DATA")
@option("--all", "every", is_flag=True, about=Phrase("Answer every image of the data."))
@flips_option()
@option(
    "--threads",
    type=WholeNumber("--threads", 1, 256),
    metavar="N",
    about=Phrase("Threads that compute; the result does not depend on it."),
)
@option(
    "--engine",
    type=click.Choice(engines.ENGINES),
    default="native",
    about=Phrase("What computes: native (compiled code), reference (slow), torch."),
)
@isa_option()
@exact_option()
@precision_option()
@device_option()
@json_option()
def command(
    run: str,
    source: str,
    every: bool,
    flips: bool | None,
    threads: int | None,
    engine: str,
    isa: str | None,
    exact: bool,
    precision: str | None,
    device: str | None,
    as_json: bool,
) -> None:
    """Prints accuracy, and precision, recall and F1 of each class."""
    model = trained(run)
    wanted = model.preprocessing
    data = loaded(source, model.network.input, wanted.resize)
    data = data.with_classes(model.classes)
    samples = np.arange(len(data)) if every else held_out(run, data)
    computing = model.engine(
        engine,
        threads,
        isa=isa,
        exact=exact,
        precision=precision or "float32",
        device=device,
    )
    turns = model.flips if flips is None else flips
    found = evaluate(computing, data, samples, wanted, CrossEntropy(), flips=turns)
    if as_json:
        show_json(found.to_dict())
    else:
        _show(found)


def _show(found: Evaluation) -> None:
    text = translate("Accuracy {share} of {count} images, loss {loss}")
    share = percent_text(found.accuracy)
    show(text.format(share=share, count=found.count, loss=loss_text(found.loss)))
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
            *map(percent_text, (score.precision, score.recall, score.f1)),
        )
        for score in found.per_class
    )
    show_table(columns, rows)
    if found.mistakes:
        show()
        show(translate("Surest mistakes:"))
    for item in found.mistakes[:_SHOWN_MISTAKES]:
        text = translate("  {image}: {true}, taken for {predicted} ({share})")
        share = percent_text(item.probability)
        show(
            text.format(
                image=item.name, true=item.true, predicted=item.predicted, share=share
            )
        )
