"""What can be known before a run: time and memory, a rate, whether it can learn."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from mirada.models import digits
from mirada.training import RunFolder
from tests.cli.calling import Caller
from tests.training.example import plan

FIELDS = {
    *("schema", "seconds", "memory_bytes", "memory", "parameters", "epochs", "steps"),
    *("seconds_per_epoch", "images_per_second"),
}


def untouched(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_dry_run_says_time_and_memory_and_leaves_nothing(
    call: Caller, here: Path
) -> None:
    before = untouched(here)
    called = call("train", "digits", "--dry-run", "--epochs", "3", "--json")
    assert called.code == 0, called.err
    found = called.json
    assert set(found) == FIELDS
    assert (found["epochs"], found["steps"]) == (3, 3 * 40)
    shapes = digits().parameters.values()
    assert found["parameters"] == sum(map(_size, shapes))
    assert 0 < found["seconds_per_epoch"] < found["seconds"] < 600
    assert found["memory_bytes"] >= found["memory"]["held"] > 30 * 2**20
    assert untouched(here) == before
    text = call("train", "digits", "--dry-run", "--epochs", "3")
    for words in ("Time", "3 epochs of 40 steps", "images/s", "iB at most"):
        assert words in text.out
    assert untouched(here) == before


def _size(parameter: object) -> int:
    product = 1
    for side in parameter.shape:  # type: ignore[attr-defined]
        product *= side
    return product


def test_a_dry_run_takes_more_for_more_epochs(call: Caller, here: Path) -> None:
    few, many = (
        call("train", "digits", "--dry-run", "--json", "--epochs", count).json
        for count in ("1", "1000")
    )
    assert many["seconds"] > 20 * few["seconds"]


def test_a_dry_run_within_a_time_budget(call: Caller, here: Path) -> None:
    words = ("--dry-run", "--time", "2s", "--json")
    found = call("train", "digits", *words).json
    assert found["epochs"] <= 120
    assert found["seconds"] < 60


def test_a_time_budget_chooses_the_epochs(call: Caller, here: Path) -> None:
    called = call("train", "digits", "--time", "3s", "--out", "new", "--json")
    assert called.code == 0, called.err
    assert "Measuring how fast it goes here" in called.err
    assert "time budget" in called.err and "(automatic: an epoch takes" in called.err
    with RunFolder.existing(Path("new")) as folder:
        chosen = folder.configuration()
    assert chosen.seconds == 3.0 and chosen.recipe.epochs >= 1
    assert called.json["ended"] in ("epochs", "time")
    again = call("train", "--resume", "--out", "new")
    assert again.code == 0 and "Measuring" not in again.err


def test_a_rate_is_suggested_and_drawn(call: Caller, here: Path) -> None:
    before = untouched(here)
    called = call("train", "digits", "--find-lr")
    assert called.code == 0 and "Suggested: --lr 0." in called.out
    assert "Smoothed" in called.out and untouched(here) == before
    found = call("train", "digits", "--find-lr", "--out", "rates", "--json").json
    assert found["picture"] == "rates/learning-rate.svg"
    root = ET.fromstring(Path(found["picture"]).read_text("utf-8"))
    assert root.tag.endswith("svg")
    assert 0.001 < found["suggestion"] < 1 and len(found["points"]) > 50


def test_a_search_that_suggests_nothing_is_told(
    call: Caller, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirada.training.finder._HIGHEST", 2e-6)
    called = call("train", "digits", "--find-lr")
    assert called.code == 7
    assert "The loss never fell" in called.out and "--overfit-one-batch" in called.out


def test_one_batch_is_learned(call: Caller, here: Path) -> None:
    before = untouched(here)
    called = call("train", "digits", "--overfit-one-batch")
    assert called.code == 0, called.err
    assert "32 of 32 right" in called.out and "by heart" in called.out
    assert "without augmentation, dropout" in called.err
    assert untouched(here) == before


def test_one_batch_that_is_not_learned_is_exit_7(call: Caller, here: Path) -> None:
    words = ("--overfit-one-batch", "--lr", "1e-9")
    called = call("train", "digits", *words)
    assert called.code == 7
    assert "cannot learn even one batch" in called.out
    assert "stands still" in called.out and "--find-lr" in called.out
    found = call("train", "digits", *words, "--json")
    assert found.code == 7 and found.json["learned"] is False
    assert found.json["hints"] and len(found.json["losses"]) == found.json["steps"]


def test_the_plan_of_the_example_is_small() -> None:
    assert plan().configuration.steps == 21
