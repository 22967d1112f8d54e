"""The loop without accidents; `test_survival` has those."""

import json
import math
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.data import Dataset, Split, epoch_order
from mirada.engines import StepResult
from mirada.engines.reference import ReferenceEngine
from mirada.errors import ConfigurationError, DivergenceError, FileError
from mirada.mixing import Mixing
from mirada.network import SGD, Constant, OneCycle
from mirada.training import (
    EpochRow,
    Interrupt,
    Outcome,
    Plan,
    RunFolder,
    RunInterruptedError,
    Watch,
    Wishes,
    evaluate,
    load_model,
    train,
)
from mirada.training.checkpoint import checkpoint_paths, latest_checkpoint
from mirada.training.place import Place
from tests.refusal import refuses
from tests.training.example import COMPARED, engine, few_digits, files, plan


class Recording(Watch):
    """Keeps everything it is told."""

    def __init__(self) -> None:
        self.begun: list[Place] = []
        self.steps: list[tuple[int, float]] = []
        self.rows: list[EpochRow] = []
        self.images: list[int] = []

    def began(self, configuration: object, place: Place) -> None:
        self.begun.append(place)

    def step(self, place: Place, loss: float) -> None:
        self.steps.append((place.step, loss))

    def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
        self.rows.append(row)
        self.images.append(images)


def run(chosen: Plan, folder: Path, watch: Watch | None = None, **kind: Any) -> Outcome:
    made = kind.get("engine") or engine(chosen)
    with RunFolder.new(folder) as held:
        return train(chosen, made, held, watch)


def wishes(**more: Any) -> Wishes:
    return Wishes(
        **{"epochs": 3, "batch_size": 32, "threads": 1, "engine": "reference", **more}
    )


def test_a_run_learns_and_leaves_its_files(tmp_path: Path) -> None:
    chosen = plan(wishes=wishes(epochs=25, learning_rate=0.1, augment=False))
    found = run(chosen, tmp_path)
    assert found.test is not None and found.test.accuracy > 0.7
    assert found.best.validation_accuracy == max(
        row.validation_accuracy or 0 for row in found.rows
    )
    present = {path.name for path in tmp_path.iterdir()}
    steps = [path.name for path in checkpoint_paths(tmp_path)]
    assert present == {*COMPARED, *steps, "timing.jsonl", ".lock"}
    assert steps == ["ckpt-00000175.safetensors", "ckpt-00000168.safetensors"]


def test_the_steps_are_those_the_recipe_says(tmp_path: Path) -> None:
    """The same batches by hand, with the schedule's learning rates."""
    chosen, watch = plan(), Recording()
    run(chosen, tmp_path, watch)
    recipe, data = chosen.configuration.recipe, chosen.data
    by_hand, step = engine(chosen), 0
    losses = []
    for epoch in range(3):
        order = epoch_order(chosen.split.train, recipe.seed, epoch)
        for start in range(0, len(order), 32):
            samples = order[start : start + 32]
            changed = chosen.configuration.augmentation.apply(
                data.images[samples], samples, epoch, recipe.seed
            )
            rate = recipe.optimizer.learning_rate * OneCycle().share(step, 21)
            result = by_hand.train_step(
                chosen.configuration.preprocessing.normalize(changed),
                data.labels[samples],
                step=step,
                learning_rate=rate,
            )
            losses.append(result.loss)
            step += 1
    assert watch.steps == list(enumerate(losses, 1))
    last = load_model(tmp_path / "last.safetensors").parameters
    for name, value in by_hand.parameters().items():
        assert np.array_equal(last[name], value)


