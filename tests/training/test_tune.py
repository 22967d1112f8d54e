"""A search: nothing trained twice, nothing lost to a kill, the test part unseen."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mirada.engines.reference import ReferenceEngine
from mirada.errors import ConfigurationError, DataError, DivergenceError
from mirada.training import Plan, RunFolder, Watch, Watches, Wishes, resolve, train
from mirada.training.history import EpochRow
from mirada.training.place import Place
from mirada.training.search import read_searched
from mirada.training.study_folder import StudyFolder
from mirada.training.trial import Pausing
from mirada.training.tune import Tuning, hidden
from mirada.training.variation import Base, Variation
from tests.refusal import refuses
from tests.training.example import engine, few_digits, files, plan

WISHES = Wishes(epochs=3, batch_size=32, threads=1, engine="reference")
SPACE = ("lr=log 0.01..0.3", "conv1.kernel_size=3|5|12")
WEIGHTS = ("best.safetensors", "metrics.jsonl", "configuration.json")


class Killed(BaseException):
    """What ends the process at once; nothing of ours catches it."""


class Counting(Watch):
    """Counts steps over all runs, and kills at one."""

    def __init__(self, at: int = -1) -> None:
        self.steps, self.at = 0, at
        self.epochs: list[int] = []

    def step(self, place: Place, loss: float) -> None:
        self.steps += 1
        if self.steps == self.at:
            raise Killed

    def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
        self.epochs.append(row.epoch)


def base(**changes: object) -> Base:
    wishes = replace(WISHES, **changes)  # type: ignore[arg-type]
    return Base(plan(data=few_digits(120), wishes=wishes), wishes)


def tuning(
    folder: StudyFolder,
    watch: Watch | None = None,
    space: tuple[str, ...] = SPACE,
    of: Base | None = None,
    made: Callable[[Plan], ReferenceEngine] = engine,
) -> Tuning:
    chosen = of or base()
    split = hidden(folder, chosen)

    def plan_of(variation: Variation) -> Plan:
        wishes = replace(variation.wishes, split=split)
        return resolve(few_digits(120), variation.network, wishes)

    def train_until(chosen: Plan, name: str, pausing: Pausing) -> None:
        with folder.run(name) as held:
            told = Watches(watch or Watch(), pausing)
            train(chosen, made(chosen), held, told)

    return Tuning(folder, chosen, list(map(read_searched, space)), plan_of, train_until)


def searched(
    path: Path, count: int = 6, watch: Watch | None = None, *, resume: bool = False
) -> Tuning:
    with StudyFolder(path, {"kind": "tune"}, resume=resume) as folder:
        found = tuning(folder, watch)
        found.search(count)
        found.record()
    return found


def content(found: Tuning) -> dict[str, object]:
    """Everything that must be the same however often a search was killed."""
    trials = [t for t in found.trials.values() if t.scores]
    text = (found.folder.path / "study.json").read_text()
    return {"study": text} | {t.name: files(found.path(t), WEIGHTS) for t in trials}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tuning, Counting]:
    watch = Counting()
    return searched(tmp_path_factory.mktemp("tune") / "whole", 6, watch), watch


def test_a_third_is_trained_to_the_end(whole: tuple[Tuning, Counting]) -> None:
    found, _ = whole
    states = [trial.state for trial in found.trials.values()]
    assert len(states) == 6
    assert {"finished", "stopped", "pruned"} == set(states)
    for trial in found.trials.values():
        if trial.state == "finished":
            assert (trial.epochs, len(trial.scores)) == (3, 2)
            assert len(found.run(trial).rows) == 3
        if trial.state == "stopped":
            assert (trial.epochs, len(trial.scores)) == (1, 1)
            assert len(found.run(trial).rows) == 1


def test_what_goes_on_is_not_trained_again(whole: tuple[Tuning, Counting]) -> None:
    found, watch = whole
    epochs = sum(trial.epochs for trial in found.trials.values())
    assert len(watch.epochs) == epochs
    steps = -(-len(found.base.plan.split.train) // 32)
    assert watch.steps == epochs * steps


def test_one_that_goes_on_ends_as_if_it_had_never_stopped(
    whole: tuple[Tuning, Counting], tmp_path: Path
) -> None:
    found, _ = whole
    trial = found.best
    chosen = found.plan(trial)
    with RunFolder.new(tmp_path) as held:
        train(chosen, engine(chosen), held)
    names = ("best.safetensors", "last.safetensors", "metrics.jsonl")
    assert files(found.path(trial), names) == files(tmp_path, names)


def test_impossible_networks_cost_nothing(whole: tuple[Tuning, Counting]) -> None:
    found, _ = whole
    pruned = [trial for trial in found.trials.values() if trial.is_pruned]
    assert pruned
    for trial in pruned:
        assert trial.values["conv1.kernel_size"] == 12
        assert "needs an input of at least 12x12" in trial.reason
        assert not found.path(trial).exists()
        assert trial.to_dict()["run"] is None


def test_the_best_is_of_those_that_came_to_the_end(
    whole: tuple[Tuning, Counting],
) -> None:
    found, _ = whole
    ended = [t for t in found.trials.values() if t.state == "finished"]
    best = max(ended, key=lambda t: (t.score and t.score.merit, -t.number))
    assert found.best == best


def test_no_trial_sees_the_test_part(whole: tuple[Tuning, Counting]) -> None:
    found, _ = whole
    tested = set(found.base.plan.split.test.tolist())
    for trial in found.trials.values():
        if trial.scores:
            split = json.loads((found.path(trial) / "split.json").read_text())
            assert set(split["unused"]) == tested and split["test"] == []
            assert not (found.path(trial) / "evaluation.json").exists()
    assert len(found.base.plan.split.test) == len(tested) > 0


def test_killed_anywhere_it_finds_the_same(
    whole: tuple[Tuning, Counting], tmp_path: Path
) -> None:
    found, watch = whole
    wanted = content(found)
    for at in np.linspace(1, watch.steps, 5).astype(int).tolist():
        path = tmp_path / str(at)
        with pytest.raises(Killed):
            searched(path, watch=Counting(at))
        rest = Counting()
        again = searched(path, watch=rest, resume=True)
        assert content(again) == wanted, at
        assert rest.steps <= watch.steps - at + 1 + 3


def test_it_would_see_a_state_that_is_lost(
    whole: tuple[Tuning, Counting], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: what the optimizer remembers is not given back."""

    def forget(engine: ReferenceEngine, state: object) -> None:
        """What a bug would be."""

    monkeypatch.setattr(ReferenceEngine, "load_optimizer_state", forget)
    found = searched(tmp_path)
    assert content(found) != content(whole[0])


