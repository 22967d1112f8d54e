"""The loop: epochs of steps, validation after each, a checkpoint wherever it may end.

What it does is a function of the configuration and the data alone. Whoever goes on from
a checkpoint takes the same steps on the same numbers, so the files end in the same
bytes as if nothing had happened.
"""

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mirada.data import assemble, batches, epoch_order, write_split
from mirada.data.naming import shown_path
from mirada.engines import Engine
from mirada.engines.intake import diverged
from mirada.errors import ConfigurationError, DivergenceError, Phrase
from mirada.training.checkpoint import Checkpoint, latest_checkpoint, write_checkpoint
from mirada.training.folder import RunFolder
from mirada.training.history import EpochRow
from mirada.training.interrupt import Interrupt, RunInterruptedError
from mirada.training.metrics import Evaluation, evaluate
from mirada.training.place import Place
from mirada.training.plan import Outcome, Plan
from mirada.training.record import BEST, EVALUATION, LAST, Record
from mirada.training.tensors import Arrays
from mirada.training.watch import Watch

__all__ = ["train"]

_STEP_LINES = 20
"""About how many steps of an epoch get a line in `metrics.jsonl`."""
_SHOWN_DIFFERENCES = 8


def train(
    plan: Plan,
    engine: Engine,
    folder: RunFolder,
    watch: Watch | None = None,
    interrupt: Interrupt | None = None,
) -> Outcome:
    """Trains, from the start or from the folder's latest checkpoint, to the end.

    Raises RunInterruptedError when `interrupt` has heard a signal, the state saved;
    ConfigurationError (`resume-differs`); DivergenceError and StorageError, the last
    checkpoint kept.
    """
    run = _Run(plan, engine, folder, watch or Watch(), interrupt or Interrupt())
    run.begin()
    while not run.place.ended:
        run.epoch()
    return run.finish()