def test_rows_are_means_over_the_images(tmp_path: Path) -> None:
    chosen, watch = plan(), Recording()
    found = run(chosen, tmp_path, watch)
    assert tuple(watch.rows) == found.rows and watch.images == [210] * 3
    losses = [loss for step, loss in watch.steps if 8 <= step <= 14]
    sizes = [32] * 6 + [18]
    mean = sum(a * b for a, b in zip(losses, sizes, strict=True)) / 210
    assert found.rows[1].train_loss == pytest.approx(mean)
    assert [row.step for row in found.rows] == [7, 14, 21]
    rate = 0.05 * OneCycle().share(20, 21)
    assert found.rows[2].learning_rate == pytest.approx(rate)


def test_best_and_last_weights_are_those_of_their_epochs(tmp_path: Path) -> None:
    coarse = wishes(epochs=8, optimizer=SGD(0.3), schedule=Constant())
    found = run(plan(wishes=coarse), tmp_path)
    best, last = (load_model(tmp_path / f"{n}.safetensors") for n in ("best", "last"))
    assert best.facts["epoch"] == found.best.epoch < last.facts["epoch"] == 8
    chosen = plan()
    for model, row in ((best, found.best), (last, found.rows[-1])):
        answered = evaluate(
            model.engine("reference"),
            chosen.data,
            chosen.split.validation,
            model.preprocessing,
            chosen.configuration.recipe.loss,
        )
        assert answered.accuracy == row.validation_accuracy
        assert answered.loss == pytest.approx(row.validation_loss)
    held_out = evaluate(
        best.engine("reference"),
        chosen.data,
        chosen.split.test,
        best.preprocessing,
        chosen.configuration.recipe.loss,
    )
    assert held_out == found.test


def test_metrics_are_lines_in_order(tmp_path: Path) -> None:
    found = run(plan(), tmp_path)
    lines = [
        json.loads(text)
        for text in (tmp_path / "metrics.jsonl").read_text().splitlines()
    ]
    kinds = ["start", *(["step"] * 7 + ["epoch"]) * 3, "end"]
    assert [item["kind"] for item in lines] == kinds
    assert lines[0] == {
        "kind": "start",
        "schema": 1,
        "epochs": 3,
        "steps_per_epoch": 7,
    }
    assert [item["step"] for item in lines[1:-1]] == [
        *(1, 2, 3, 4, 5, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 14),
        *(15, 16, 17, 18, 19, 20, 21, 21),
    ]
    assert EpochRow.from_dict(lines[8]) == found.rows[0]
    assert lines[-1] == {"kind": "end", "reason": "epochs"}
    assert "seconds" not in (tmp_path / "metrics.jsonl").read_text()
    assert (tmp_path / "timing.jsonl").read_text().count('"seconds"') == 3


def test_long_epochs_get_about_twenty_lines(tmp_path: Path) -> None:
    run(plan(wishes=wishes(epochs=1, batch_size=2)), tmp_path)
    steps = (tmp_path / "metrics.jsonl").read_text().count('"kind":"step"')
    assert steps == 21


def test_patience_ends_a_run(tmp_path: Path) -> None:
    spoiled = wishes(
        epochs=30, patience=3, optimizer=SGD(0.0), schedule=Constant(), augment=False
    )
    found = run(plan(wishes=spoiled), tmp_path)
    assert (found.ended, len(found.rows), found.best.epoch) == ("patience", 4, 1)
    assert b'"reason":"patience"' in (tmp_path / "metrics.jsonl").read_bytes()


def test_without_validation_training_decides(tmp_path: Path) -> None:
    found = run(plan(wishes=wishes(validation=0.0, test=0.0)), tmp_path)
    assert found.test is None
    assert not (tmp_path / "evaluation.json").exists()
    assert all(row.validation_accuracy is None for row in found.rows)
    accuracies = [row.train_accuracy for row in found.rows]
    assert found.best.train_accuracy == max(accuracies)


class Diverging(ReferenceEngine):
    """Gives a loss that is not finite at one step, and says nothing of it."""

    def train_step(
        self,
        images: NDArray[np.float32],
        labels: NDArray[np.int64],
        *,
        step: int,
        learning_rate: float,
        mixing: Mixing | None = None,
    ) -> StepResult:
        found = super().train_step(
            images, labels, step=step, learning_rate=learning_rate, mixing=mixing
        )
        return replace(found, loss=math.nan) if step == 9 else found


