"""The loop: epochs of steps, validation after each, a checkpoint wherever it may end.

What it does is a function of the configuration and the data alone. Whoever goes on from
a checkpoint takes the same steps on the same numbers, so the files end in the same
bytes as if nothing had happened.
"""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mirada.data import Batch, batches, epoch_order
from mirada.data.ahead import Ahead
from mirada.engines import Engine
from mirada.engines.intake import diverged
from mirada.errors import DivergenceError
from mirada.training.agreement import Asked, require_alike, shared
from mirada.training.beginning import begin
from mirada.training.budget import TIME, Budget
from mirada.training.checkpoint import Checkpoint
from mirada.training.configuration import Configuration
from mirada.training.controls import Controls, RateWish
from mirada.training.feed import batch_of, feeders
from mirada.training.folder import RunFolder
from mirada.training.force import adapted, reopened
from mirada.training.history import EpochRow, is_better
from mirada.training.interrupt import Interrupt, RunInterruptedError
from mirada.training.metrics import Evaluation, evaluate
from mirada.training.place import Place, RateChange
from mirada.training.plan import Outcome, Plan
from mirada.training.record import BEST, LAST, Record
from mirada.training.resume import take_up, write_start
from mirada.training.tensors import Arrays
from mirada.training.unread import MOST_UNREAD, Taken, Unread
from mirada.training.watch import Watch

__all__ = ["train"]

_STEP_LINES = 20
"""About how many steps of an epoch get a line in `metrics.jsonl`."""
_AWAKE_S = 5.0
"""How often who waits tells the other processes so; else they would think it lost."""