class _Run:
    """A run while it goes on."""

    def __init__(
        self,
        plan: Plan,
        engine: Engine,
        folder: RunFolder,
        watch: Watch,
        interrupt: Interrupt,
    ) -> None:
        self.plan, self.engine, self.folder = plan, engine, folder
        self.watch, self.interrupt = watch, interrupt
        self.configuration = plan.configuration
        self.recipe = plan.configuration.recipe
        self.fingerprint = plan.configuration.fingerprint
        self.record = Record(folder, plan.configuration)
        self.place = Place()
        self.best: Arrays = {}
        self._trained: Arrays | None = None
        """The parameters that are trained, while their averages answer images."""
        self._saved_at = time.monotonic()

    def begin(self) -> None:
        """Goes to the latest checkpoint, or to the start."""
        if self.folder.has_run:
            self._require_same()
            self._restore()
        else:
            write_split(self.folder.path / "split.json", self.plan.split)
            self.folder.write_configuration(self.configuration)
        self.place = self.record.cut(self.place)
        self.watch.began(self.configuration, self.place)

    def epoch(self) -> None:
        """Trains what is left of an epoch, validates, and saves."""
        began, seen = time.monotonic(), self.place.seen
        self._train_epoch()
        images = self.place.seen - seen
        row = self._validated()
        self._close_epoch(row)
        seconds = time.monotonic() - began
        self.record.time(row, seconds, images)
        self.watch.epoch(row, seconds, images)

    def finish(self) -> Outcome:
        """Writes the last weights and answers the held-out part with the best."""
        rows, best = self.place.rows, self.place.best
        assert best is not None
        self.record.model(LAST, rows[-1], self.engine.averaged_parameters())
        test = None
        if len(self.plan.split.test):
            self.engine.load_parameters(self.best)
            test = self._evaluated(self.plan.split.test, self._leave)
            self.folder.write_json(EVALUATION, test.to_dict())
        return Outcome(self.folder.path, rows, best, self.place.ended, test)

    def _train_epoch(self) -> None:
        order = epoch_order(self.plan.split.train, self.recipe.seed, self.place.epoch)
        for samples in batches(order, self.recipe.batch_size)[self.place.batch :]:
            self._save_or_leave()
            self._step(samples)

    def _step(self, samples: NDArray[np.int64]) -> None:
        place = self.place
        images, labels = assemble(
            self.plan.data,
            samples,
            self.configuration.preprocessing,
            self.configuration.augmentation,
            epoch=place.epoch,
            seed=self.recipe.seed,
        )
        rate = self._rate(place.step)
        result = self.engine.train_step(
            images, labels, step=place.step, learning_rate=rate
        )
        if not math.isfinite(result.loss):
            raise diverged(place.step, result.loss, None)
        self.place = replace(
            place,
            step=place.step + 1,
            batch=place.batch + 1,
            loss_sum=place.loss_sum + result.loss * len(labels),
            correct=place.correct + result.correct,
            seen=place.seen + len(labels),
        )
        if place.batch % max(1, self.configuration.steps_per_epoch // _STEP_LINES) == 0:
            self.place = self.record.add(
                self.place,
                "step",
                step=self.place.step,
                epoch=place.epoch + 1,
                learning_rate=rate,
                loss=result.loss,
            )
        self.watch.step(self.place, result.loss)

    def _rate(self, step: int) -> float:
        share = self.recipe.schedule.share(step, self.configuration.steps)
        return self.recipe.optimizer.learning_rate * share

    def _validated(self) -> EpochRow:
        """The row of the epoch that was just trained."""
        place, found = self.place, None
        if len(self.plan.split.validation):
            found = self._validation()
        row = EpochRow(
            epoch=place.epoch + 1,
            step=place.step,
            learning_rate=self._rate(place.step - 1),
            train_loss=place.loss_sum / place.seen,
            train_accuracy=place.correct / place.seen,
            validation_loss=found.loss if found else None,
            validation_accuracy=found.accuracy if found else None,
            best=True,
        )
        best = place.best
        return replace(row, best=best is None or row.merit > best.merit)

    def _validation(self) -> Evaluation:
        averages = self.engine.averaged_parameters() if self.recipe.ema else None
        try:
            if averages is not None:
                self._trained = self.engine.parameters()
                self.engine.load_parameters(averages)
            return self._evaluated(self.plan.split.validation, self._save_or_leave)
        except DivergenceError as error:
            raise DivergenceError(
                "validation-not-finite",
                "After step {step}, on the validation images: {what}",
                step=self.place.step,
                what=error,
            ) from None
        finally:
            if self._trained is not None:
                self.engine.load_parameters(self._trained)
                self._trained = None

    def _close_epoch(self, row: EpochRow) -> None:
        """Writes what an epoch leaves, the checkpoint last."""
        if row.best:
            self.best = self.engine.averaged_parameters()
            self.record.model(BEST, row, self.best)
        rows = (*self.place.rows, row)
        self.place = Place(
            step=self.place.step,
            epoch=self.place.epoch + 1,
            metrics_bytes=self.place.metrics_bytes,
            rows=rows,
            ended=self._ended(rows),
        )
        self.place = self.record.add(self.place, "epoch", **row.to_dict())
        if self.place.ended:
            self.place = self.record.add(self.place, "end", reason=self.place.ended)
        self.record.results(rows)
        self._save()

    def _ended(self, rows: tuple[EpochRow, ...]) -> str:
        patience = self.configuration.patience
        best = max(row.epoch for row in rows if row.best)
        if len(rows) >= self.recipe.epochs:
            return "epochs"
        return "patience" if patience and len(rows) - best >= patience else ""

    def _evaluated(
        self, samples: NDArray[np.int64], pause: Callable[[], None]
    ) -> Evaluation:
        return evaluate(
            self.engine,
            self.plan.data,
            samples,
            self.configuration.preprocessing,
            self.recipe.loss,
            pause,
        )

    def _save_or_leave(self) -> None:
        """Writes a checkpoint when it is time for one, or when a signal was heard."""
        every, step = self.configuration.checkpoint_steps, self.place.step
        waited = time.monotonic() - self._saved_at
        is_time = waited >= self.configuration.checkpoint_seconds
        if self.interrupt.number or is_time or (every and step and step % every == 0):
            self._save()
        self._leave()

    def _leave(self) -> None:
        if self.interrupt.number:
            raise RunInterruptedError(self.interrupt.number)

    def _save(self) -> None:
        self.record.sync()
        write_checkpoint(
            self.folder.path,
            Checkpoint(
                run=self.fingerprint,
                place=self.place,
                parameters=self._trained or self.engine.parameters(),
                optimizer=self.engine.optimizer_state(),
                best={} if self._is_best else self.best,
            ),
            self.folder.disk,
        )
        self._saved_at = time.monotonic()

    @property
    def _is_best(self) -> bool:
        """Whether the parameters as they are now are those of the best epoch.

        Averages of them never are.
        """
        best = self.place.best
        return not self.recipe.ema and best is not None and best.step == self.place.step

    def _restore(self) -> None:
        found = latest_checkpoint(self.folder.path, self.fingerprint)
        for error in found.damaged:
            self.watch.note(Phrase("{what} It is left out.", what=error))
        checkpoint = found.checkpoint
        if checkpoint is None:
            if found.damaged:
                self.watch.note(Phrase("No checkpoint can be read: from the start."))
            return
        self.place = checkpoint.place
        self.engine.load_parameters(checkpoint.parameters)
        self.engine.load_optimizer_state(checkpoint.optimizer)
        self.best = checkpoint.parameters if self._is_best else checkpoint.best
        if self.place.best is not None:
            # On the disk it may be of a later epoch than the checkpoint, or be gone.
            self.record.model(BEST, self.place.best, self.best)

    def _require_same(self) -> None:
        differences = self.folder.configuration().differences(self.configuration)
        if differences:
            shown = differences[:_SHOWN_DIFFERENCES]
            raise ConfigurationError(
                "resume-differs",
                "The run in '{folder}' cannot go on with other values: {differences}. "
                "Give the same as before, or begin a new run in another folder.",
                folder=shown_path(self.folder.path),
                differences="; ".join(
                    f"{name}: {before} -> {now}" for name, before, now in shown
                ),
            )
