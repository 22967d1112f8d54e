"""How training is watched: a bar on a terminal, a line an epoch in a log."""

import sys
from typing import TYPE_CHECKING

from mirada.cli.output import count_text, is_quiet, say
from mirada.errors import Phrase
from mirada.language import translate
from mirada.tasks.quantities import loss_text, percent_text
from mirada.training import Configuration, EpochRow, Place, Watch

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["BarWatch", "LineWatch", "watching"]


def watching() -> "LineWatch":
    """The bar where talk is read on a terminal, else lines."""
    return BarWatch() if sys.stderr.isatty() and not is_quiet() else LineWatch()


class LineWatch(Watch):
    """One line an epoch, as talk."""

    def __init__(self) -> None:
        self._images = self._epochs = 0

    def __enter__(self) -> "LineWatch":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Takes away what stands on the terminal for a while only."""

    def note(self, text: Phrase) -> None:
        say(text)

    def began(self, configuration: Configuration, place: Place) -> None:
        self._images = configuration.data.counts[0]
        self._epochs = configuration.recipe.epochs
        if place.ended == "time":
            say(translate("Its time was up already; --time gives it more."))
        elif place.ended:
            say(translate("All its epochs had been trained already."))
        elif place.step:
            text = translate("Going on in epoch {epoch}, after {step} steps.")
            say(text.format(epoch=place.epoch + 1, step=place.step))
        for change in place.rate_changes:
            say(change.text)

    def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
        text = translate(
            "epoch {epoch}/{epochs}  loss {loss}  training {train}  validation "
            "{validation}  {rate} images/s"
        ).format(
            epoch=row.epoch,
            epochs=self._epochs,
            loss=loss_text(row.train_loss),
            train=percent_text(row.train_accuracy),
            validation=percent_text(row.validation_accuracy),
            rate=count_text(round(images / max(seconds, 1e-9))),
        )
        mark = translate("best")
        say(f"{text}  {mark}" if row.best else text)


class BarWatch(LineWatch):
    """A bar with the time that is left and images a second; it goes when it is done."""

    def __init__(self) -> None:
        super().__init__()
        self._bar: Progress | None = None
        self._batch = self._steps = 0
        self._last = ""

    def close(self) -> None:
        if self._bar is not None:
            self._bar.stop()

    def began(self, configuration: Configuration, place: Place) -> None:
        super().began(configuration, place)
        self._batch = configuration.recipe.batch_size
        self._steps = configuration.steps_per_epoch
        self._bar = _bar()
        self._bar.add_task(
            "", total=configuration.steps, completed=place.step, words=""
        )
        self._bar.start()

    def step(self, place: Place, loss: float) -> None:
        assert self._bar is not None
        speed = self._bar.tasks[0].speed
        words = self._last
        if speed:
            rate = count_text(round(speed * self._images / self._steps))
            words += translate("{rate} images/s").format(rate=rate)
        title = translate("epoch {epoch}/{epochs}").format(
            epoch=place.epoch + 1, epochs=self._epochs
        )
        self._bar.update(
            self._bar.tasks[0].id, completed=place.step, description=title, words=words
        )

    def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
        share = percent_text(row.validation_accuracy)
        text = translate("validation {validation}").format(validation=share)
        self._last = f"{text}  "


def _bar() -> "Progress":
    # rich costs 50 ms, which only a person at a terminal is asked for.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[words]}"),
        console=Console(file=sys.stderr, highlight=False),
        transient=True,
        refresh_per_second=8,
    )
