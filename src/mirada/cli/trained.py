"""How a command is given a trained network."""

from mirada.cli.command import Declaration, argument, option
from mirada.errors import Phrase

__all__ = ["flips_option", "run_argument"]


def run_argument() -> Declaration:
    """Declares the argument `run`."""
    about = Phrase("The folder of a run, or a file of weights (.safetensors).")
    return argument("run", about, metavar="RUN")


def flips_option() -> Declaration:
    """Declares `--flips`, whether mirror images are answered too."""
    return option(
        "--flips/--no-flips",
        default=None,
        about=Phrase(
            "Answer with the mean of an image and its mirror image; else as the run "
            "did at its end."
        ),
    )
