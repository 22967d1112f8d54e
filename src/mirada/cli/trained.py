"""What a command is given as a trained network: a run's folder, or a file of weights."""

from pathlib import Path

from mirada.cli.command import Declaration, argument
from mirada.errors import FileError, Phrase
from mirada.training import Model, load_model

__all__ = ["run_argument", "trained"]

_WEIGHTS = ("best.safetensors", "last.safetensors")


def run_argument() -> Declaration:
    """Declares the argument `run`."""
    about = Phrase("The folder of a run, or a file of weights (.safetensors).")
    return argument("run", about, metavar="RUN")


def trained(run: str) -> Model:
    """The best weights of a run, or those of a file.

    Raises FileError (`run-without-weights`) and those of `load_model`.
    """
    path = Path(run)
    if not path.is_dir():
        return load_model(path)
    for name in _WEIGHTS:
        if (path / name).is_file():
            return load_model(path / name)
    raise FileError(
        "run-without-weights",
        "'{folder}' holds no weights ({names}). Train first, or give the folder of a "
        "run whose first epoch has ended.",
        folder=run,
        names=", ".join(_WEIGHTS),
    )
