"""`mirada train`: what it prints, what it leaves in the folder, how it goes on."""

import json
import re
from pathlib import Path

import pytest

from mirada.models import digits
from mirada.network import Recipe
from mirada.network.file import to_toml
from mirada.training import Configuration, RunFolder, load_model
from tests.cli.calling import Called, Caller
from tests.cli.documented import documented_fields, run_examples
from tests.shared import shared_data
from tests.training.example import COMPARED, files

FAST = ("--epochs", "1")


def trained(call: Caller, *words: str) -> Called:
    called = call("train", *words)
    assert called.code == 0, called.err
    return called


def configuration(run: str) -> Configuration:
    with RunFolder.existing(Path(run)) as folder:
        return folder.configuration()


def test_the_examples_of_help_run(call: Caller, here: Path) -> None:
    run_examples(call, "train")
    used = configuration("runs/seven")
    assert (used.network.name, used.recipe.seed) == ("lenet5", 7)
    assert used.data.counts == (270, 30, 60)
    model = load_model("runs/digits-flowers-1/best.safetensors")
    assert model.classes == ("daisy", "roses", "tulips")


def test_the_digits_are_learned(
    call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = trained(call, "digits", "--json").json
    assert found["test_accuracy"] >= 0.98
    assert found["run"] == "runs/digits-digits-1"
    assert found["weights"] == "runs/digits-digits-1/best.safetensors"
    assert load_model(found["weights"]).classes == tuple("0123456789")
    pictures = {"curves.svg", "confusion.svg", "report.html"}
    assert {path.name for path in Path(found["run"]).iterdir()} > {*COMPARED, *pictures}


@pytest.mark.parametrize(
    "more", [(), ("--quiet",), ("--lang", "es"), ("-q", "lang=es")], ids=" ".join
)
def test_the_last_line_is_json_with_the_documented_fields(
    call: Caller, here: Path, more: tuple[str, ...]
) -> None:
    called = trained(call, "digits", *FAST, "--out", "new", "--json", *more)
    assert len(called.out.splitlines()) == 1
    assert set(called.json) == documented_fields("mirada train")
    assert (called.json["schema"], called.json["best_epoch"]) == (1, 1)
    assert 0 < called.json["seconds"] < 60
    is_quiet = bool({"--quiet", "-q"} & set(more))
    assert (called.err == "") == is_quiet


def test_what_is_chosen_is_told_with_the_reason(call: Caller, here: Path) -> None:
    talk = trained(call, "digits", *FAST, "lr=0.01", "--batch", "64").err
    for line in (
        r"network +digits  \(automatic: images of 8 pixels",
        r"epochs +1  \(given\)$",
        r"batch +64  \(given\)$",
        r"learning rate +0.01  \(given\)$",
        r"seed +0  \(default\)$",
        r"epoch 1/1  loss [0-9.]+ .* images/s  best$",
    ):
        assert re.search(f"^{line}", talk, re.MULTILINE), line


def test_the_end_says_what_to_do_next(call: Caller, here: Path) -> None:
    out = trained(call, "digits", *FAST, "--out", "my run").out
    assert re.search(r"Test accuracy: [0-9.]+ % \(\d+ of 359 images held out\)", out)
    assert "mirada predict 'my run' IMAGE" in out
    assert "mirada evaluate 'my run' digits" in out
    assert "'my run/report.html'" in out


def test_real_photos_at_a_size_of_ones_own(call: Caller, tmp_path: Path) -> None:
    data, out = shared_data("flowers"), str(tmp_path / "run")
    called = trained(call, str(data), *FAST, "size=12", "--out", out, "--json")
    model = load_model(called.json["weights"])
    assert model.preprocessing.size == (12, 12)
    assert model.classes[:2] == ("daisy", "dandelion")


def test_a_description_with_its_recipe(call: Caller, here: Path) -> None:
    recipe = Recipe(epochs=2, batch_size=16, seed=5)
    Path("mine.toml").write_text(to_toml(digits((3, 10, 12), 2), recipe))
    called = trained(call, "mine.toml", "photos", "batch=4", "--json")
    used = configuration(called.json["run"]).recipe
    assert (used.epochs, used.batch_size, used.seed) == (2, 4, 5)
    assert "epochs          2  (from the description)" in called.err


def test_the_same_bytes_for_any_number_of_threads(call: Caller, here: Path) -> None:
    names = ("best.safetensors", "last.safetensors", "metrics.jsonl")
    for out, more in (("a", "threads=1"), ("b", "threads=3"), ("c", "seed=1")):
        trained(call, "digits", "--epochs", "2", "--out", out, more)
    assert files(Path("a"), names) == files(Path("b"), names)
    assert files(Path("a"), names) != files(Path("c"), names)


def test_runs_are_numbered(call: Caller, here: Path) -> None:
    names = [trained(call, "photos", *FAST, "--json").json["run"] for _ in range(2)]
    assert names == ["runs/digits-photos-1", "runs/digits-photos-2"]


def test_a_run_that_has_ended_is_not_trained_again(call: Caller, here: Path) -> None:
    before = files(here / "runs" / "example")
    called = trained(call, "--resume", "--out", "runs/example", "--json")
    assert "All its epochs had been trained already." in called.err
    assert "epoch 1/8" not in called.err
    assert files(here / "runs" / "example") == before


def test_early_stopping_says_why(call: Caller, here: Path) -> None:
    words = ("epochs=30", "patience=2", "optimizer=sgd 20", "schedule=constant")
    out = trained(call, "photos", *words).out
    found = re.search(r"Stopped after epoch (\d+): the validation accuracy has", out)
    assert found
    best = int(found[1]) - 2
    assert re.search(rf"improved since epoch {best} \([\d.]+ %\); patience 2\.", out)
    page = Path("runs/digits-photos-1/report.html").read_text("utf-8")
    assert "has not improved since epoch" in page


def test_json_says_why_it_ended(call: Caller, here: Path) -> None:
    words = ("epochs=30", "patience=2", "optimizer=sgd 0", "schedule=constant")
    found = trained(call, "photos", *words, "--validation", "0", "--json").json
    assert found["ended"] == "patience" and found["epochs"] < 30
    assert "the training accuracy has not improved" in found["reason"]
    whole = trained(call, "photos", *FAST, "--json").json
    assert (whole["ended"], whole["epochs"]) == ("epochs", 1)
    assert whole["reason"] == "All 1 epochs are done."


def test_flips_are_of_the_run_and_of_its_answers(call: Caller, here: Path) -> None:
    called = trained(call, "photos", *FAST, "--flips", "--out", "new")
    assert re.search(r"test-time flips +yes  \(given\)", called.err)
    assert "mean of the image's and its mirror image's" in called.err
    model = load_model("new/best.safetensors")
    assert model.flips and model.facts["flips"] is True
    assert json.loads(Path("new/evaluation.json").read_text())["flips"] is True
    words = ("evaluate", "new", "photos", "--json")
    assert call(*words).json["flips"] is True
    assert call(*words, "--no-flips").json["flips"] is False
    plain, turned = (
        call("predict", "new", "photos/dark/000.png", "--json", *more).json
        for more in (("--no-flips",), ())
    )
    assert plain["probability"] != turned["probability"]


def test_what_a_run_is_made_of_is_kept(call: Caller, here: Path) -> None:
    words = ("--smoothing", "0.1", "--class-weights", "1,2", "--validation", "0.2")
    told = trained(call, "photos", *FAST, *words, "--test", "0.3", "--out", "new").err
    assert re.search(r"loss +crossentropy smoothing 0\.1  \(given\)", told), told
    assert re.search(r"class weights +1, 2  \(given\)", told)
    used = configuration("new")
    assert used.recipe.loss.plain()["class_weights"] == [1.0, 2.0]
    assert (used.data.validation, used.data.test) == (0.2, 0.3)
    before = files(Path("new"))
    trained(call, "--resume", "--out", "new")
    assert files(Path("new")) == before


def test_a_split_of_another_run_is_taken(call: Caller, here: Path) -> None:
    trained(call, "photos", *FAST, "--out", "a", "seed=3")
    words = ("--split", "a/split.json", "--out", "b", "seed=9", "epochs=2")
    told = trained(call, "photos", *words).err
    assert re.search(r"division +as a file says  \(given\)", told)
    assert configuration("a").data.split == configuration("b").data.split
    Path("a/split.json").unlink()
    assert call("train", "--resume", "--out", "b").code == 0


def test_a_fold_of_many(call: Caller, here: Path) -> None:
    words = ("--folds", "3", "--fold", "2", "--out", "new")
    told = trained(call, "photos", *FAST, *words).err
    assert re.search(r"division +fold 2 of 3", told)
    assert (configuration("new").data.folds, configuration("new").data.fold) == (3, 1)
    assert call("train", "--resume", "--out", "new").code == 0


def test_images_in_two_parts_are_told(call: Caller, here: Path) -> None:
    for number in range(10):
        copy = Path(f"photos/dark/copy{number}.png")
        copy.write_bytes(Path(f"photos/dark/{number:03}.png").read_bytes())
    told = trained(call, "photos", *FAST).err
    assert "same pixels" in told or "copies" in told or "equal" in told, told


def test_engine_and_augmentation_can_be_chosen(call: Caller, here: Path) -> None:
    called = trained(call, "photos", *FAST, "engine=reference", "--no-augment")
    assert "engine          reference  (given)" in called.err
    assert "augmentation    none  (given)" in called.err


def test_clipping_and_averaging_are_of_the_recipe(call: Caller, here: Path) -> None:
    words = ("--engine", "reference", "--out", "new", "--clip", "0.5", "ema=0.9")
    told = trained(call, "photos", *FAST, *words).err
    assert re.search(r"longest gradient +0\.5  \(given\)", told)
    used = configuration("new").recipe
    assert (used.gradient_clip, used.ema) == (0.5, 0.9)
