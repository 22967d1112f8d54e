"""A search for better values: trials that are runs, stopped early where others lead.

The test part is in no trial's split: nothing here can look at it. It is answered once,
at the end, by the best trial.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from mirada.data.split import without_test
from mirada.errors import (
    ConfigurationError,
    DescriptionError,
    DivergenceError,
    MemoryLimitError,
    MiradaError,
    UnsupportedError,
    UsageError,
)
from mirada.training.halving import Job, Score, next_job, rung_epochs
from mirada.training.history import EpochRow
from mirada.training.plan import Plan
from mirada.training.runs import RunSummary, read_run
from mirada.training.search import Given, Searched, draw
from mirada.training.study_folder import StudyFolder
from mirada.training.trial import PausedError, Pausing, Trial
from mirada.training.variation import Base, Variation, require_known, varied

__all__ = ["IMPOSSIBLE", "Reached", "Tuning", "hidden", "require_validation"]

IMPOSSIBLE = (
    ConfigurationError,
    DescriptionError,
    MemoryLimitError,
    UnsupportedError,
    UsageError,
)
"""What says that values cannot be trained with, before anything is trained."""


class Reached(NamedTuple):
    """How far a run came."""

    rows: tuple[EpochRow, ...]
    has_ended: bool


PlanOf = Callable[[Variation], Plan]
TrainUntil = Callable[[Plan, str, Pausing], None]


class Tuning:
    """A search in the folder of a study.

    `plan_of` makes the plan of a variation; `train_until` trains it in its subfolder
    until its watch pauses it, or to its end. `tell` hears of every trial that changed.
    """

    def __init__(
        self,
        folder: StudyFolder,
        base: Base,
        space: Sequence[Searched],
        plan_of: PlanOf,
        train_until: TrainUntil,
        tell: Callable[[Trial], None] = lambda trial: None,
    ) -> None:
        require_known(list(space), base)
        require_validation(base)
        self.folder, self.base, self.space = folder, base, tuple(space)
        self._plan_of, self.train_until, self.tell = plan_of, train_until, tell
        self.rungs = len(rung_epochs(base.plan.configuration.recipe.epochs))
        self.trials: dict[int, Trial] = {}

    def search(self, count: int, deadline: float | None = None) -> None:
        """Tries `count` trials, fewer where there are no more values.

        Goes on with what `study.json` says was done. At the `deadline`, as
        `time.monotonic` counts, it stops, to be taken up some other time.
        """
        self._draw(count)
        while deadline is None or time.monotonic() < deadline:
            job = self._next()
            if job is None:
                return
            try:
                self._do(job, deadline)
            except PausedError:
                return

    @property
    def best(self) -> Trial:
        """The best trial: of those that came furthest the one with most merit.

        Raises ConfigurationError (`tune-nothing`).
        """
        known = [t for t in self.trials.values() if t.score and t.state != "diverged"]
        if not known:
            reasons = [t.reason for t in self.trials.values() if t.reason]
            raise ConfigurationError(
                "tune-nothing",
                "None of the {count} trials could be trained to a first measurement. "
                "{reason} Search other values, or give more time.",
                count=len(self.trials),
                reason=reasons[0] if reasons else "",
            )
        return max(known, key=_goodness)

    def plan(self, trial: Trial) -> Plan:
        """The plan of a trial, which sees no image of the test part.

        Raises what makes it impossible.
        """
        return self._plan_of(self.variation(trial))

    def variation(self, trial: Trial) -> Variation:
        """The network and the wishes of a trial."""
        return varied(self.base, trial.values)

    def run(self, trial: Trial) -> RunSummary:
        """The run of a trial."""
        return read_run(self.path(trial))

    def path(self, trial: Trial) -> Path:
        """The folder of the run of a trial."""
        return self.folder.path / trial.name

    def record(self, **found: Any) -> None:
        """Writes down what is known."""
        trials = [trial.to_dict() for trial in self.trials.values()]
        self.folder.write(kind="tune", trials=trials, **found)

    def _draw(self, count: int) -> None:
        """Draws the values of all trials, and looks which have results already."""
        known = _records(self.folder)
        taken: list[tuple[Given, ...]] = []
        names = [item.name for item in self.space]
        for number in range(count):
            values = draw(self.space, self.seed, number, taken)
            if values is None:
                break
            taken.append(values)
            trial = Trial(number, dict(zip(names, values, strict=True)))
            if number in known and known[number]["values"] == trial.values:
                trial = trial.with_record(known[number])
            self.trials[number] = trial

    @property
    def first_epochs(self) -> int:
        """After how many epochs a trial is first looked at."""
        return rung_epochs(self.base.plan.configuration.recipe.epochs)[0]

    @property
    def seed(self) -> int:
        """What chance begins with."""
        return self.base.plan.configuration.recipe.seed

    def _next(self) -> Job | None:
        usable = {n: t for n, t in self.trials.items() if not t.is_pruned}
        scores = {n: t.scores for n, t in usable.items() if t.scores}
        waiting = [n for n in usable if n not in scores]
        return next_job(scores, waiting, self.rungs)

    def _do(self, job: Job, deadline: float | None) -> None:
        trial = self.trials[job.trial]
        try:
            plan = self.plan(trial)
            reached = self._reach(plan, trial, job.rung, deadline)
        except DivergenceError as error:
            found = replace(trial, scores=(*trial.scores, None), reason=str(error))
        except IMPOSSIBLE as error:
            if trial.scores or _is_of_folder(error):
                raise
            found = replace(trial, is_pruned=True, reason=str(error))
        else:
            found = self.scored(trial, reached.rows[: self._epochs(plan)[job.rung]])
            found = replace(found, is_finished=job.rung == self.rungs - 1)
        self.trials[job.trial] = found
        self.record()
        self.tell(found)

    def _reach(
        self, plan: Plan, trial: Trial, rung: int, deadline: float | None
    ) -> Reached:
        """Trains up to a rung, from wherever the run is."""
        until = self._epochs(plan)[rung]
        found = self.reached(trial)
        if found.has_ended or (len(found.rows) >= until and rung < self.rungs - 1):
            return found
        pause = until if rung < self.rungs - 1 else None
        try:
            self.train_until(plan, trial.name, Pausing(pause, deadline))
        except PausedError:
            found = self.reached(trial)
            if len(found.rows) < until or pause is None:
                raise  # the time is up
            return found
        return self.reached(trial)

    def reached(self, trial: Trial) -> Reached:
        """How far the run of a trial has come; nowhere where it has not begun."""
        if not (self.path(trial) / "configuration.json").exists():
            return Reached((), has_ended=False)
        run = self.run(trial)
        if run.problem is not None:
            raise run.problem
        return Reached(run.rows, bool(run.ended))

    def scored(self, trial: Trial, rows: Sequence[EpochRow]) -> Trial:
        """The trial with one more score: the best of some epochs."""
        best = max(rows, key=lambda row: row.merit)
        assert best.validation_accuracy is not None
        assert best.validation_loss is not None
        score = Score(best.validation_accuracy, best.validation_loss)
        return replace(trial, scores=(*trial.scores, score), epochs=len(rows))

    def _epochs(self, plan: Plan) -> list[int]:
        return rung_epochs(plan.configuration.recipe.epochs, self.rungs)


def hidden(folder: StudyFolder, base: Base) -> Path:
    """The file with the split that all trials have: the test part is in none."""
    return folder.write_split("trials", without_test(base.plan.split))


def _goodness(trial: Trial) -> tuple[int, tuple[float, float], int]:
    assert trial.score is not None
    return len(trial.scores), trial.score.merit, -trial.number


def _is_of_folder(error: MiradaError) -> bool:
    """Whether it is the folder that is wrong, not the values."""
    return error.code.startswith("folder-") or error.code == "resume-differs"


def _records(folder: StudyFolder) -> dict[int, Mapping[str, Any]]:
    trials = StudyFolder.stored(folder.path).get("trials", [])
    found: dict[int, Mapping[str, Any]] = {}
    for record in trials if isinstance(trials, list) else []:
        try:
            Trial(0, {}).with_record(record)
            found[int(record["trial"])] = dict(record)
        except (KeyError, TypeError, ValueError):
            continue  # it is tried again
    return found


def require_validation(base: Base) -> None:
    """Refuses what trials cannot be compared by (`tune-without-validation`)."""
    if not len(base.plan.split.validation):
        raise ConfigurationError(
            "tune-without-validation",
            "Trials are compared by the validation part, but {data} has none. Give "
            "--validation a share above 0.",
            data=base.plan.configuration.data.name,
        )
