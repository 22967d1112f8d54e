"""Going on although something differs: refused, impossible, or forced and recorded."""

import json
import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mirada.data import Dataset
from mirada.errors import ConfigurationError, Phrase
from mirada.network import (
    SGD,
    AdamW,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
)
from mirada.training import (
    Configuration,
    Interrupt,
    Origin,
    Plan,
    RunFolder,
    RunInterruptedError,
    Watch,
    Wishes,
    load_model,
    read_run,
    train,
)
from mirada.training.checkpoint import latest_checkpoint
from mirada.training.force import adapted, changed_since, runs_of
from mirada.training.place import Place
from tests.refusal import refuses
from tests.training.example import engine, few_digits, files, network, plan

WISHES = Wishes(epochs=3, batch_size=32, threads=1, engine="reference")
STOP, STEPS = 10, 21
"""After which step runs are stopped here, in the second epoch, and of how many."""


class Listening(Watch):
    """Keeps what is told, and stops the run at a step."""

    def __init__(self, stop: int = 0) -> None:
        self.stop, self.told, self.steps = stop, list[str](), list[int]()

    def note(self, text: Phrase) -> None:
        self.told.append(str(text))

    def step(self, place: Place, loss: float) -> None:
        self.steps.append(place.step)
        if place.step == self.stop:
            signal.raise_signal(signal.SIGTERM)


def other(**wishes: Any) -> Plan:
    return plan(wishes=replace(WISHES, **wishes))


def other_images() -> Dataset:
    """The same digits but for one pixel."""
    whole = few_digits()
    images = whole.images.copy()
    images[7, 3, 3] ^= 1
    return Dataset.of(images, whole.labels, whole.classes, name="few")


def stopped(folder: Path, chosen: Plan, stop: int = STOP) -> None:
    with (
        Interrupt() as interrupt,
        RunFolder.new(folder) as held,
        pytest.raises(RunInterruptedError),
    ):
        train(chosen, engine(chosen), held, Listening(stop), interrupt)


def gone_on(folder: Path, chosen: Plan, *, force: bool = True) -> Listening:
    watch = Listening()
    with RunFolder.existing(folder) as held:
        train(chosen, engine(chosen), held, watch, force=force)
    return watch


def stored(folder: Path) -> Configuration:
    with RunFolder.existing(folder) as held:
        return held.configuration()