def test_one_that_has_ended_trains_nothing(
    whole: tuple[Tuning, Counting], tmp_path: Path
) -> None:
    searched(tmp_path, 3)
    watch = Counting()
    again = searched(tmp_path, 3, watch, resume=True)
    assert watch.steps == 0 and again.best.score is not None


def test_more_trials_go_on_with_those_there_are(
    whole: tuple[Tuning, Counting], tmp_path: Path
) -> None:
    few = searched(tmp_path, 3)
    more = searched(tmp_path, 6, resume=True)
    for number, trial in few.trials.items():
        assert more.trials[number].values == trial.values
        assert more.trials[number].epochs >= trial.epochs
    drawn = [trial.values for trial in whole[0].trials.values()]
    assert [trial.values for trial in more.trials.values()] == drawn


def test_results_killed_before_they_were_written_down_are_found(
    whole: tuple[Tuning, Counting], tmp_path: Path
) -> None:
    """The run has reached its rung, but `study.json` does not say so."""
    searched(tmp_path)
    wanted = (tmp_path / "study.json").read_text()
    plain = json.loads(wanted)
    plain["trials"] = plain["trials"][:1]
    (tmp_path / "study.json").write_text(json.dumps(plain))
    watch = Counting()
    searched(tmp_path, watch=watch, resume=True)
    assert (tmp_path / "study.json").read_text() == wanted
    assert watch.steps == 0