def test_a_loss_that_is_not_finite_keeps_the_last_checkpoint(tmp_path: Path) -> None:
    chosen = plan(checkpoint_steps=3)
    made = Diverging(chosen.configuration.network, chosen.configuration.recipe)
    with refuses(DivergenceError, "loss-not-finite", "Step 10", "the loss is nan"):
        run(chosen, tmp_path, engine=made)
    found = latest_checkpoint(tmp_path, chosen.configuration.fingerprint).checkpoint
    assert found is not None and found.place.step == 9
    assert load_model(tmp_path / "best.safetensors").facts["epoch"] == 1


def test_a_real_divergence_names_step_and_layer(tmp_path: Path) -> None:
    wild = wishes(optimizer=SGD(1000.0, momentum=0.99), schedule=Constant())
    words = ("After step 7, on", "answers NaN or infinity (layer 'linear1')")
    with refuses(DivergenceError, "validation-not-finite", *words):
        run(plan(wishes=wild), tmp_path / "a")
    without = replace(wild, validation=0.0)
    with pytest.raises(DivergenceError, match=r"Step \d+.*layer '\w+' is the first"):
        run(plan(wishes=without), tmp_path / "b")


def test_a_checkpoint_is_written_when_its_time_has_come(tmp_path: Path) -> None:
    class Slow(Watch):
        def step(self, place: Place, loss: float) -> None:
            if place.step in (2, 5):
                time.sleep(0.06)
            if place.step == 6:
                raise KeyboardInterrupt

    chosen = plan(checkpoint_seconds=0.05)
    with pytest.raises(KeyboardInterrupt):
        run(chosen, tmp_path, Slow())
    steps = [int(path.name[5:13]) for path in checkpoint_paths(tmp_path)]
    assert steps == [5, 2]


def test_a_signal_while_the_held_out_part_is_answered(tmp_path: Path) -> None:
    class Late(Watch):
        def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
            interrupt.number = 15 if row.epoch == 3 else 0

    chosen, interrupt = plan(), Interrupt()
    whole = tmp_path / "whole"
    run(chosen, whole)
    folder = tmp_path / "stopped"
    with (
        RunFolder.new(folder) as held,
        pytest.raises(RunInterruptedError) as caught,
    ):
        train(chosen, engine(chosen), held, Late(), interrupt)
    assert caught.value.exit_code == 143
    assert not (folder / "evaluation.json").exists()
    watch = Recording()
    with RunFolder.existing(folder) as held:
        train(chosen, engine(chosen), held, watch)
    assert watch.begun[0].ended == "epochs" and watch.steps == []
    assert files(folder) == files(whole)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"epochs": 4}, "recipe.epochs: 3 -> 4"),
        ({"seed": 1}, "recipe.seed: 0 -> 1"),
        ({"learning_rate": 0.1}, "recipe.optimizer.learning_rate: 0.05 -> 0.1"),
        ({"augment": False}, "augmentation.shift: 1 -> 0"),
    ],
)
def test_another_recipe_cannot_go_on(
    tmp_path: Path, other: dict[str, Any], words: str
) -> None:
    run(plan(), tmp_path)
    before = files(tmp_path)
    changed = plan(wishes=wishes(**other))
    with (
        RunFolder.existing(tmp_path) as held,
        refuses(ConfigurationError, "resume-differs", words, str(tmp_path)),
    ):
        train(changed, engine(changed), held)
    assert files(tmp_path) == before


def test_other_data_cannot_go_on(tmp_path: Path) -> None:
    run(plan(), tmp_path)
    whole = few_digits()
    images = whole.images.copy()
    images[7, 3, 3] ^= 1
    changed = plan(data=Dataset.of(images, whole.labels, whole.classes, name="few"))
    with (
        RunFolder.existing(tmp_path) as held,
        refuses(ConfigurationError, "resume-differs", "data.fingerprint"),
    ):
        train(changed, engine(changed), held)


