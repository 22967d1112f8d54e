"""The options of `mirada train`, by what they are about."""

from typing import NamedTuple

import click

from mirada import engines
from mirada.cli.command import Declaration, json_option, option
from mirada.cli.kinds import Duration, RealNumber, WholeNumber
from mirada.cli.machine import (
    compile_option,
    device_option,
    exact_option,
    isa_option,
    precision_option,
)
from mirada.cli.recipes import ClassWeights, LearningRate, OptimizerText, ScheduleText
from mirada.errors import Phrase

__all__ = ["GROUPS", "Group"]


class Group(NamedTuple):
    """Options under one heading of the help."""

    title: Phrase
    options: tuple[Declaration, ...]


def _whole(name: str, low: int, high: int, about: Phrase) -> Declaration:
    return option(name, type=WholeNumber(name, low, high), metavar="N", about=about)


def _real(
    name: str, high: float, about: Phrase, *, low: float = 0.0, below: bool = False
) -> Declaration:
    kind = RealNumber(name, low, high, below=below)
    return option(name, type=kind, metavar="X", about=about)


def _flag(name: str, about: Phrase) -> Declaration:
    return option(name, is_flag=True, about=about)


_IMAGES = Group(
    Phrase("Images"),
    (
        _whole("--size", 1, 4096, Phrase("Bring images to N x N pixels.")),
        option(
            "--augment",
            metavar="auto|none|TEXT",
            about=Phrase(
                "How training images change each time they are seen, as in "
                "'crop 4, flip'."
            ),
        ),
        _flag("--no-augment", Phrase("The same as --augment none.")),
        _real(
            "--validation",
            0.9,
            Phrase("The share of the images that chooses the best epoch; else 0.1."),
        ),
        _real(
            "--test",
            0.9,
            Phrase("The share of the images that is held out for the end; else 0.2."),
        ),
        option(
            "--split",
            type=click.Path(),
            metavar="FILE",
            about=Phrase("Divide the images as this split.json says."),
        ),
        option(
            "--group-by",
            metavar="TEXT",
            about=Phrase(
                "Keep images together that share what this finds in their names: "
                "'parent' (their folder) or a regular expression with one group; a "
                "table's own column 'group' counts unasked, unless this is 'none'."
            ),
        ),
        _whole("--folds", 2, 1000, Phrase("Cross-validate: train N times.")),
        _whole("--fold", 1, 1000, Phrase("Train this fold of --folds alone.")),
    ),
)
_LEARNING = Group(
    Phrase("Learning"),
    (
        _whole(
            "--epochs", 1, 100_000, Phrase("How often every training image is seen.")
        ),
        option(
            "--time",
            type=Duration("--time"),
            metavar="10m",
            about=Phrase("Train as long as this at most; the epochs are made to fit."),
        ),
        _whole("--batch", 1, 65536, Phrase("How many images a step takes.")),
        option(
            "--lr",
            type=LearningRate(),
            metavar="X",
            about=Phrase("The highest learning rate of the run."),
        ),
        option(
            "--optimizer",
            type=OptimizerText(),
            metavar="TEXT",
            about=Phrase("As in 'sgd 0.05 momentum 0.9' or 'adamw 0.001'."),
        ),
        option(
            "--schedule",
            type=ScheduleText(),
            metavar="TEXT",
            about=Phrase(
                "As in 'onecycle', 'cosine warmup 0.1', 'step 2 0.1' or 'constant'."
            ),
        ),
        _real(
            "--clip",
            1e6,
            Phrase("The greatest norm of a gradient, which is cut to it; 0 is off."),
        ),
        _real(
            "--ema",
            1.0,
            Phrase("Keep a moving average of the weights, as with 0.999. 0 is off."),
            below=True,
        ),
        _real(
            "--smoothing",
            1.0,
            Phrase("Label smoothing, as with 0.1: never ask for certainty. 0 is off."),
            below=True,
        ),
        option(
            "--class-weights",
            type=ClassWeights(),
            metavar="auto|none|a,b,c",
            about=Phrase("What a mistake costs in each class; auto evens them out."),
        ),
        _whole(
            "--patience",
            0,
            100_000,
            Phrase("Stop after so many epochs without a better one; 0 never does."),
        ),
        option(
            "--flips/--no-flips",
            default=None,
            about=Phrase(
                "Answer the held-out images as the mean of image and mirror image."
            ),
        ),
        _whole(
            "--seed", 0, 2**32 - 1, Phrase("What chance begins with; 0 unless given.")
        ),
    ),
)
_BEGINNING = Group(
    Phrase("Weights to begin with"),
    (
        option(
            "--from",
            "from_",
            type=click.Path(),
            metavar="RUN",
            about=Phrase(
                "Begin with the weights of a run or a model file, and with its network "
                "where none is named; its head is drawn anew for other classes."
            ),
        ),
        _flag("--keep-head", Phrase("With --from: keep the head for other classes.")),
        option(
            "--freeze",
            metavar="PATTERN",
            multiple=True,
            about=Phrase(
                "Layers or parameters that do not learn, as in 'conv*'; of '*' those "
                "learn that --from draws anew."
            ),
        ),
        option(
            "--rate",
            metavar="PATTERN=X",
            multiple=True,
            about=Phrase(
                "What multiplies the learning rate of these layers or parameters; the "
                "last that names one holds."
            ),
        ),
    ),
)
_INSTEAD = Group(
    Phrase("Before a run, or many"),
    (
        _flag(
            "--dry-run",
            Phrase("Train nothing; say how long it would take, and how much memory."),
        ),
        _flag("--find-lr", Phrase("Try growing learning rates, and suggest one.")),
        _flag(
            "--overfit-one-batch",
            Phrase("See whether the network can learn one batch at all."),
        ),
        _whole("--seeds", 2, 1000, Phrase("Train with N seeds; mean and interval.")),
        _flag(
            "--learning-curve",
            Phrase("Train on growing parts; say what more images would bring."),
        ),
    ),
)
_RUN = Group(
    Phrase("The run"),
    (
        option(
            "--out",
            type=click.Path(),
            metavar="DIR",
            about=Phrase("The run's folder; else a new one in ./runs."),
        ),
        _flag("--resume", Phrase("Go on with a run that was stopped.")),
        _flag(
            "--force",
            Phrase("With --resume: go on although something differs; it is recorded."),
        ),
        option(
            "--log",
            metavar="NAME",
            multiple=True,
            about=Phrase("Tell another program too: tensorboard, mlflow, ..."),
        ),
        json_option(),
    ),
)
_COMPUTER = Group(
    Phrase("This computer"),
    (
        _whole(
            "--threads",
            1,
            256,
            Phrase("How many threads compute; the result is the same for any number."),
        ),
        option(
            "--engine",
            type=click.Choice(engines.ENGINES),
            about=Phrase(
                "What computes: machine code (native), the slow and plain "
                "reference, or PyTorch (torch)."
            ),
        ),
        isa_option(),
        exact_option(),
        precision_option(),
        device_option(),
        compile_option(),
    ),
)

GROUPS = (_IMAGES, _LEARNING, _BEGINNING, _INSTEAD, _RUN, _COMPUTER)
"""All of them, in the order of the help."""
