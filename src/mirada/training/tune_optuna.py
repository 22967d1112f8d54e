"""A search whose values Optuna draws and whose storage several machines share.

Each machine runs the same command with a folder of its own and the same storage. A
machine that dies leaves a trial that is "running"; the same command with --resume takes
it up from its last checkpoint, since its number is that of a run in the folder.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mirada.errors import ConfigurationError, DivergenceError, UnsupportedError
from mirada.training.halving import REDUCTION
from mirada.training.history import EpochRow
from mirada.training.search import Between, Domain, Given
from mirada.training.trial import PausedError, Pausing, Trial
from mirada.training.tune import IMPOSSIBLE, Tuning

if TYPE_CHECKING:
    import optuna

__all__ = ["search"]

_FOLDER, _REASON, _STATE = "mirada_folder", "mirada_reason", "mirada_state"


def search(
    tuning: Tuning,
    count: int,
    deadline: float | None,
    storage: str | None,
    name: str,
) -> None:
    """Tries until the study has `count` trials, other machines' included.

    Values come from Optuna's TPE sampler, early ends from its successive halving.
    `storage` is a database's URL or a journal file; None keeps a journal in the folder.

    Raises UnsupportedError (`optuna-missing`), ConfigurationError (`optuna-storage`).
    """
    study = _study(tuning, storage, name)
    for trial in _ours_to_resume(tuning, study):
        _try(tuning, study, trial, deadline)
    while len(study.get_trials(deepcopy=False)) < count:
        if deadline is not None and time.monotonic() >= deadline:
            break
        trial = study.ask()
        trial.set_user_attr(_FOLDER, str(tuning.folder.path.resolve()))
        if not _try(tuning, study, trial, deadline):
            break
    _note(tuning, study)


def _study(tuning: Tuning, storage: str | None, name: str) -> "optuna.Study":
    _require_optuna()
    import optuna

    base = tuning.base.plan.configuration
    fingerprint = base.data.fingerprint[:12]
    try:
        study = optuna.create_study(
            storage=_storage(storage or str(tuning.folder.path / "optuna.log")),
            study_name=name,
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.SuccessiveHalvingPruner(
                min_resource=tuning.first_epochs, reduction_factor=REDUCTION
            ),
        )
        seed = _seed(tuning, len(study.get_trials(deepcopy=False)))
        study.sampler = optuna.samplers.TPESampler(seed=seed)
        known = study.user_attrs.setdefault("mirada_data", fingerprint)
        study.set_user_attr("mirada_data", known)
    except Exception as error:  # every database has its own
        raise ConfigurationError(
            "optuna-storage",
            "Optuna cannot keep the study {name!r} in {storage!r}: {reason}. Give a "
            "URL as sqlite:///study.db, or the name of a journal file.",
            name=name,
            storage=str(storage)[:200],
            reason=str(error)[:200],
        ) from None
    if known != fingerprint:
        raise ConfigurationError(
            "optuna-other-data",
            "The study {name!r} in {storage!r} is of other images ({known}) than "
            "{data} ({came}). Give it another name with --study.",
            name=name,
            storage=str(storage)[:200],
            known=known,
            data=base.data.name,
            came=fingerprint,
        )
    return study


def _require_optuna() -> None:
    try:
        import optuna
    except ImportError:
        raise UnsupportedError(
            "optuna-missing",
            "--sampler optuna needs Optuna, which is not installed. Install it with: "
            "pip install 'mirada[tune]'",
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def _storage(place: str) -> Any:
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    if "://" in place:
        return place
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    return JournalStorage(JournalFileBackend(place))


def _seed(tuning: Tuning, trials: int) -> int:
    """Neither two machines nor one that goes on must draw the same values again."""
    place = sum(str(tuning.folder.path.resolve()).encode())
    return (tuning.seed + 1009 * trials + place) & 0xFFFFFFFF


def _ours_to_resume(tuning: Tuning, study: "optuna.Study") -> list["optuna.Trial"]:
    """The trials that this folder began and has not told the end of."""
    import optuna

    ours = str(tuning.folder.path.resolve())
    running = study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.RUNNING])
    return [
        optuna.Trial(study, trial._trial_id)
        for trial in running
        if trial.user_attrs.get(_FOLDER) == ours
    ]


class _Reporting(Pausing):
    """Tells Optuna every epoch, and ends a run that it prunes."""

    def __init__(self, trial: "optuna.Trial", deadline: float | None) -> None:
        super().__init__(None, deadline)
        self.trial, self.is_pruned = trial, False
        self._best = 0.0

    def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
        self.report(row)
        if self.trial.should_prune():
            self.is_pruned = True
            raise PausedError

    def report(self, row: EpochRow) -> None:
        """Tells one epoch; one that was told before stays as it was."""
        self._best = max(self._best, row.validation_accuracy or 0.0)
        known = self.trial.study.get_trials(deepcopy=False)[self.trial.number]
        if row.epoch not in known.intermediate_values:
            self.trial.report(self._best, row.epoch)


def _try(
    tuning: Tuning,
    study: "optuna.Study",
    trial: "optuna.Trial",
    deadline: float | None,
) -> bool:
    """Trains a trial as far as Optuna lets it; False when the time was up before."""
    import optuna

    failed = optuna.trial.TrialState.FAIL
    pruned = optuna.trial.TrialState.PRUNED
    values = {
        item.name: _suggested(trial, item.name, item.domain) for item in tuning.space
    }
    ours = Trial(trial.number, values)
    watch = _Reporting(trial, deadline)
    try:
        plan = tuning.plan(ours)
        for row in tuning.reached(ours).rows:
            watch.report(row)
        tuning.train_until(plan, ours.name, watch)
    except PausedError:
        if not watch.is_pruned:
            return False
        trial.set_user_attr(_STATE, "stopped")
        study.tell(trial, state=pruned)
    except DivergenceError as error:
        trial.set_user_attr(_STATE, "diverged")
        trial.set_user_attr(_REASON, str(error))
        study.tell(trial, state=failed)
    except IMPOSSIBLE as error:
        trial.set_user_attr(_STATE, "pruned")
        trial.set_user_attr(_REASON, str(error))
        study.tell(trial, state=failed)
    else:
        trial.set_user_attr(_STATE, "finished")
        best = tuning.scored(ours, tuning.reached(ours).rows)
        assert best.score is not None
        study.tell(trial, best.score.accuracy)
    _note(tuning, study)
    return True


def _note(tuning: Tuning, study: "optuna.Study") -> None:
    """Takes the trials of this folder out of the storage, for `study.json`."""
    ours = str(tuning.folder.path.resolve())
    for frozen in study.get_trials(deepcopy=False):
        if frozen.user_attrs.get(_FOLDER) != ours or _STATE not in frozen.user_attrs:
            continue
        state = str(frozen.user_attrs[_STATE])
        values: Mapping[str, Given] = dict(frozen.params)
        found = Trial(
            frozen.number,
            values,
            reason=str(frozen.user_attrs.get(_REASON, "")),
            is_pruned=state == "pruned",
            is_finished=state == "finished",
        )
        if state in ("finished", "stopped"):
            found = tuning.scored(found, tuning.reached(found).rows)
        elif state == "diverged":
            found = Trial(frozen.number, values, (None,), reason=found.reason)
        is_new = frozen.number not in tuning.trials
        tuning.trials[frozen.number] = found
        if is_new:
            tuning.tell(found)
    tuning.record()


def _suggested(trial: "optuna.Trial", name: str, domain: Domain) -> Given:
    if isinstance(domain, Between):
        if domain.whole:
            ends = int(domain.low), int(domain.high)
            return trial.suggest_int(name, *ends, log=domain.log)
        return trial.suggest_float(name, domain.low, domain.high, log=domain.log)
    found = trial.suggest_categorical(name, list(domain.values))
    assert isinstance(found, str | int | float)
    return found