def train(
    plan: Plan,
    engine: Engine,
    folder: RunFolder | None,
    watch: Watch | None = None,
    interrupt: Interrupt | None = None,
    controls: Controls | None = None,
    *,
    force: bool = False,
) -> Outcome:
    """Trains, from the start or from the folder's latest checkpoint, to the end.

    With `force` a run is gone on with although something differs, which is recorded in
    its configuration. `controls` may let it wait or change its learning rate, which is
    part of its state from then on. Where several processes train together (see
    `engines.group`) all call this, and the first one alone has a folder.

    Raises RunInterruptedError when a process has heard a signal, the state saved;
    ConfigurationError (`resume-differs`, `force-impossible`, `ranks-without-images`);
    DivergenceError, StorageError and GroupError, the last checkpoint kept;
    ElsewhereError where it is another process that refuses.
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


class _Run:
    """A run while it goes on."""

    def __init__(
        self,
        plan: Plan,
        engine: Engine,
        folder: RunFolder | None,
        watch: Watch,
        interrupt: Interrupt,
        controls: Controls,
    ) -> None:
        self.plan, self.engine, self.folder = plan, engine, folder
        self.watch, self.interrupt, self.controls = watch, interrupt, controls
        self.group = engine.group
        self._take(plan.configuration)
        self.recipe = plan.configuration.recipe
        self.place = Place()
        self.best: Arrays = {}
        self._unread = Unread(self.group)
        self._trained: Arrays | None = None
        """The parameters that are trained, while their averages answer images."""
        self._saved_at = time.monotonic()
        self._saved: Place | None = None
        self._waited = 0.0
        self._began = self._now()
        self.budget = Budget(plan.configuration.seconds)
        self._asked = Asked()
        self._wish: RateWish | None = None

    def begin(self, *, force: bool = False) -> None:
        """Goes to the latest checkpoint, or to the start."""
        require_alike(self.group, self.configuration, self.engine)
        self.group.at_first(partial(self._open, force=force))
        self._follow()
        self.group.begin()
        self.budget.spent = self.group.told(self.record.spent())
        self._feed()
        self.watch.began(self.configuration, self.place)

    def _feed(self) -> None:
        """Chooses how batches come to the engine."""
        chosen = self.configuration
        self.feeder = self.engine.feeder(
            self.plan.data,
            chosen.preprocessing,
            chosen.augmentation,
            self.recipe.seed,
            partial(batch_of, self.plan, group=self.group),
        )
        if self.feeder.why is not None:
            self.watch.note(self.feeder.why)

    def _open(self, *, force: bool) -> None:
        """Takes up the run of the folder, or begins one."""
        assert self.folder is not None
        if self.folder.has_run:
            self._go_on(self.folder, force=force)
        else:
            begin(self.engine, self.plan)
            write_start(self.folder, self.plan, self.configuration)
            self.place = self.record.cut(self.place)

    def _follow(self) -> None:
        """Goes where the first of several processes has gone."""
        state = self._state if self.group.is_first else None
        found = shared(self.group, self.configuration, state)
        if found is None:
            return
        configuration, checkpoint = found
        self._take(configuration)
        self.place = checkpoint.place
        self._load(checkpoint)

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
            self.record.evaluation(test)
        return Outcome(
            self.record.path,
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
        epoch, feeder = self.place.epoch, self.feeder
        threads = feeders(self.configuration, self.plan.data)
        with Ahead(
            lambda samples: feeder.batch(samples, epoch),
            left,
            threads if feeder.is_ahead else 0,
        ) as ready:
            for batch in ready:
                self._save_or_leave()
                if self.place.batch and self._is_to_end():
                    break
                self._change_rate()
                self._step(batch)
        self._read()

    def _is_to_end(self) -> bool:
        """Whether the epoch stops before its end: the time is up, or the last step."""
        return self._position >= self.configuration.steps or self._asked.ends

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
        self._unread.add(Taken(self.place, rate, len(labels), result, has_line))
        self._read(MOST_UNREAD)

    def _read(self, most: int = 0) -> None:
        """Reads what steps told, in order, until at most so many are on their way."""
        for taken in self._unread.until(most):
            self._count(taken)

    def _count(self, taken: Taken) -> None:
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
        if not self._asked.changes_rate:
            return
        self._read()
        place, wish = self.place, RateWish(*self.group.told(self._wish or ()))
        self._wish = None
        scheduled = self.configuration.scheduled_rate(self._position)
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
        is_over = self.group.told(self.budget.is_over(self._unanswered))
        self.place = Place(
            step=self.place.step,
            epoch=self.place.epoch + 1,
            metrics_bytes=self.place.metrics_bytes,
            rows=rows,
            ended=self._ended(rows, is_over=is_over),
            rate_changes=self.place.rate_changes,
        )
        self.place = self.record.add(self.place, "epoch", **row.to_dict())
        if self.place.ended:
            self.place = self.record.add(self.place, "end", reason=self.place.ended)
        self.record.results(rows)
        self._save()

    def _ended(self, rows: tuple[EpochRow, ...], *, is_over: bool) -> str:
        """Why no epoch follows these; that the time `is_over` is the last reason."""
        patience = self.configuration.patience
        best = max(row.epoch for row in rows if row.best)
        steps = len(rows) * self.configuration.steps_per_epoch
        is_last = steps >= self.configuration.steps
        if is_last or len(rows) >= self.recipe.epochs:
            return "epochs"
        if patience and len(rows) - best >= patience:
            return "patience"
        return TIME if is_over else ""

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
        self._agree()
        asked = self._asked
        if (asked.signal or asked.saves) and self.place != self._saved:
            self._save()
        self._leave_if_asked()
        if asked.waits:
            self._wait()

    def _leave(self) -> None:
        """Ends, without saving, when a signal was heard."""
        self._agree()
        self._leave_if_asked()

    def _leave_if_asked(self) -> None:
        if self._asked.signal:
            self.record.pause(self._now() - self._began)
            raise RunInterruptedError(self._asked.signal)

    def _agree(self) -> None:
        """Asks what is to be done; all processes of a run are told the same."""
        every, step = self.configuration.checkpoint_steps, self.place.step
        waited = time.monotonic() - self._saved_at
        is_time = waited >= self.configuration.checkpoint_seconds
        if self._wish is None:
            self._wish = self.controls.taken_wish(step)
        own = Asked(
            self.interrupt.number,
            saves=is_time or bool(every and step and step % every == 0),
            waits=self.controls.is_paused,
            ends=self.budget.is_over(self._unanswered),
            changes_rate=self._wish is not None,
        )
        self._asked = own.agreed(self.group)

    def _wait(self) -> None:
        """Waits until it may go on, saved, in time that does not count."""
        if self.place != self._saved:
            self._save()
        began = time.monotonic()
        self.watch.paused(self.place)
        while self._asked.waits and not self._asked.signal:
            self.controls.wait(lambda: bool(self.interrupt.number), _AWAKE_S)
            self._agree()
        waited = time.monotonic() - began
        self._waited += waited
        self.budget.began += waited
        self._leave_if_asked()
        self.watch.resumed()

    def _now(self) -> float:
        """The seconds of a clock that stands still while the run waits."""
        return time.monotonic() - self._waited

    def _save(self) -> None:
        self._read()
        if self.group.is_first:
            self.record.checkpoint(self._state)
        self._saved_at, self._saved = time.monotonic(), self.place

    @property
    def _state(self) -> Checkpoint:
        """All that a run needs to go on from here."""
        return Checkpoint(
            run=self.fingerprint,
            place=self.place,
            parameters=self._trained or self.engine.parameters(),
            optimizer=self.engine.optimizer_state(),
            best={} if self._is_best else self.best,
        )

    @property
    def _is_best(self) -> bool:
        """Whether the parameters as they are now are those of the best epoch.

        Averages of them never are.
        """
        best = self.place.best
        return not self.recipe.ema and best is not None and best.step == self.place.step

    def _go_on(self, folder: RunFolder, *, force: bool) -> None:
        """Goes to where the run of the folder had come."""
        found = take_up(self.plan, self.engine, folder, self.watch, force=force)
        self._take(found.configuration)
        checkpoint, changed = found.checkpoint, found.changed
        if checkpoint is None:
            begin(self.engine, self.plan)
        else:
            self._restore(checkpoint, changed)
        has_more_time = self.budget.is_more_than(found.stored.seconds)
        if self.place.ended == TIME and has_more_time:
            self.place = reopened(self.place)
        self.place = self.record.cut(self.place)
        if checkpoint is not None and changed:
            self._tell_forced(between=not checkpoint.place.batch)

    def _restore(self, checkpoint: Checkpoint, changed: frozenset[str]) -> None:
        self.place = adapted(checkpoint.place, changed)
        self._load(checkpoint)
        if self.place.best is not None:
            # On the disk it may be of a later epoch than the checkpoint, or be gone.
            self.record.model(BEST, self.place.best, self.best)

    def _load(self, checkpoint: Checkpoint) -> None:
        self.engine.load_parameters(checkpoint.parameters)
        self.engine.load_optimizer_state(checkpoint.optimizer)
        self.best = checkpoint.parameters if self._is_best else checkpoint.best

    def _tell_forced(self, *, between: bool) -> None:
        """Notes the force in the metrics; the run may have ended with it."""
        last = self.configuration.forced[-1].to_dict()
        del last["run"]
        self.place = self.record.add(self.place, "forced", **last)
        rows, is_over = self.place.rows, self.budget.is_over(self._unanswered)
        ended = self._ended(rows, is_over=is_over) if between and rows else ""
        if ended:
            self.place = self.record.add(self.place, "end", reason=ended)
            self.place = replace(self.place, ended=ended)
