"""What was measured while training: rows, one an epoch, and the files that keep them.

`metrics.jsonl` has one JSON object a line, in order: "start", then "step" and "epoch"
lines, at last "end". `results.csv` has one line an epoch. Neither holds a time, so that
a resumed run ends in the same bytes; times are in `timing.jsonl`.
"""

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from mirada.training.typed import typed

__all__ = ["EpochRow", "is_better", "line", "results_csv"]

SCHEMA = 1


@dataclass(frozen=True)
class EpochRow:
    """One epoch: mean losses, shares of right answers, and whether it is the best yet.

    `epoch` counts from 1, `step` is how many steps were done at its end, and
    `learning_rate` is that of its last step. Validation is None without such a part.
    """

    epoch: int
    step: int
    learning_rate: float
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    best: bool

    @property
    def merit(self) -> tuple[float, float]:
        """What the best epoch has most of: accuracy, then less loss.

        Measured on the validation part, or on the training part without one.
        """
        if self.validation_accuracy is None or self.validation_loss is None:
            return self.train_accuracy, -self.train_loss
        return self.validation_accuracy, -self.validation_loss

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON holds it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The row that `to_dict` wrote."""
        return typed(cls(**{each.name: values[each.name] for each in fields(cls)}))


def is_better(row: EpochRow, best: EpochRow | None, images: int) -> bool:
    """Whether an epoch is better than the best before, on so many validation images.

    A difference in accuracy p of less than its standard error, sqrt(p (1 - p) / n), is
    chance: then the smaller loss decides, which sees how sure the answers are. Without
    validation images the accuracy in training decides, then its loss.

    >>> early = EpochRow(1, 9, 0.1, 1.0, 0.5, 0.9, 0.70, best=True)
    >>> late = EpochRow(9, 81, 0.0, 0.5, 0.8, 0.6, 0.68, best=False)
    >>> is_better(late, early, images=60), is_better(late, early, images=6000)
    (True, False)
    """
    if best is None or row.validation_accuracy is None or not images:
        return best is None or row.merit > best.merit
    (share, gain), (top, least) = row.merit, best.merit
    if abs(share - top) > math.sqrt(top * (1 - top) / images):
        return share > top
    return gain > least


def line(kind: str, **values: object) -> bytes:
    """One line of `metrics.jsonl` or `timing.jsonl`.

    >>> line("step", step=3)
    b'{"kind":"step","step":3}\\n'
    """
    plain = {"kind": kind, **values}
    text = json.dumps(plain, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"


def results_csv(rows: Sequence[EpochRow] | Iterable[EpochRow]) -> bytes:
    """The content of `results.csv`: a heading, then a line an epoch."""
    names = [field.name for field in fields(EpochRow)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(getattr(row, name)) for name in names])
    return text.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)