def lines(folder: Path) -> list[dict[str, Any]]:
    text = (folder / "metrics.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


CHANGES: Mapping[str, Plan] = {
    "recipe.optimizer.learning_rate": other(learning_rate=0.1),
    "recipe.epochs": other(epochs=4),
    "recipe.seed": other(seed=5),
    "recipe.batch_size": other(batch_size=64),
    "data.fingerprint": plan(data=other_images()),
    "version": plan(version="0.0.7"),
    "engine": plan(engine="native"),
    "network.layers.dropout1.p": plan(
        of=Network(
            "small",
            (1, 8, 8),
            [
                *(Conv2d(4, 3), ReLU(), MaxPool2d(2), Flatten()),
                *(Dropout(0.3), Linear(10)),
            ],
        )
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_differs_is_refused_by_its_name_and_nothing_is_changed(
    tmp_path: Path, name: str
) -> None:
    stopped(tmp_path, plan())
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with refuses(ConfigurationError, "resume-differs", f"{name}: ", "add --force"):
        gone_on(tmp_path, CHANGES[name], force=False)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_forced_is_recorded_in_the_run(tmp_path: Path, name: str) -> None:
    stopped(tmp_path, plan())
    first = stored(tmp_path)
    watch = gone_on(tmp_path, CHANGES[name])
    (record,) = stored(tmp_path).forced
    assert (record.step, record.run) == (STOP, first.fingerprint)
    assert name in {item.name for item in record.differences}
    assert watch.told[0] == str(record.text)
    (line,) = [found for found in lines(tmp_path) if found["kind"] == "forced"]
    assert line == {"kind": "forced", "step": STOP, **without_run(record.to_dict())}
    run = read_run(tmp_path)
    assert run.problem is None and run.ended == "epochs"
    assert len(run.rows) == CHANGES[name].configuration.recipe.epochs
    assert load_model(tmp_path / "last.safetensors").classes == first.data.classes
    again = gone_on(tmp_path, CHANGES[name], force=False)  # now it is the run's own
    assert again.steps == [] and again.told == []


def without_run(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "run"}


def test_force_where_nothing_differs_changes_nothing(tmp_path: Path) -> None:
    for name in ("plain", "forced"):
        stopped(tmp_path / name, plan())
        gone_on(tmp_path / name, plan(), force=name == "forced")
    assert files(tmp_path / "plain") == files(tmp_path / "forced")


def test_a_forced_run_is_gone_on_with_from_any_step(tmp_path: Path) -> None:
    """Stopped after the force, also before its first checkpoint: the same bytes."""
    changed = CHANGES["recipe.optimizer.learning_rate"]
    stopped(tmp_path / "whole", plan())
    gone_on(tmp_path / "whole", changed)
    folder = tmp_path / "stopped"
    stopped(folder, plan())

    class DiedError(Exception):
        pass

    class Dying(Watch):
        def step(self, place: Place, loss: float) -> None:
            raise DiedError

    for force in (True, False):
        with RunFolder.existing(folder) as held, pytest.raises(DiedError):
            train(changed, engine(changed), held, Dying(), force=force)
    assert gone_on(folder, changed, force=False).steps[0] == STOP + 1
    assert files(folder) == files(tmp_path / "whole")


def test_an_epoch_of_other_images_is_begun_again(tmp_path: Path) -> None:
    stopped(tmp_path, plan())
    watch = gone_on(tmp_path, CHANGES["data.fingerprint"])
    assert watch.steps == list(range(STOP + 1, STOP + 1 + 2 * 7))
    assert "may now be held out" in watch.told[1]
    rows = read_run(tmp_path).rows
    assert [row.step for row in rows] == [7, 17, 24]
    least = rows[-1].learning_rate  # the schedule ends with the run
    assert least == min(row.learning_rate for row in rows)


def test_an_epoch_of_the_same_images_goes_on(tmp_path: Path) -> None:
    stopped(tmp_path, plan())
    watch = gone_on(tmp_path, CHANGES["recipe.optimizer.learning_rate"])
    assert watch.steps == list(range(STOP + 1, STEPS + 1))
    assert len(watch.told) == 1


def test_a_run_that_has_ended_goes_on_with_more_epochs(tmp_path: Path) -> None:
    chosen = plan()
    with RunFolder.new(tmp_path) as held:
        train(chosen, engine(chosen), held)
    before = lines(tmp_path)
    assert gone_on(tmp_path, other(epochs=5)).steps == list(range(22, 36))
    after = lines(tmp_path)
    assert after[: len(before) - 1] == before[:-1]  # but for its end
    assert [line["kind"] for line in after].count("end") == 1
    assert len(read_run(tmp_path).rows) == 5


def test_a_run_with_fewer_epochs_than_it_has_ends(tmp_path: Path) -> None:
    chosen = plan()
    stopped(tmp_path, chosen, stop=14)
    assert gone_on(tmp_path, other(epochs=1)).steps == []
    assert read_run(tmp_path).ended == "epochs"


def test_it_is_forced_twice(tmp_path: Path) -> None:
    stopped(tmp_path, plan())
    twice = other(learning_rate=0.1, epochs=4)
    gone_on(tmp_path, CHANGES["recipe.optimizer.learning_rate"])
    gone_on(tmp_path, twice)
    found = stored(tmp_path)
    assert [record.step for record in found.forced] == [STOP, STEPS]
    first, second = found.forced
    assert runs_of(found) == (found.fingerprint, second.run, first.run)
    assert changed_since(found, first.run) == {
        "recipe.optimizer.learning_rate",
        "recipe.epochs",
    }
    assert changed_since(found, second.run) == {"recipe.epochs"}
    assert not changed_since(found, found.fingerprint)


def test_a_forced_run_is_told_from_one_that_had_the_values(tmp_path: Path) -> None:
    stopped(tmp_path, plan())
    changed = CHANGES["recipe.optimizer.learning_rate"]
    gone_on(tmp_path, changed)
    assert stored(tmp_path).fingerprint != changed.configuration.fingerprint
    found = latest_checkpoint(tmp_path).checkpoint
    assert found is not None and found.run == stored(tmp_path).fingerprint


def test_where_a_forced_value_came_from(tmp_path: Path) -> None:
    stopped(tmp_path, plan())
    changed = other(epochs=4, optimizer=SGD(0.03, momentum=0.5))
    automatic = {name: Origin("automatic") for name in changed.configuration.origins}
    configuration = changed.configuration.with_origins(automatic)
    gone_on(tmp_path, replace(changed, configuration=configuration))
    origins = stored(tmp_path).origins
    given = {name for name, origin in origins.items() if origin.kind == "given"}
    assert given == {"recipe.epochs", "recipe.optimizer"}


def test_before_the_first_checkpoint(tmp_path: Path) -> None:
    chosen = plan()
    with RunFolder.new(tmp_path) as held:
        held.write_configuration(chosen.configuration)
    gone_on(tmp_path, CHANGES["recipe.batch_size"])
    (record,) = stored(tmp_path).forced
    assert record.step == 0
    assert len(read_run(tmp_path).rows) == 3


def nine_digits() -> Dataset:
    """Without the nines."""
    whole = few_digits()
    kept = whole.labels < 9
    return Dataset.of(
        whole.images[kept], whole.labels[kept], whole.classes[:9], name="few"
    )


def renamed_digits() -> Dataset:
    whole = few_digits()
    names = (*whole.classes[:8], whole.classes[9], whole.classes[8])
    return Dataset.of(whole.images, whole.labels, names, name="few")


def wider() -> Network:
    layers = [Conv2d(5, 3), ReLU(), MaxPool2d(2), Flatten(), Dropout(0.1)]
    return Network("small", (1, 8, 8), [*layers, Linear(10)])


IMPOSSIBLE = {
    "fewer classes": (plan(data=nine_digits(), of=network(9)), "7, 8, 9 in this order"),
    "exchanged classes": (plan(data=renamed_digits()), "now has 0, 1, 2"),
    "other shapes": (plan(of=wider()), "'conv1.weight' had the shape 4x1x3x3"),
    "another optimizer": (
        other(optimizer=AdamW(0.01)),
        "the optimizer remembers other numbers",
    ),
    "averages": (other(ema=0.9), "the optimizer remembers other numbers (average."),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_no_force_can_go_on_with(tmp_path: Path, name: str) -> None:
    changed, words = IMPOSSIBLE[name]
    stopped(tmp_path, plan())
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with refuses(
        ConfigurationError, "force-impossible", "not even with --force", words
    ):
        gone_on(tmp_path, changed)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_place_of_a_run_that_is_not_changed_stays() -> None:
    place = Place(step=9, epoch=1, batch=2, loss_sum=3.0, seen=64, ended="")
    assert adapted(place, frozenset()) == place
    assert adapted(place, frozenset({"recipe.epochs"})) == place
    again = adapted(place, frozenset({"data.split"}))
    assert (again.step, again.epoch, again.batch, again.seen) == (9, 1, 0, 0)
