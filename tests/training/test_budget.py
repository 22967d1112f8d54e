"""A run that has so much time: how many epochs are chosen, and how it ends."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mirada.training import Outcome, Plan, RunFolder, Watch, Wishes, train
from mirada.training.budget import TIME, Budget, fitted
from mirada.training.configuration import Origin
from mirada.training.pace import Pace
from mirada.training.place import Place
from tests.training.example import COMPARED, engine, files, plan

FAST: dict[str, Any] = {"batch_size": 32, "threads": 1, "engine": "reference"}
ONE = Pace(start=1.0, step=0.5, answer=0.01, save=0.1)
"""An epoch of 7 steps takes 3.5 s, its 30 validation images 0.3 s, two saves 0.2 s."""


def wanted(seconds: float | None, **wishes: Any) -> Plan:
    return plan(wishes=Wishes(seconds=seconds, **FAST, **wishes))


def epochs(seconds: float, **wishes: Any) -> int:
    return fitted(wanted(seconds, **wishes), ONE).configuration.recipe.epochs


def test_the_pace_adds_up() -> None:
    chosen = wanted(None, epochs=2).configuration
    assert ONE.epoch(chosen) == pytest.approx(4.0)
    assert ONE.end(chosen) == pytest.approx(0.7)
    assert ONE.run(chosen) == pytest.approx(1 + 8 + 0.7)
    assert ONE.end(replace(chosen, flips=True)) == pytest.approx(1.3)
    assert ONE.compiled().run(chosen) == pytest.approx(8.7)


def test_as_many_epochs_as_fit_are_chosen_and_the_reason_told() -> None:
    found = fitted(wanted(40), ONE).configuration
    assert found.recipe.epochs == 8  # 0.9 * 40 = 36, less 0.7 and 1, by 4
    origin = found.origins["recipe.epochs"]
    assert origin.kind == "automatic"
    assert "an epoch takes about 4 s here, so 8 fit into 40 s" in str(origin.reason)
    assert ONE.run(found) < 40


def test_more_epochs_than_without_a_budget_up_to_a_limit() -> None:
    assert epochs(10**6) == 3 * wanted(None).configuration.recipe.epochs == 120


def test_epochs_that_were_asked_for_are_never_more() -> None:
    assert epochs(10**6, epochs=3) == 3
    assert epochs(14, epochs=3) == 2
    given = fitted(wanted(10**6, epochs=3), ONE).configuration
    assert given.origins["recipe.epochs"] == Origin("given")


def test_where_no_epoch_fits_the_schedule_is_shorter() -> None:
    found = fitted(wanted(4), ONE).configuration
    assert (found.recipe.epochs, found.last_step, found.steps) == (1, 2, 2)
    reason = str(found.origins["recipe.epochs"].reason)
    assert "the run ends after 2 of the 7 steps of one" in reason
    least = fitted(wanted(0.001), ONE).configuration
    assert least.steps == 1


def test_what_is_spent_counts() -> None:
    found = fitted(wanted(40), ONE, spent=20).configuration
    assert found.recipe.epochs == 4  # 0.9 * 20 = 18, less 1.7, by 4


def test_without_a_budget_nothing_changes() -> None:
    chosen = wanted(None)
    assert fitted(chosen, ONE) is chosen


def trained(chosen: Plan, folder: Path, watch: Watch | None = None) -> Outcome:
    folder.mkdir(exist_ok=True)
    with RunFolder.existing(folder) as held:
        return train(chosen, engine(chosen), held, watch)


def test_the_last_step_ends_the_run_and_its_schedule(tmp_path: Path) -> None:
    chosen = plan(last_step=9)
    outcome = trained(chosen, tmp_path / "a")
    assert [row.step for row in outcome.rows] == [7, 9]
    assert outcome.ended == "epochs"
    schedule = chosen.configuration.recipe.schedule
    last = chosen.configuration.recipe.optimizer.learning_rate * schedule.share(8, 9)
    assert outcome.rows[-1].learning_rate == pytest.approx(last)


class Late(Watch):
    """Makes the time of a run be up at a step."""

    def __init__(self, budget: list[Budget], step: int) -> None:
        self.budget, self.at = budget, step

    def step(self, place: Place, loss: float) -> None:
        if place.step == self.at:
            self.budget[0].spent = 10**6


@pytest.mark.parametrize(("at", "steps"), [(3, [3]), (7, [7]), (10, [7, 10])])
def test_the_time_is_up_at_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, steps: list[int]
) -> None:
    made: list[Budget] = []

    def budget(seconds: float | None) -> Budget:
        made.append(Budget(seconds))
        return made[-1]

    monkeypatch.setattr("mirada.training.loop.Budget", budget)
    outcome = trained(plan(seconds=600.0), tmp_path / "run", Late(made, at))
    assert (outcome.ended, [row.step for row in outcome.rows]) == (TIME, steps)
    assert outcome.test is not None
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    assert json.loads(lines[-1]) == {"kind": "end", "reason": "time"}


def test_a_run_whose_time_was_up_goes_on_when_it_is_given_more(tmp_path: Path) -> None:
    first = plan(seconds=1e-6)
    short = trained(first, tmp_path / "run")
    assert short.ended == TIME and short.rows[-1].step == 1
    before = files(tmp_path / "run")
    assert trained(first, tmp_path / "run").ended == TIME
    assert files(tmp_path / "run") == before
    more = trained(plan(seconds=10**6), tmp_path / "run")
    assert more.ended == "epochs" and len(more.rows) == 3


def test_a_budget_that_is_enough_changes_no_byte(tmp_path: Path) -> None:
    trained(plan(), tmp_path / "without")
    trained(plan(seconds=10**6), tmp_path / "with")
    names = COMPARED[1:]
    assert files(tmp_path / "without", names) == files(tmp_path / "with", names)


def test_what_earlier_processes_took_is_remembered(tmp_path: Path) -> None:
    trained(plan(), tmp_path / "run")
    lines = (tmp_path / "run" / "timing.jsonl").read_text()
    (tmp_path / "run" / "timing.jsonl").write_text(
        lines + '{"kind":"pause","seconds":100.0}\n{"kind":"pau'
    )
    with RunFolder.existing(tmp_path / "run") as folder:
        from mirada.training.record import Record

        assert 100 < Record(folder, plan().configuration).spent() < 160


def test_a_budget_counts_the_answers_before_the_end() -> None:
    budget = Budget(10.0, spent=5.0, answer=0.1)
    assert not budget.is_over(10) and budget.is_over(60)
    assert budget.is_more_than(9.0) and not budget.is_more_than(None)
    assert Budget(None).is_more_than(9.0)
