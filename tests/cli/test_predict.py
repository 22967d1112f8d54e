"""`mirada predict`: images, folders and patterns; what cannot be read; model files."""

import json
import os
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

from mirada.data import load
from mirada.training import load_model
from tests.cli.bilingual import refused
from tests.cli.calling import Called, Caller
from tests.cli.documented import documented_fields, run_examples
from tests.cli.stage import digit
from tests.shared import shared_data

RUN = "runs/example"


def objects(called: Called) -> list[dict[str, Any]]:
    """The JSON objects of stdout, one a line."""
    return [json.loads(line) for line in called.out.splitlines()]


def digits_folder(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        Image.fromarray(digit(number)).save(folder / f"{number}.png")
    return folder


def test_every_example_of_help_runs(call: Caller, here: Path) -> None:
    run_examples(call, "predict")


def test_an_image_is_answered(call: Caller, here: Path) -> None:
    called = call("predict", RUN, "image.png")
    assert called.code == 0
    heading, row = called.out.splitlines()
    assert heading.split() == ["Image", "Class", "Probability"]
    name, label, share, percent = row.split()
    assert (name, label, percent) == ("image.png", "0", "%")
    assert 50 < float(share) <= 100


@pytest.mark.parametrize("more", [(), ("-q",), ("--lang", "es")], ids=" ".join)
def test_one_object_an_image(call: Caller, here: Path, more: tuple[str, ...]) -> None:
    digits_folder(here / "some", 3)
    called = call("predict", RUN, "some", "image.png", "--json", *more)
    found = objects(called)
    assert [item["image"] for item in found] == [
        *(f"some/{number}.png" for number in range(3)),
        "image.png",
    ]
    for item in found:
        assert set(item) == documented_fields("mirada predict")
        shares = item["probabilities"]
        assert list(shares.values()) == sorted(shares.values(), reverse=True)
        assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
        assert (item["label"], item["probability"]) == next(iter(shares.items()))


def test_the_answer_is_that_of_the_model(call: Caller, here: Path) -> None:
    digits_folder(here / "some", 20)
    found = objects(call("predict", RUN, "some/*.png", "--json"))
    model = load_model(here / RUN / "best.safetensors")
    answers = model.predict(load("digits").images[:20])
    by_name = {Path(item["image"]).stem: item["probabilities"] for item in found}
    for number, row in enumerate(answers):
        shown = [by_name[str(number)][name] for name in model.classes]
        np.testing.assert_allclose(shown, row, atol=1e-5)


def test_a_file_of_weights_and_both_engines(call: Caller, here: Path) -> None:
    weights = f"{RUN}/last.safetensors"
    native = objects(call("predict", weights, "image.png", "--json"))
    plain = objects(call("predict", weights, "image.png", "--json", "engine=reference"))
    assert native[0]["label"] == plain[0]["label"]
    assert native[0]["probability"] == pytest.approx(plain[0]["probability"], abs=1e-4)


def test_the_likeliest_classes(call: Caller, here: Path) -> None:
    lines = call("predict", RUN, "image.png", "--top", "3").out.splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("image.png") and lines[2].startswith("   ")
    assert len(call("predict", RUN, "image.png", "top=99").out.splitlines()) == 11


def test_an_image_of_another_size_is_fitted_and_told(call: Caller, here: Path) -> None:
    Image.new("RGB", (50, 40), "white").save("wide.jpg")
    called = call("predict", RUN, "wide.jpg")
    assert called.code == 0
    words = "wide.jpg: 40x50 pixels, brought to the 8x8 of training (height x width).\n"
    assert called.err == words
    spanish = call("predict", RUN, "wide.jpg", "--lang", "es").err
    assert "wide.jpg: 40x50 píxeles" in spanish and "8x8 del entrenamiento" in spanish


def test_a_broken_image_among_good_ones(call: Caller, here: Path) -> None:
    some = digits_folder(here / "some", 3)
    (some / "1.png").write_bytes((some / "1.png").read_bytes()[:40])
    (some / ".hidden").touch()
    called = call("--quiet", "predict", RUN, "some")
    assert called.code == 3
    assert called.err.count("\n") == 1
    assert called.err.startswith("Error [") and "'some/1.png'" in called.err
    assert [line.split()[0] for line in called.out.splitlines()[1:]] == [
        "some/0.png",
        "some/2.png",
    ]
    broken = objects(call("predict", RUN, "some", "--json"))[1]
    assert set(broken) == {"schema", "image", "error"}
    assert set(broken["error"]) == {"code", "message"}
    spanish = objects(call("predict", RUN, "some", "--json", "--lang", "es"))[1]
    assert spanish["error"]["code"] == broken["error"]["code"]
    assert spanish["error"]["message"] != broken["error"]["message"]


def test_a_missing_image_does_not_hide_the_others(call: Caller, here: Path) -> None:
    called = call("predict", RUN, "nowhere.png", "image.png")
    assert called.code == 3
    assert "Error [file-missing]: 'nowhere.png' does not exist" in called.err
    assert "image.png" in called.out


@pytest.mark.parametrize("word", ["*.tiff", "hollow"])
def test_what_names_no_file_is_refused(call: Caller, here: Path, word: str) -> None:
    (here / "hollow" / "deep").mkdir(parents=True)
    told = refused(call, "predict", RUN, word, code="predict-no-files", exit_code=3)
    assert f"'{word}' names no file" in told.english
    assert f"'{word}' no nombra" in told.spanish


def test_names_are_text(call: Caller, here: Path) -> None:
    names = ["[b]bold.png", "-dash.png", "a=b.png", "línea\n2.png", "<script>.png"]
    for name in names:
        Image.fromarray(digit(0)).save(here / name)
    called = call("predict", RUN, "--", *names)
    assert called.code == 0
    assert called.out.count("\n") == len(names) + 1
    for shown in ("[b]bold.png", "-dash.png", "a=b.png", "<script>.png"):
        assert f"\n{shown} " in called.out


def test_a_name_that_is_no_utf8(call: Caller, here: Path) -> None:
    folder = os.fsencode(here / "some")
    os.mkdir(folder)
    try:
        path = os.path.join(folder, b"caf\xe9.png")
        with open(path, "wb") as stream:
            stream.write((here / "image.png").read_bytes())
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    called = call("predict", RUN, "some", "--json")
    assert called.code == 0
    assert called.json["image"].startswith("some/caf")


def test_tricky_images_are_answered_or_named(call: Caller, here: Path) -> None:
    """Every file of a folder of awkward images gets one line, whatever it holds."""
    folder = shared_data("tricky-images")
    wanted = [path for path in folder.rglob("*") if path.is_file()]
    called = call("--quiet", "predict", RUN, str(folder), "--json")
    found = objects(called)
    assert called.code == 3
    assert len(found) == len(wanted)
    answered = [item for item in found if "label" in item]
    assert len(answered) > 270
    assert all(item["error"]["code"] for item in found if "label" not in item)
    assert "unexpected" not in called.err


def cut(content: bytes) -> bytes:
    return content[:-1000]


def flipped(content: bytes) -> bytes:
    return content[:-5] + bytes([content[-5] ^ 4]) + content[-4:]


def pickled(content: bytes) -> bytes:
    return pickle.dumps({"weights": [1.0, 2.0]})


def nothing(content: bytes) -> bytes:
    return b""


def boasting(content: bytes) -> bytes:
    return struct.pack("<Q", 2**60) + content[8:]


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        (cut, "tensors-truncated", "it was cut short"),
        (flipped, "tensors-digest", "'model.safetensors' is damaged"),
        (pickled, "tensors-foreign", "is not a safetensors file"),
        (nothing, "tensors-foreign", "best.safetensors"),
        (boasting, "tensors-foreign", "is not a safetensors file"),
    ],
)
def test_a_model_file_that_cannot_be_used(
    call: Caller, here: Path, changed: Callable[[bytes], bytes], code: str, words: str
) -> None:
    whole = (here / RUN / "best.safetensors").read_bytes()
    Path("model.safetensors").write_bytes(changed(whole))
    called = ("predict", "model.safetensors", "image.png")
    told = refused(call, *called, code=code, exit_code=3)
    assert "'model.safetensors'" in told.english and words in told.english


def test_a_model_of_another_program(call: Caller, here: Path) -> None:
    save_file({"conv.weight": np.ones((2, 2), np.float32)}, "other.safetensors")
    words = ("predict", "other.safetensors", "image.png")
    told = refused(call, *words, code="tensors-not-ours", exit_code=3)
    assert "mirada did not write it" in told.english


def test_a_checkpoint_is_no_model(call: Caller, here: Path) -> None:
    path = next(Path(RUN).glob("ckpt-*"))
    words = ("predict", str(path), "image.png")
    told = refused(call, *words, code="model-kind", exit_code=3)
    assert "is a 'mirada checkpoint', not a 'mirada model'" in told.english


@pytest.mark.parametrize(
    ("run", "code"),
    [("runs", "run-without-weights"), ("nowhere", "file-missing")],
)
def test_a_run_without_weights(call: Caller, here: Path, run: str, code: str) -> None:
    told = refused(call, "predict", run, "image.png", code=code, exit_code=3)
    assert f"'{run}'" in told.english


def test_usage(call: Caller, here: Path) -> None:
    assert call("predict", RUN).code == 2
    refused(
        call,
        "predict",
        RUN,
        "image.png",
        "--top",
        "0",
        code="whole-option",
        exit_code=2,
    )
