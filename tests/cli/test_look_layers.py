"""`mirada look RUN --image X`: the answer, every layer, shifts, a page."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mirada.inspection.shift import shifted
from mirada.tasks.image_look import look_at
from mirada.tasks.subject import Subject
from mirada.training import load_model, save_model
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import documented_fields
from tests.cli.stage import digit

RUN = "runs/example"
IMAGE = "mirada look RUN --image X [--layer L] --json"
LOOK = ("look", RUN, "--image", "image.png")


def test_the_answer_is_that_of_predict(call: Caller, here: Path) -> None:
    found = call(*LOOK, "--json").json
    answer = call("predict", RUN, "image.png", "--json").json
    assert set(answer) <= set(found)
    for name, value in answer.items():
        if name != "probabilities":
            assert found[name] == pytest.approx(value, abs=2e-5)
    assert found["probabilities"] == pytest.approx(answer["probabilities"], abs=2e-5)


def test_the_interface(call: Caller, here: Path) -> None:
    found = call(*LOOK, "--json").json
    assert set(found) == documented_fields(IMAGE)
    wanted = documented_fields(IMAGE, "layers")
    assert all(set(layer) == wanted - {"maps"} for layer in found["layers"])
    model = load_model(here / RUN / "best.safetensors")
    shapes = {name: list(shape) for name, shape in model.network.shapes.items()}
    assert {row["layer"]: row["shape"] for row in found["layers"]} == shapes
    relu = next(row for row in found["layers"] if row["layer"] == "relu1")
    assert relu["least"] == 0 and 0 < relu["zeros"] < 1 and relu["kind"] == "relu"
    assert Path(found["written"]).is_file()


def test_shifts_are_the_answers_for_moved_images(call: Caller, here: Path) -> None:
    Image.fromarray(digit(0)).save(here / "small.png")
    found = call("look", RUN, "--image", "small.png", "--json").json["shift"]
    assert [(row["pixels"], row["direction"]) for row in found[:5]] == [
        (1, "up"),
        (1, "down"),
        (1, "left"),
        (1, "right"),
        (2, "up"),
    ]
    assert len(found) == 16
    model = load_model(here / RUN / "best.safetensors")
    pixels = digit(0)[None, None]
    for row, move in ((found[0], (-1, 0)), (found[15], (0, 4))):
        moved = shifted(pixels, *move)[0, 0][None, :, :, None]
        shares = model.predict(moved)[0]
        assert row["label"] == model.classes[shares.argmax()]
        assert row["probability"] == pytest.approx(shares.max(), abs=1e-4)
        assert row["layers"][0] == {
            "layer": "input",
            "change": pytest.approx(row["layers"][0]["change"]),
            "error": 0.0,
        }


def test_mirror_images_count_where_the_run_did_so(here: Path) -> None:
    model = load_model(here / RUN / "best.safetensors")
    turning = dataclasses.replace(model, facts={**model.facts, "flips": True})
    save_model(here / "turning.safetensors", turning)
    Image.fromarray(digit(3)).save("three.png")
    subject = Subject("turning.safetensors")
    look = look_at(subject, subject.picture("three.png"), None)
    pixels = digit(3)[None, None]
    np.testing.assert_allclose(
        look.shares, turning.predict(pixels.transpose(0, 2, 3, 1))[0], atol=1e-5
    )
    left = next(m for m in look.moved if m.shift[:2] == (2, "left"))
    moved = shifted(pixels, 0, -2).transpose(0, 2, 3, 1)
    np.testing.assert_allclose(left.shares, turning.predict(moved)[0], atol=1e-5)


def test_the_text_in_both_languages(call: Caller, here: Path) -> None:
    called = call(*LOOK)
    lines = called.out.splitlines()
    assert lines[0] == "image.png" and lines[2].split() == ["Class", "Probability"]
    assert any(line.split()[:3] == ["conv1", "conv", "32"] for line in lines)
    assert "Written: runs/example/look/image.html" in lines
    assert "--layer conv1 --at 0 4 4" in called.err and "--cam grad-cam" in called.err
    spanish = call(*LOOK, "--lang", "es").out
    assert "Capa" in spanish and "hacia arriba" in spanish and "píxeles" in spanish


def test_one_layer_map_by_map(call: Caller, here: Path) -> None:
    called = call(*LOOK, "--layer", "conv1")
    assert "conv1: 32x8x8, strongest: " in called.out
    assert "relu2" not in called.out
    assert (here / RUN / "look" / "image-conv1.html").is_file()
    (layer,) = call(*LOOK, "--layer", "conv1", "--json").json["layers"]
    assert set(layer) == documented_fields(IMAGE, "layers")
    assert len(layer["maps"]) == 32
    means = [numbers["mean"] for numbers in layer["maps"]]
    assert layer["strongest"] == int(np.argmax(means))
    vector = call(*LOOK, "--layer", "linear1").out
    assert "The first 64 of 128." in vector
    assert call(*LOOK, "--layer", "input").code == 0


def test_the_page_needs_nothing_else(call: Caller, here: Path) -> None:
    call(*LOOK, "--out", "pages", "--lang", "es")
    text = (here / "pages" / "image.html").read_text("utf-8")
    assert "Content-Security-Policy" in text and 'lang="es"' in text
    assert "<script" not in text and "style=" not in text
    assert text.count('id="layer-') == 11
    assert not (here / RUN / "look").exists()


def test_the_same_bytes_again(call: Caller, here: Path) -> None:
    pages = []
    for folder in ("one", "two"):
        call(*LOOK, "--out", folder)
        pages.append((here / folder / "image.html").read_bytes())
    assert pages[0] == pages[1]


def test_a_network_that_ends_in_softmax_and_has_no_convolution(
    call: Caller, here: Path
) -> None:
    (here / "plain.toml").write_text(
        'input = "1x8x8"\nlayers = ["flatten", "linear 10", "softmax"]\n'
    )
    words = ("train", "plain.toml", "digits", "--epochs", "1", "--out", "plain")
    assert call("--quiet", *words).code == 0
    found = call("look", "plain", "--image", "image.png", "--json").json
    assert sum(found["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    assert [row["layer"] for row in found["layers"]][1:] == [
        "flatten1",
        "linear1",
        "softmax1",
    ]
    for layer in ("linear1", "flatten1"):
        assert call("look", "plain", "--layer", layer, "--json").code == 0


def test_a_name_that_is_long_or_strange(call: Caller, here: Path) -> None:
    for name in ("x" * 200 + ".png", "línea <b>.png"):
        Image.fromarray(digit(1)).save(here / name)
        written = call("look", RUN, "--image", name, "--json").json["written"]
        assert Path(written).is_file() and len(Path(written).name) < 100
        assert "<b>" not in Path(written).read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("look", "photos", "--image", "image.png"), "run-without-weights", 3),
        (("look", RUN, "--image", "nowhere.png"), "file-missing", 3),
        (("look", RUN, "--image", "mnist"), "file-not-plain", 3),
        ((*LOOK, "--layer", "conv9"), "layer-unknown", 2),
        ((*LOOK, "--out", "image.png"), "cannot-make-report", 5),
    ],
)
def test_what_is_wrong_is_refused(
    call: Caller, here: Path, words: tuple[str, ...], code: str, exit_code: int
) -> None:
    called = call(*words, "--json")
    assert (called.code, called.json["error"]["code"]) == (exit_code, code)
    assert not (here / RUN / "look").exists()


def test_an_unknown_layer_is_told_what_is_near(call: Caller, here: Path) -> None:
    words: Any = (*LOOK, "--layer", "conv11")
    told = refused(call, *words, code="layer-unknown", exit_code=2)
    assert "Did you mean conv1" in told.english
