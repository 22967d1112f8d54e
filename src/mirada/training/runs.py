"""What the folders of runs hold, read without trusting any of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mirada.errors import MiradaError
from mirada.training.configuration import Configuration
from mirada.training.folder import RunFolder, read_json
from mirada.training.history import EpochRow
from mirada.training.metrics import Evaluation
from mirada.training.record import METRICS

__all__ = ["RunSummary", "list_runs", "read_rows", "read_run"]

CONFIGURATION, EVALUATION = "configuration.json", "evaluation.json"

_MOST_BYTES = 2**30


@dataclass(frozen=True, eq=False)
class RunSummary:
    """A run as its folder tells it; `problem` is why the folder could not be read.

    `test` is there when the run has ended.
    """

    folder: Path
    configuration: Configuration | None = None
    rows: tuple[EpochRow, ...] = ()
    test: Evaluation | None = None
    ended: str = ""
    problem: MiradaError | None = None

    @property
    def best(self) -> EpochRow | None:
        """The row of the best epoch."""
        marked = [row for row in self.rows if row.best]
        return marked[-1] if marked else None


def list_runs(folder: Path) -> Iterator[RunSummary]:
    """The run in a folder, or those in its subfolders, by name."""
    if (folder / CONFIGURATION).is_file():
        yield read_run(folder)
        return
    for path in sorted(folder.iterdir()):
        if (path / CONFIGURATION).is_file():
            yield read_run(path)


def read_run(folder: Path) -> RunSummary:
    """The run in a folder; a folder that cannot be read is one with a `problem`."""
    path = folder / CONFIGURATION
    try:
        configuration = Configuration.from_dict(read_json(path), str(path))
        rows, ended = read_rows(folder)
        return RunSummary(folder, configuration, rows, _evaluation(folder), ended)
    except MiradaError as error:
        return RunSummary(folder, problem=error)
