"""Where runs lie when nobody says: ./runs, and names of their own."""

import re
import unicodedata
from itertools import count
from pathlib import Path

from mirada.data.naming import shown_path
from mirada.errors import ConfigurationError
from mirada.training import Configuration, list_runs

__all__ = ["RUNS", "free_path", "run_name", "unfinished_run"]

RUNS = Path("runs")

_MOST_LETTERS = 40


def run_name(configuration: Configuration) -> str:
    """The name of a run before its number: network and data, in plain letters."""
    names = (configuration.network.name, Path(configuration.data.source).name)
    return "-".join(filter(None, map(_plain, names))) or "run"


def free_path(name: str) -> Path:
    """`runs/<name>-<number>` with the first number that is free; `runs` is made."""
    RUNS.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        path = RUNS / f"{name}-{number}"
        if not path.exists():
            return path
    raise AssertionError


def unfinished_run(source: str, parent: Path = RUNS) -> Path:
    """The folder of the run that was begun last and has not ended.

    Where `source` is not empty it is one on that data. Raises ConfigurationError
    (`nothing-to-resume`).
    """
    found = [
        run
        for run in (list_runs(parent) if parent.is_dir() else ())
        if run.configuration and not (run.ended or run.is_running)
        if source in ("", run.configuration.data.source)
    ]
    if not found:
        raise ConfigurationError(
            "nothing-to-resume",
            "In '{folder}' there is no run that was stopped before its end. Leave out "
            "--resume to begin one, or give the folder of a run with --out.",
            folder=shown_path(parent),
        )
    begun = [(run.folder / "configuration.json").stat().st_mtime_ns for run in found]
    return found[begun.index(max(begun))].folder


def _plain(name: str) -> str:
    """Letters, digits and dashes only, so that every shell and disk takes it."""
    base = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_]+", "-", base.lower()).strip("-")[:_MOST_LETTERS]
