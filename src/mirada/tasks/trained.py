"""A trained network: a run's folder or a weights file."""

from pathlib import Path

from mirada.data.naming import shown_path
from mirada.errors import FileError
from mirada.training import Model, load_model
from mirada.training.record import BEST, LAST

__all__ = ["run_folder", "trained"]


def trained(run: str) -> Model:
    """The best weights of a run, or those of a file.

    Raises FileError (`run-without-weights`) and those of `load_model`.
    """
    path = Path(run)
    if not path.is_dir():
        return load_model(path)
    for name in (BEST, LAST):
        if (path / name).is_file():
            return load_model(path / name)
    raise FileError(
        "run-without-weights",
        "'{folder}' holds no weights ({names}). Train first, or give the folder of a "
        "run whose first epoch has ended.",
        folder=shown_path(path),
        names=f"{BEST}, {LAST}",
    )


def run_folder(run: str) -> Path:
    """The folder of the run, also where one of its files was given."""
    path = Path(run)
    return path if path.is_dir() else path.parent