def test_a_configuration_of_another_program_cannot_go_on(tmp_path: Path) -> None:
    run(plan(), tmp_path)
    (tmp_path / "configuration.json").write_text('{"schema": 9}')
    with (
        RunFolder.existing(tmp_path) as held,
        refuses(FileError, "configuration-file", "schema 9"),
    ):
        train(plan(), engine(plan()), held)


def test_lost_metrics_are_written_anew_from_the_rows(tmp_path: Path) -> None:
    chosen = plan()
    whole = run(chosen, tmp_path)
    (tmp_path / "metrics.jsonl").unlink()
    with RunFolder.existing(tmp_path) as held:
        assert train(chosen, engine(chosen), held) == whole
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(text)["kind"] for text in lines] == ["start", *["epoch"] * 3]


def test_the_split_is_that_of_the_plan(tmp_path: Path) -> None:
    chosen = plan()
    run(chosen, tmp_path)
    kept = json.loads((tmp_path / "split.json").read_text())
    assert isinstance(chosen.split, Split)
    assert kept["train"] == chosen.split.train.tolist()
    assert kept["test"] == chosen.split.test.tolist()


class Averaging(Recording):
    """Keeps the averages that the engine holds at the end of each epoch."""

    def __init__(self, of: ReferenceEngine) -> None:
        super().__init__()
        self.of, self.averages = of, list[dict[str, NDArray[np.float32]]]()

    def epoch(self, row: EpochRow, seconds: float, images: int) -> None:
        self.averages.append(self.of.averaged_parameters())


def test_the_average_is_what_answers_and_what_is_kept(tmp_path: Path) -> None:
    chosen = plan(wishes=wishes(ema=0.5, gradient_clip=1.0))
    made = engine(chosen)
    watch = Averaging(made)
    found = run(chosen, tmp_path / "one", watch, engine=made)
    for name, row in (("best", found.best), ("last", found.rows[-1])):
        model = load_model(tmp_path / "one" / f"{name}.safetensors")
        kept = watch.averages[row.epoch - 1]
        for own, value in model.parameters.items():
            assert np.array_equal(value, kept[own])
        answered = evaluate(
            model.engine("reference"),
            chosen.data,
            chosen.split.validation,
            model.preprocessing,
            chosen.configuration.recipe.loss,
        )
        assert answered.loss == pytest.approx(row.validation_loss)
    checkpoint = latest_checkpoint(tmp_path / "one").checkpoint
    assert checkpoint is not None
    weight = next(iter(made.averaged_parameters()))
    average = checkpoint.optimizer[f"average.{weight}"]
    assert np.array_equal(average, watch.averages[-1][weight])
    assert (average != checkpoint.parameters[weight]).any()


class Stopping(Watch):
    """Interrupts after given steps, each once."""

    def __init__(self, *steps: int) -> None:
        self.steps, self.interrupt = [*steps], Interrupt()

    def step(self, place: Place, loss: float) -> None:
        if place.step in self.steps:
            self.steps.remove(place.step)
            self.interrupt.number = 15


def test_a_run_with_averages_goes_on_from_anywhere(tmp_path: Path) -> None:
    """Stopped while the averages answer the validation images, too: after 7 and 14."""
    chosen, watch = plan(wishes=wishes(ema=0.5)), Stopping(3, 7, 12, 14)
    run(chosen, tmp_path / "whole")
    with RunFolder.new(tmp_path / "cut") as folder:
        for stopped in (True, True, True, True, False):
            watch.interrupt.number = 0
            outcome: Any = pytest.raises(RunInterruptedError)
            with outcome if stopped else nullcontext():
                train(chosen, engine(chosen), folder, watch, watch.interrupt)
    assert files(tmp_path / "cut") == files(tmp_path / "whole")
