"""The place in a run: all that training has to know besides arrays to go on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from mirada.errors import Phrase
from mirada.training.history import EpochRow

__all__ = ["Place", "RateChange"]


class RateChange(NamedTuple):
    """A time that the learning rate was changed by hand, after so many steps.

    From then on the rate is `factor` times that of the schedule; `learning_rate` is
    what it was right after.
    """

    step: int
    factor: float
    learning_rate: float

    @property
    def text(self) -> Phrase:
        """What was changed, in words."""
        return Phrase(
            "After step {step} the learning rate was changed by hand to {rate:.3g} "
            "({factor:.3g} times what was planned).",
            step=self.step,
            rate=self.learning_rate,
            factor=self.factor,
        )


@dataclass(frozen=True)
class Place:
    """How far a run is.

    `step` counts all steps done; `epoch` the epochs done and validated; `batch` the
    batches done of the one that is going on, over which `loss_sum` (each image once),
    `correct` and `seen` run. `metrics_bytes` is how long `metrics.jsonl` was. `ended`
    says why no more epochs follow ("epochs", "patience", "time"), and is empty while
    they do. `rate_changes` are those that were made by hand.

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
    rate_changes: tuple[RateChange, ...] = ()

    @property
    def best(self) -> EpochRow | None:
        """The row of the best epoch so far."""
        marked = [row for row in self.rows if row.best]
        return marked[-1] if marked else None

    @property
    def rate_factor(self) -> float:
        """What the rates of the schedule are multiplied by now."""
        return self.rate_changes[-1].factor if self.rate_changes else 1.0

    def to_dict(self) -> dict[str, Any]:
        """The place as JSON holds it."""
        found = {**vars(self), "rows": [row.to_dict() for row in self.rows]}
        # Of a run that nobody changed, the bytes are those of older versions.
        del found["rate_changes"]
        if self.rate_changes:
            found["rate_changes"] = [change._asdict() for change in self.rate_changes]
        return found

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The place that `to_dict` wrote."""
        rows = tuple(EpochRow.from_dict(row) for row in values["rows"])
        changes = tuple(RateChange(**each) for each in values.get("rate_changes", ()))
        return cls(**{**values, "rows": rows, "rate_changes": changes})
