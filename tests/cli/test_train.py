"""`mirada train`: what it prints, what it leaves in the folder, how it goes on."""

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
    found = re.search(r"Stopped after epoch (\d+): none of the last 2 was bet", out)
    assert found
    assert f"better than epoch {int(found[1]) - 2}." in out


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
