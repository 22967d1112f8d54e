"""The place in a run: all that training has to know besides arrays to go on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from mirada.training.history import EpochRow

__all__ = ["Place"]


@dataclass(frozen=True)
class Place:
    """How far a run is.

    `step` counts all steps done; `epoch` the epochs done and validated; `batch` the
    batches done of the one that is going on, over which `loss_sum` (each image once),
    `correct` and `seen` run. `metrics_bytes` is how long `metrics.jsonl` was. `ended`
    says why no more epochs follow ("epochs", "patience", "time"), and is empty while
    they do.

    >>> Place.from_dict(Place(step=3, batch=3).to_dict()).step
    3
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    seen: int = 0
    metrics_bytes: int = 0
    rows: tuple[EpochRow, ...] = ()
    ended: str = ""

    @property
    def best(self) -> EpochRow | None:
        """The row of the best epoch so far."""
        marked = [row for row in self.rows if row.best]
        return marked[-1] if marked else None

    def to_dict(self) -> dict[str, Any]:
        """The place as JSON holds it."""
        return {**vars(self), "rows": [row.to_dict() for row in self.rows]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The place that `to_dict` wrote."""
        rows = tuple(EpochRow.from_dict(row) for row in values["rows"])
        return cls(**{**values, "rows": rows})
