"""The loop: epochs of steps, validation after each, a checkpoint wherever it may end.

What it does is a function of the configuration and the data alone. Whoever goes on from
a checkpoint takes the same steps on the same numbers, so the files end in the same
bytes as if nothing had happened.
"""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mirada.data import Batch, batches, epoch_order
from mirada.data.ahead import Ahead
from mirada.engines import Engine, StepResult
from mirada.engines.intake import diverged
from mirada.errors import DivergenceError
from mirada.training.budget import TIME, Budget
from mirada.training.checkpoint import Checkpoint, write_checkpoint
from mirada.training.configuration import Configuration
from mirada.training.controls import Controls
from mirada.training.feed import batch_of, feeders
from mirada.training.folder import RunFolder
from mirada.training.force import adapted, reopened
from mirada.training.history import EpochRow, is_better
from mirada.training.inheritance import begin_with
from mirada.training.interrupt import Interrupt, RunInterruptedError
from mirada.training.metrics import Evaluation, evaluate
from mirada.training.place import Place, RateChange
from mirada.training.plan import Outcome, Plan
from mirada.training.record import BEST, EVALUATION, LAST, Record
from mirada.training.resume import take_up, write_start
from mirada.training.tensors import Arrays
from mirada.training.watch import Watch

__all__ = ["train"]

_STEP_LINES = 20
"""About how many steps of an epoch get a line in `metrics.jsonl`."""
_MOST_UNREAD = 8
"""How many steps may be on their way, where a device computes by itself."""


def train(
    plan: Plan,
    engine: Engine,
    folder: RunFolder,
    watch: Watch | None = None,
    interrupt: Interrupt | None = None,
    controls: Controls | None = None,
    *,
    force: bool = False,
) -> Outcome:
    """Trains, from the start or from the folder's latest checkpoint, to the end.

    With `force` a run is gone on with although something differs, which is recorded in
    its configuration. `controls` may let it wait or change its learning rate, which is
    part of its state from then on. Raises RunInterruptedError when `interrupt` has
    heard a signal, the state saved; ConfigurationError (`resume-differs`,
    `force-impossible`); DivergenceError and StorageError, the last checkpoint kept.
    """
    run = _Run(
        plan,
        engine,
        folder,
        watch or Watch(),
        interrupt or Interrupt(),
        controls or Controls(),
    )
    run.begin(force=force)
    while not run.place.ended:
        run.epoch()
    outcome = run.finish()
    run.watch.ended(outcome)
    return outcome


@dataclass(frozen=True)
class _Taken:
    """A step that was taken: where the run then was, and what is told of it."""

    place: Place
    rate: float
    images: int
    result: StepResult
    has_line: bool