def test_records_that_are_damaged_are_tried_again(tmp_path: Path) -> None:
    searched(tmp_path, 2)
    wanted = (tmp_path / "study.json").read_text()
    plain = json.loads(wanted)
    plain["trials"] = [{"trial": "x"}, {}, *plain["trials"][1:]]
    (tmp_path / "study.json").write_text(json.dumps(plain))
    searched(tmp_path, 2, resume=True)
    assert (tmp_path / "study.json").read_text() == wanted


def test_one_that_diverges_is_noted_and_left(tmp_path: Path) -> None:
    def made(chosen: Plan) -> ReferenceEngine:
        found = engine(chosen)
        if chosen.configuration.recipe.batch_size == 16:

            def diverge(*words: object, **more: object) -> None:
                raise DivergenceError("step-not-finite", "The loss is NaN.")

            found.train_step = diverge  # type: ignore[method-assign, assignment]
        return found

    with StudyFolder(tmp_path, {"kind": "tune"}) as folder:
        found = tuning(folder, space=("batch=16|32",), made=made)
        found.search(2)
        states = {t.values["batch"]: t.state for t in found.trials.values()}
        assert states == {16: "diverged", 32: "finished"}
        lost = next(t for t in found.trials.values() if t.state == "diverged")
        assert lost.reason == "The loss is NaN." and lost.score is None
        assert found.best.values == {"batch": 32}
        again = tuning(folder, space=("batch=16|32",), made=made)
        again.search(2)
        assert again.trials == found.trials


def test_where_none_can_be_trained_the_reason_is_told(tmp_path: Path) -> None:
    with StudyFolder(tmp_path, {"kind": "tune"}) as folder:
        found = tuning(folder, space=("conv1.kernel_size=12|13",))
        found.search(9)
        assert [trial.state for trial in found.trials.values()] == ["pruned"] * 2
        words = ("None of the 2 trials", "needs an input of at least 1")
        with refuses(ConfigurationError, "tune-nothing", *words):
            _ = found.best


def test_time_that_is_up_ends_it_and_it_goes_on(tmp_path: Path) -> None:
    with StudyFolder(tmp_path, {"kind": "tune"}) as folder:
        found = tuning(folder)
        found.search(4, deadline=time.monotonic() - 1)
        assert {trial.state for trial in found.trials.values()} == {"waiting"}
        found.search(4)
        assert found.best.is_finished


def test_a_trial_out_of_time_is_not_counted(tmp_path: Path) -> None:
    class Slow(Watch):
        def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
            time.sleep(0.2)

    with StudyFolder(tmp_path, {"kind": "tune"}) as folder:
        found = tuning(folder, Slow(), space=("lr=0.1|0.2",), of=base(epochs=2))
        found.search(2, deadline=time.monotonic() + 0.25)
        assert any(trial.state != "finished" for trial in found.trials.values())
        found.search(2)
        assert [trial.state for trial in found.trials.values()] == ["finished"] * 2


def test_without_validation_nothing_can_be_compared(tmp_path: Path) -> None:
    with StudyFolder(tmp_path, {"kind": "tune"}) as folder:
        words = ("few has none", "--validation a share above 0")
        with refuses(ConfigurationError, "tune-without-validation", *words):
            tuning(folder, of=base(validation=0.0))


def test_data_that_cannot_be_used_ends_the_search(tmp_path: Path) -> None:
    """Only what is about the values prunes a trial."""
    with StudyFolder(tmp_path, {"kind": "tune"}) as folder:
        found = tuning(folder)
        (tmp_path / "splits" / "trials.json").unlink()
        with pytest.raises(DataError):
            found.search(3)


def test_a_run_of_another_kind_in_its_folder_ends_the_search(tmp_path: Path) -> None:
    with StudyFolder(tmp_path, {"kind": "tune"}) as folder:
        found = tuning(folder, space=("lr=0.1|0.2",))
        (tmp_path / "trial-0000").mkdir()
        (tmp_path / "trial-0000" / "thesis.doc").write_text("mine")
        with refuses(ConfigurationError, "folder-foreign", "thesis.doc"):
            found.search(2)
