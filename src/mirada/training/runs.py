"""What the folders of runs hold, read without trusting any of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mirada.data.gate import read_plain
from mirada.data.naming import shown_path
from mirada.errors import FileError, MiradaError
from mirada.training.configuration import Configuration
from mirada.training.crash import Crash, last_crash
from mirada.training.folder import CONFIGURATION, read_json
from mirada.training.history import EpochRow
from mirada.training.lock import is_held
from mirada.training.metrics import Evaluation
from mirada.training.place import RateChange
from mirada.training.record import EVALUATION, LAST, METRICS
from mirada.training.typed import typed

__all__ = ["STUDY", "RunSummary", "list_runs", "read_run"]

STUDY = "study.json"
"""The file that says of a folder that its runs answer one question."""
_MOST_BYTES = 2**30


@dataclass(frozen=True, eq=False)
class RunSummary:
    """A run as its folder tells it; `problem` is why the folder could not be read.

    `ended` says why it has no more epochs, and is empty for one that was stopped or
    goes on; `is_running` tells these apart. `crash` says how its last process died,
    where that was of a fault.
    """

    folder: Path
    configuration: Configuration | None = None
    rows: tuple[EpochRow, ...] = ()
    test: Evaluation | None = None
    ended: str = ""
    is_running: bool = False
    crash: Crash | None = None
    rate_changes: tuple[RateChange, ...] = ()
    problem: MiradaError | None = None

    @property
    def best(self) -> EpochRow | None:
        """The row of the best epoch."""
        marked = [row for row in self.rows if row.best]
        return marked[-1] if marked else None


def list_runs(folder: Path, *, studies: bool = False) -> Iterator[RunSummary]:
    """The run in a folder, or those in its subfolders, by name.

    With `studies` those that are part of a study in a subfolder are among them.
    """
    if (folder / CONFIGURATION).is_file():
        yield read_run(folder)
        return
    for path in sorted(folder.iterdir()):
        if (path / CONFIGURATION).is_file():
            yield read_run(path)
        elif studies and (path / STUDY).is_file():
            yield from list_runs(path)


def read_run(folder: Path) -> RunSummary:
    """The run in a folder; a folder that cannot be read is one with a `problem`."""
    path = folder / CONFIGURATION
    try:
        configuration = Configuration.from_dict(read_json(path), shown_path(path))
        rows, changes, ended = _measured(folder / METRICS)
        return RunSummary(
            folder,
            configuration,
            rows,
            _evaluation(folder / EVALUATION),
            ended if (folder / LAST).exists() else "",
            is_held(folder),
            last_crash(folder),
            changes,
        )
    except MiradaError as error:
        return RunSummary(folder, problem=error)


def _measured(
    path: Path,
) -> tuple[tuple[EpochRow, ...], tuple[RateChange, ...], str]:
    """The rows in `metrics.jsonl`, changes of the rate, and why it ended.

    A torn last line is left out.
    """
    if not path.exists():
        return (), (), ""
    rows, changes, ended = [], [], ""
    for text in read_plain(path, _MOST_BYTES).splitlines():
        try:
            found = json.loads(text)
            if found["kind"] == "epoch":
                rows.append(EpochRow.from_dict(found))
            elif found["kind"] == "rate":
                values = {name: found[name] for name in RateChange._fields}
                changes.append(typed(RateChange(**values)))
            elif found["kind"] == "end":
                ended = str(found["reason"])
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            continue
    return tuple(rows), tuple(changes), ended


def _evaluation(path: Path) -> Evaluation | None:
    if not path.exists():
        return None
    values = read_json(path)
    try:
        return Evaluation.from_dict(values)
    except (KeyError, TypeError, ValueError) as error:
        raise FileError(
            "evaluation-file",
            "'{file}' is not an evaluation that mirada wrote ({reason}). Make it again "
            "with 'mirada evaluate'.",
            file=shown_path(path),
            reason=repr(error)[:80],
        ) from None
