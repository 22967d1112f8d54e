"""The training curves of a run."""

from pathlib import Path
from typing import Protocol

from mirada.language import translate
from mirada.notebook.shown import Shown
from mirada.notebook.still import drawn
from mirada.training import EpochRow, read_run
from mirada.views.curves import curves_of, training_curves

__all__ = ["Measured", "curves"]


class Measured(Protocol):
    """What has rows of epochs: the outcome of a training, or a run that was read."""

    @property
    def rows(self) -> tuple[EpochRow, ...]:
        """One row an epoch."""


def curves(run: str | Path | Measured) -> Shown:
    """Loss and accuracy by epoch, of a run's folder or of what `mirada.train` gave.

    The pointer, and arrow keys, read the values of an epoch. Raises what a folder that
    is no run raises.
    """
    rows = _rows(run)
    title = translate("Training curves")
    figure = drawn(training_curves(curves_of(rows)), title)
    data = {"rows": [row.to_dict() for row in rows]}
    return Shown("notebook_curves", title, figure, data)


def _rows(run: str | Path | Measured) -> tuple[EpochRow, ...]:
    if not isinstance(run, str | Path):
        return tuple(run.rows)
    found = read_run(Path(run))
    if found.problem is not None:
        raise found.problem
    return found.rows
