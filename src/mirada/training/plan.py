"""What a run is to do, and how it ended: the two ends of `loop.train`."""

from dataclasses import dataclass
from pathlib import Path

from mirada.data import Dataset, Split
from mirada.training.configuration import Configuration
from mirada.training.difference import Forced
from mirada.training.history import EpochRow
from mirada.training.metrics import Evaluation
from mirada.training.place import RateChange
from mirada.training.record import BEST
from mirada.training.tensors import Arrays

__all__ = ["Outcome", "Plan"]


@dataclass(frozen=True, eq=False)
class Plan:
    """A configuration in which everything is resolved, and the data it speaks of.

    `initial` are the parameters to begin with, None where the seed draws them.
    """

    configuration: Configuration
    data: Dataset
    split: Split
    initial: Arrays | None = None


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its rows, the best of them, and the held-out part's answers.

    `ended` is "epochs", "patience" or "time"; `test` is None without a held-out part;
    `forced` tells what differed when the run was gone on with, `rate_changes` when the
    learning rate was changed by hand.
    """

    folder: Path
    rows: tuple[EpochRow, ...]
    best: EpochRow
    ended: str
    test: Evaluation | None
    forced: tuple[Forced, ...] = ()
    rate_changes: tuple[RateChange, ...] = ()

    @property
    def weights(self) -> Path:
        """The file of the best weights."""
        return self.folder / BEST
