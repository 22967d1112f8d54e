"""What a person sees while a network is trained: a bar, or one line an epoch."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mirada.cli.output import is_quiet, say
from mirada.errors import Phrase
from mirada.language import translate
from mirada.training import Configuration, EpochRow, Place, Watch

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["watch"]


@contextmanager
def watch() -> Iterator[Watch]:
    """A bar with the time left on a terminal, lines elsewhere, nothing if quiet."""
    if is_quiet():
        yield Watch()
    elif not sys.stderr.isatty():
        yield _Lines()
    else:
        with _progress() as progress:
            yield _Bar(progress)


class _Lines(Watch):
    """One line an epoch on stderr."""

    def __init__(self) -> None:
        self.epochs = 0
        self.images = 0

    def note(self, text: Phrase) -> None:
        """Prints it."""
        say(text)

    def began(self, configuration: Configuration, place: Place) -> None:
        """Says from where a resumed run goes on."""
        self.epochs = configuration.recipe.epochs
        self.images = configuration.data.counts[0]
        if place.step:
            text = translate("Going on after step {step} of {steps}.")
            say(text.format(step=place.step, steps=configuration.steps))

    def epoch(self, row: EpochRow, seconds: float) -> None:
        """Prints the epoch's line."""
        say(self._line(row, seconds))

    def _line(self, row: EpochRow, seconds: float) -> str:
        rate = self.images / seconds if seconds else 0.0
        validated = ""
        if row.validation_accuracy is not None:
            text = translate(", validation {accuracy:.2f} %")
            validated = text.format(accuracy=100 * row.validation_accuracy)
        return translate(
            "Epoch {epoch}/{epochs}: loss {loss:.4f}, accuracy {accuracy:.2f} %"
            "{validated}, {rate:.0f} images/s{best}"
        ).format(
            epoch=row.epoch,
            epochs=self.epochs,
            loss=row.train_loss,
            accuracy=100 * row.train_accuracy,
            validated=validated,
            rate=rate,
            best=" *" if row.best else "",
        )


class _Bar(_Lines):
    """A bar over all steps; epochs scroll by above it."""

    def __init__(self, progress: "Progress") -> None:
        super().__init__()
        self.progress = progress
        self.task: TaskID | None = None
        self.batch = 1

    def began(self, configuration: Configuration, place: Place) -> None:
        """Draws the bar."""
        super().began(configuration, place)
        self.batch = configuration.recipe.batch_size
        total = configuration.steps
        text = translate("Training")
        self.task = self.progress.add_task(
            text, total=total, completed=place.step, loss=0.0
        )

    def step(self, place: Place, loss: float) -> None:
        """Moves the bar."""
        if self.task is not None:
            self.progress.update(self.task, completed=place.step, loss=loss)

    def epoch(self, row: EpochRow, seconds: float) -> None:
        """Prints the epoch's line above the bar."""
        self.progress.console.print(self._line(row, seconds), highlight=False)


def _progress() -> "Progress":
    # rich takes 50 ms to load, which only a person at a terminal is asked for.
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[loss]:.4f}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
