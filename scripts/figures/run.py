"""The figures that come from a training, and so differ a little between computers."""

from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from mirada.cli import main

__all__ = ["run_figures"]

_TRAINING = ("train", "digits", "--epochs", "10", "--seed", "1", "--out", "first")


def run_figures(language: str) -> dict[str, str]:
    """The pictures that the run of chapter 11 leaves in its folder, by their names."""
    with TemporaryDirectory() as folder, chdir(folder):
        code = main(["--quiet", "--lang", language, *_TRAINING])
        assert code == 0
        names = ("curves", "confusion")
        return {name: Path("first", f"{name}.svg").read_text("utf-8") for name in names}
