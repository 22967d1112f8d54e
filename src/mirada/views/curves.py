"""The training curves: loss and accuracy by epoch, side by side in one figure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from mirada.errors import UsageError
from mirada.language import translate
from mirada.views.chart import Chart, Series, chart_panel, describe_series
from mirada.views.svg import Element, element, figure

__all__ = ["Curves", "EpochMeasures", "curves_of", "training_curves"]

_PANEL, _HEIGHT = 420.0, 300.0

Values = tuple[float | None, ...]


@dataclass(frozen=True)
class Curves:
    """What a training run measured, one value an epoch; None where it did not.

    Losses are the mean over the images; accuracies lie in [0, 1]; `best_epoch` is the
    one whose weights were kept.

    >>> Curves((1, 2), (0.9, 0.5), (1.0, 0.7), (0.6, 0.8), (0.5, 0.7), best_epoch=2)
    ... # doctest: +ELLIPSIS
    Curves(epochs=(1, 2), ...)
    """

    epochs: tuple[int, ...]
    train_loss: Values
    validation_loss: Values
    train_accuracy: Values
    validation_accuracy: Values
    best_epoch: int | None = None

    def __post_init__(self) -> None:
        for name in (
            *("train_loss", "validation_loss"),
            *("train_accuracy", "validation_accuracy"),
        ):
            count = len(getattr(self, name))
            if count != len(self.epochs):
                raise UsageError(
                    "curves-length",
                    "Curves.{name} has {count} values for {epochs} epochs; each epoch "
                    "needs one. Put None where nothing was measured.",
                    name=name,
                    count=count,
                    epochs=len(self.epochs),
                )


class EpochMeasures(Protocol):
    """What a row of a training history tells of one epoch."""

    @property
    def epoch(self) -> int:
        """The number of the epoch, from 1."""

    @property
    def train_loss(self) -> float | None:
        """The mean loss over the training images."""

    @property
    def validation_loss(self) -> float | None:
        """The mean loss over the validation images."""

    @property
    def train_accuracy(self) -> float | None:
        """The share of right answers over the training images."""

    @property
    def validation_accuracy(self) -> float | None:
        """The share of right answers over the validation images."""

    @property
    def best(self) -> bool:
        """True where no earlier epoch was better."""


def curves_of(rows: Iterable[EpochMeasures]) -> Curves:
    """The curves of a training history, one row an epoch, the last best one marked."""
    kept = tuple(rows)
    best = [row.epoch for row in kept if row.best]
    return Curves(
        tuple(row.epoch for row in kept),
        tuple(row.train_loss for row in kept),
        tuple(row.validation_loss for row in kept),
        tuple(row.train_accuracy for row in kept),
        tuple(row.validation_accuracy for row in kept),
        best[-1] if best else None,
    )


def training_curves(curves: Curves, key: str = "curves") -> Element:
    """The figure: loss on the left, accuracy on the right, 840 by 300 pixels.

    `key` begins its ids, which must differ from those of other figures on a page.
    """
    loss, accuracy = _charts(curves)
    right = element(
        "g",
        chart_panel(accuracy, _PANEL, _HEIGHT),
        transform=f"translate({_PANEL:g} 0)",
    )
    return figure(
        key,
        (2 * _PANEL, _HEIGHT),
        translate("Training curves"),
        f"{describe_series(loss)} {describe_series(accuracy)}",
        chart_panel(loss, _PANEL, _HEIGHT),
        right,
    )


def _charts(curves: Curves) -> tuple[Chart, Chart]:
    train, validation = translate("training"), translate("validation")
    loss = Chart(
        translate("Loss"),
        curves.epochs,
        (Series(train, curves.train_loss), Series(validation, curves.validation_loss)),
        best=curves.best_epoch,
    )
    accuracy = Chart(
        translate("Accuracy"),
        curves.epochs,
        (
            Series(train, curves.train_accuracy),
            Series(validation, curves.validation_accuracy),
        ),
        is_share=True,
        best=curves.best_epoch,
    )
    return loss, accuracy