class _Run:
    """A run while it goes on."""

    def __init__(
        self,
        plan: Plan,
        engine: Engine,
        folder: RunFolder,
        watch: Watch,
        interrupt: Interrupt,
        controls: Controls,
    ) -> None:
        self.plan, self.engine, self.folder = plan, engine, folder
        self.watch, self.interrupt, self.controls = watch, interrupt, controls
        self._take(plan.configuration)
        self.recipe = plan.configuration.recipe
        self.place = Place()
        self.best: Arrays = {}
        self._unread: deque[_Taken] = deque()
        self._trained: Arrays | None = None
        """The parameters that are trained, while their averages answer images."""
        self._saved_at = time.monotonic()
        self._saved: Place | None = None
        self._waited = 0.0
        self._began = self._now()
        self.budget = Budget(plan.configuration.seconds)

    def begin(self, *, force: bool = False) -> None:
        """Goes to the latest checkpoint, or to the start."""
        begin_with(self.engine, self.plan.initial)
        if self.folder.has_run:
            self._go_on(force=force)
        else:
            write_start(self.folder, self.plan, self.configuration)
            self.place = self.record.cut(self.place)
        self.budget.spent = self.record.spent()
        self.watch.began(self.configuration, self.place)

    def _take(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.fingerprint = configuration.fingerprint
        self.record = Record(self.folder, configuration)

    def epoch(self) -> None:
        """Trains what is left of an epoch, validates, and saves."""
        began, seen = self._now(), self.place.seen
        self._began = began
        self._train_epoch()
        images = self.place.seen - seen
        row = self._validated()
        self._close_epoch(row)
        seconds = self._now() - began
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
            test = self._evaluated(self.plan.split.test, self._leave, is_last=True)
            self.folder.write_json(EVALUATION, test.to_dict())
        return Outcome(
            self.folder.path,
            rows,
            best,
            self.place.ended,
            test,
            self.configuration.forced,
            self.place.rate_changes,
        )

    def _train_epoch(self) -> None:
        order = epoch_order(self.plan.split.train, self.recipe.seed, self.place.epoch)
        left = batches(order, self.recipe.batch_size)[self.place.batch :]
        make = partial(batch_of, self.plan, epoch=self.place.epoch)
        with Ahead(make, left, feeders(self.configuration, self.plan.data)) as ready:
            for batch in ready:
                self._save_or_leave()
                if self.place.batch and self._is_to_end():
                    break
                self._change_rate()
                self._step(batch)
        self._read()

    def _is_to_end(self) -> bool:
        """Whether the epoch stops before its end: the time is up, or the last step."""
        is_last = self._position >= self.configuration.steps
        return is_last or self.budget.is_over(self._unanswered)

    @property
    def _unanswered(self) -> int:
        """The images that are answered before a run ends."""
        split = self.plan.split
        return len(split.validation) + len(split.test) * (1 + self.configuration.flips)

    def _step(self, batch: Batch) -> None:
        place = self.place
        images, labels, mixing = batch
        rate = self._rate(self._position)
        result = self.engine.train_step(
            images, labels, step=place.step, learning_rate=rate, mixing=mixing
        )
        self.place = replace(
            place,
            step=place.step + 1,
            batch=place.batch + 1,
            seen=place.seen + len(labels),
        )
        every = max(1, self.configuration.steps_per_epoch // _STEP_LINES)
        has_line = place.batch % every == 0
        taken = _Taken(self.place, rate, len(labels), result, has_line)
        self._unread.append(taken)
        self._read(_MOST_UNREAD)

    def _read(self, most: int = 0) -> None:
        """Reads what steps told, in order, until at most so many are on their way."""
        while self._unread:
            taken = self._unread[0]
            if len(self._unread) <= most and not taken.result.is_ready:
                return
            self._unread.popleft()
            self._count(taken)

    def _count(self, taken: _Taken) -> None:
        """Adds what a step told to the run."""
        loss, step = taken.result.loss, taken.place.step
        if not math.isfinite(loss):
            raise diverged(step - 1, loss, None)
        self.place = replace(
            self.place,
            loss_sum=self.place.loss_sum + loss * taken.images,
            correct=self.place.correct + taken.result.correct,
        )
        if taken.has_line:
            self.place = self.record.add(
                self.place,
                "step",
                step=step,
                epoch=taken.place.epoch + 1,
                learning_rate=taken.rate,
                loss=loss,
            )
        counted = replace(
            self.place, step=step, batch=taken.place.batch, seen=taken.place.seen
        )
        self.watch.step(counted, loss)

    @property
    def _position(self) -> int:
        """How far the run is in the schedule, in steps.

        These are the steps done, but where an epoch was begun again, or has become
        longer, by force.
        """
        return self.place.epoch * self.configuration.steps_per_epoch + self.place.batch

    def _rate(self, position: int) -> float:
        return self.configuration.scheduled_rate(position) * self.place.rate_factor

    def _change_rate(self) -> None:
        """Heeds what is wished of the rate; on the disk before anybody is told."""
        place = self.place
        wish = self.controls.taken_wish(place.step)
        if wish is None:
            return
        self._read()
        place, scheduled = self.place, self.configuration.scheduled_rate(self._position)
        factor = wish.factor(scheduled, place.rate_factor)
        change = RateChange(place.step, factor, scheduled * factor)
        changed = replace(place, rate_changes=(*place.rate_changes, change))
        self.place = self.record.add(changed, "rate", **change._asdict())
        self._save()
        self.watch.rate(self.place)

    def _validated(self) -> EpochRow:
        """The row of the epoch that was just trained."""
        place, found = self.place, None
        if len(self.plan.split.validation):
            began = self._now()
            found = self._validation()
            self.budget.answer = (self._now() - began) / found.count
            self.watch.validated(place, found)
        row = EpochRow(
            epoch=place.epoch + 1,
            step=place.step,
            learning_rate=self._rate(self._position - 1),
            train_loss=place.loss_sum / place.seen,
            train_accuracy=place.correct / place.seen,
            validation_loss=found.loss if found else None,
            validation_accuracy=found.accuracy if found else None,
            best=True,
        )
        images = len(self.plan.split.validation)
        return replace(row, best=is_better(row, place.best, images))

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
            rate_changes=self.place.rate_changes,
        )
        self.place = self.record.add(self.place, "epoch", **row.to_dict())
        if self.place.ended:
            self.place = self.record.add(self.place, "end", reason=self.place.ended)
        self.record.results(rows)
        self._save()

    def _ended(self, rows: tuple[EpochRow, ...]) -> str:
        patience = self.configuration.patience
        best = max(row.epoch for row in rows if row.best)
        steps = len(rows) * self.configuration.steps_per_epoch
        is_last = steps >= self.configuration.steps
        if is_last or len(rows) >= self.recipe.epochs:
            return "epochs"
        if patience and len(rows) - best >= patience:
            return "patience"
        return TIME if self.budget.is_over(self._unanswered) else ""

    def _evaluated(
        self,
        samples: NDArray[np.int64],
        pause: Callable[[], None],
        *,
        is_last: bool = False,
    ) -> Evaluation:
        return evaluate(
            self.engine,
            self.plan.data,
            samples,
            self.configuration.preprocessing,
            self.recipe.loss,
            pause,
            flips=is_last and self.configuration.flips,
        )

    def _save_or_leave(self) -> None:
        """Writes a checkpoint when it is time for one, or when a signal was heard.

        Of the same place one is enough.
        """
        every, step = self.configuration.checkpoint_steps, self.place.step
        waited = time.monotonic() - self._saved_at
        is_time = waited >= self.configuration.checkpoint_seconds
        is_time |= bool(every and step and step % every == 0)
        if (self.interrupt.number or is_time) and self.place != self._saved:
            self._save()
        self._leave()
        if self.controls.is_paused:
            self._wait()

    def _leave(self) -> None:
        if self.interrupt.number:
            self.record.pause(self._now() - self._began)
            raise RunInterruptedError(self.interrupt.number)

    def _wait(self) -> None:
        """Waits until it may go on, saved, in time that does not count."""
        if self.place != self._saved:
            self._save()
        began = time.monotonic()
        self.watch.paused(self.place)
        self.controls.wait(lambda: bool(self.interrupt.number))
        waited = time.monotonic() - began
        self._waited += waited
        self.budget.began += waited
        self._leave()
        self.watch.resumed()

    def _now(self) -> float:
        """The seconds of a clock that stands still while the run waits."""
        return time.monotonic() - self._waited

    def _save(self) -> None:
        self._read()
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
        self._saved_at, self._saved = time.monotonic(), self.place

    @property
    def _is_best(self) -> bool:
        """Whether the parameters as they are now are those of the best epoch.

        Averages of them never are.
        """
        best = self.place.best
        return not self.recipe.ema and best is not None and best.step == self.place.step

    def _go_on(self, *, force: bool) -> None:
        """Goes to where the run of the folder had come."""
        found = take_up(self.plan, self.engine, self.folder, self.watch, force=force)
        self._take(found.configuration)
        checkpoint, changed = found.checkpoint, found.changed
        if checkpoint is not None:
            self._restore(checkpoint, changed)
        has_more_time = self.budget.is_more_than(found.stored.seconds)
        if self.place.ended == TIME and has_more_time:
            self.place = reopened(self.place)
        self.place = self.record.cut(self.place)
        if checkpoint is not None and changed:
            self._tell_forced(between=not checkpoint.place.batch)

    def _restore(self, checkpoint: Checkpoint, changed: frozenset[str]) -> None:
        self.place = adapted(checkpoint.place, changed)
        self.engine.load_parameters(checkpoint.parameters)
        self.engine.load_optimizer_state(checkpoint.optimizer)
        self.best = checkpoint.parameters if self._is_best else checkpoint.best
        if self.place.best is not None:
            # On the disk it may be of a later epoch than the checkpoint, or be gone.
            self.record.model(BEST, self.place.best, self.best)

    def _tell_forced(self, *, between: bool) -> None:
        """Notes the force in the metrics; the run may have ended with it."""
        last = self.configuration.forced[-1].to_dict()
        del last["run"]
        self.place = self.record.add(self.place, "forced", **last)
        ended = self._ended(self.place.rows) if between and self.place.rows else ""
        if ended:
            self.place = self.record.add(self.place, "end", reason=ended)
            self.place = replace(self.place, ended=ended)
