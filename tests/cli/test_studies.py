"""`mirada train` with `--seeds`, `--folds` and `--learning-curve`, from end to end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mirada.cli.asked import begun, plain_asked
from mirada.cli.study_report import forecast_text, interval_text
from mirada.cli.train_options import TrainOptions
from mirada.errors import FileError
from mirada.network import SGD, Cosine
from mirada.training.interval import interval
from mirada.training.learning import Measured, learn
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.refusal import refuses

TRAIN = ("train", "photos", "--epochs", "1", "--threads", "1")
CURVE = (
    *("train", "digits", "--epochs", "1", "--batch", "64", "--learning-curve"),
    *("--test", "0.5", "--validation", "0.2", "--seeds", "2"),
)


@pytest.fixture(autouse=True)
def _here(here: Path) -> None:
    """In a folder with images."""


def test_seeds(call: Caller) -> None:
    called = call(*TRAIN, "--seeds", "2", "--out", "two", "--seed", "4", "--json")
    assert called.code == 0
    found = called.json
    assert (found["kind"], found["study"]) == ("seeds", "two")
    assert [run["seed"] for run in found["runs"]] == [4, 5]
    accuracies = [run["test_accuracy"] for run in found["runs"]]
    assert found["test_accuracy"]["mean"] == pytest.approx(sum(accuracies) / 2)
    assert set(found["recall"]) == {"dark", "light"}
    assert sum(map(sum, found["confusion"])) == 8
    for name in ("seed-4", "seed-5"):
        assert (Path("two") / name / "report.html").is_file()
    assert Path("two/confusion.svg").read_text().startswith("<svg")
    plain = json.loads(Path("two/study.json").read_text())
    assert plain["asked"]["options"] == {"epochs": 1, "seeds": 2, "seed": 4}
    assert plain["runs"] == found["runs"] and "seconds" not in plain


def test_a_run_of_a_study_is_the_run_that_it_would_be_alone(call: Caller) -> None:
    assert call(*TRAIN, "--seeds", "2", "--out", "two").code == 0
    assert call(*TRAIN, "--seed", "1", "--out", "alone").code == 0
    for name in ("best.safetensors", "metrics.jsonl", "evaluation.json"):
        alone = (Path("alone") / name).read_bytes()
        assert (Path("two/seed-1") / name).read_bytes() == alone


def test_a_table_and_a_sentence(call: Caller) -> None:
    called = call(*TRAIN, "--seeds", "2")
    lines = called.out.splitlines()
    assert lines[0].split() == ["Run", "Seed", "Images", "Validation", "Test"]
    assert lines[1].startswith("seed-0") and lines[2].startswith("seed-1")
    assert "Mean test accuracy of 2 runs: " in called.out
    assert "95 % interval from" in called.out
    assert "runs/digits-photos-seeds-1/confusion.svg" in called.out
    assert "2 of 2 runs have ended." in called.err
    spanish = call(*TRAIN, "--seeds", "2", "--lang", "es")
    assert "Mean test accuracy" not in spanish.out


def test_folds_test_every_image_once(call: Caller) -> None:
    called = call(*TRAIN, "--folds", "3", "--json")
    found = called.json
    assert [run["fold"] for run in found["runs"]] == [1, 2, 3]
    assert sum(map(sum, found["confusion"])) == 20
    assert "All folds together: " in call(*TRAIN, "--folds", "3").out


def test_a_learning_curve(call: Caller) -> None:
    called = call(*CURVE, "--out", "curve", "--json")
    found = called.json
    assert found["kind"] == "learning-curve"
    images = [point["images"] for point in found["points"]]
    assert images == sorted(images) and len(images) == 3
    assert [point["count"] for point in found["points"]] == [2, 2, 2]
    assert found["verdict"] in ("expect", "flat", "unclear")
    assert found["forecast"]["images"] == 2 * images[-1]
    assert Path("curve/learning.svg").read_text().startswith("<svg")
    again = call("train", "--resume", "--out", "curve")
    assert again.code == 0 and "Training" not in again.err
    assert f"{images[-1]} more images" in again.out


def test_too_few_images_for_a_curve_are_told(call: Caller) -> None:
    called = call(*TRAIN, "--learning-curve")
    assert "Too few sizes to say what more images would bring" in called.out


def test_it_goes_on_with_what_it_was_begun_with(call: Caller) -> None:
    words = (*TRAIN, "--seeds", "2", "--optimizer", "sgd 0.1 momentum 0.5")
    assert call(*words, "--out", "two", "--json").code == 0
    before = Path("two/study.json").read_bytes()
    Path("two/seed-1/evaluation.json").unlink()
    called = call("train", "--resume", "--out", "two", "--json")
    assert called.code == 0 and "Going on with seed-1." in called.err
    assert Path("two/study.json").read_bytes() == before
    assert call(*words, "--out", "two", "--resume", "--json").code == 0


def test_what_differs_or_is_taken_is_refused(call: Caller) -> None:
    assert call(*TRAIN, "--seeds", "2", "--out", "two").code == 0
    words = (*TRAIN, "--out", "two", "--seeds")
    refused(call, *words, "2", code="study-taken", exit_code=4)
    told = refused(call, *words, "3", "--resume", code="study-differs", exit_code=4)
    assert '"seeds": 2' in told.english
    refused(call, "tune", "--resume", "--out", "two", code="study-verb", exit_code=2)
    words = (*TRAIN, "--folds", "3", "--learning-curve")
    told = refused(call, *words, code="curve-of-folds", exit_code=2)
    assert "--fold" in told.english
    refused(
        call,
        *TRAIN,
        "--seeds",
        "2",
        "--test",
        "0",
        code="study-without-test",
        exit_code=4,
    )


def test_time_is_for_all_runs_and_measured_once(call: Caller) -> None:
    words = ("train", "photos", "--seeds", "2", "--time", "1.5s", "--out", "two")
    called = call(*words, "--json")
    assert called.code == 0, called.err
    assert "Each of the 2 runs gets " in called.err
    plain = json.loads(Path("two/study.json").read_text())
    assert plain["asked"]["options"]["epochs"] >= 1
    assert "time" not in plain["asked"]["options"]
    again = call(*words, "--resume", "--json")
    assert again.code == 0 and "Each of the 2" not in again.err


def test_a_signal_saves_and_says_how_to_go_on(call: Caller, here: Path) -> None:
    """SIGTERM, then kill -9, then to the end: the same as never stopped."""
    words = ("train", "digits", "--epochs", "4", "--seeds", "2", "--threads", "1")
    first = _started(*words, "--out", "stopped")
    _await(here / "stopped" / "seed-0" / "metrics.jsonl", first)
    first.send_signal(signal.SIGTERM)
    _, err = first.communicate(timeout=60)
    assert first.returncode == 143
    assert "Go on with: mirada train --resume --out stopped" in err
    second = _started("train", "--resume", "--out", "stopped")
    _await(here / "stopped" / "seed-1" / "metrics.jsonl", second)
    second.kill()
    second.communicate(timeout=60)
    assert call("train", "--resume", "--out", "stopped").code == 0
    assert call(*words, "--out", "whole").code == 0
    one, other = ((here / n / "study.json").read_text() for n in ("stopped", "whole"))
    assert one.replace('"stopped/', '"whole/') == other
    for seed in ("seed-0", "seed-1"):
        for name in ("best.safetensors", "last.safetensors", "metrics.jsonl"):
            wanted = (here / "whole" / seed / name).read_bytes()
            assert (here / "stopped" / seed / name).read_bytes() == wanted


def _started(*words: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "MIRADA_LANG": "en"}
    command = [sys.executable, "-m", "mirada", *words]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def _await(path: Path, process: "subprocess.Popen[str]") -> None:
    """Waits until an epoch has been written there."""
    for _ in range(1200):
        if path.is_file() and b'"epoch"' in path.read_bytes():
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    process.kill()
    raise AssertionError(process.communicate(timeout=60)[1])


def test_what_was_asked_comes_back(tmp_path: Path) -> None:
    options = TrainOptions(
        epochs=3,
        seeds=2,
        optimizer=SGD(0.1, momentum=0.5),
        schedule=Cosine(),
        class_weights=(1.0, 2.0),
        threads=2,
    )
    plain = plain_asked("seeds", "lenet5", "mnist", options)
    assert "threads" not in plain["options"]
    (tmp_path / "study.json").write_text(json.dumps({"asked": plain}))
    found = begun(tmp_path, TrainOptions(threads=1))
    assert (found.network, found.source) == ("lenet5", "mnist")
    assert found.options == TrainOptions(**{**vars(options), "threads": 1})
    (tmp_path / "study.json").write_text(json.dumps({"asked": {"kind": "seeds"}}))
    with refuses(FileError, "study-file", "cannot be read", "the whole command again"):
        begun(tmp_path, TrainOptions())


def test_intervals_in_words() -> None:
    assert interval_text(None) == "-"
    assert interval_text(interval([0.5])).startswith("50.0 % (one measurement")
    text = interval_text(interval([0.90, 0.92, 0.94]))
    assert text == "92.0 % (95 % interval from 87.0 % to 97.0 %)"


def test_forecasts_in_words() -> None:
    sizes = (100, 200, 400, 800)
    steep = [Measured(n, 0.98 - 2 / n**0.5) for n in sizes] * 2
    text = forecast_text(learn(steep, 5000))
    assert text.startswith("With 800 more images of the same kind expect about 93")
    assert "(between 9" in text and "now it is about 90." in text
    flat = forecast_text(learn([Measured(n, 0.9) for n in sizes] * 2, 5000))
    assert flat.startswith("The curve is flat: with 800 more images")
    wild = zip(sizes * 2, (0.2, 0.7, 0.5, 0.3, 0.8, 0.4, 0.9, 0.3), strict=True)
    unclear = forecast_text(learn([Measured(*row) for row in wild], 50))
    assert unclear.startswith("The runs differ too much") and "--seeds" in unclear
