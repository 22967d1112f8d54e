"""`mirada look`: what may be asked together, and what names nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from mirada.cli import look
from mirada.cli.look import command
from mirada.errors import UsageError
from mirada.tasks.subject import Subject
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import run_examples

RUN = "runs/example"


def test_examples(call: Caller, here: Path) -> None:
    run_examples(call, "look")


@pytest.mark.parametrize(
    ("words", "code", "english"),
    [
        ("--at 1 2 3", "look-at-what", "add --image and --layer"),
        ("--layer conv1 --at 1 2 3", "look-at-what", "one output of one layer"),
        ("--image image.png --at 1 2 3", "look-at-what", "one output of one layer"),
        ("--cam rise", "look-cam-what", "add --image"),
        (
            "--image image.png --layer conv1 --cam all --at 0 0 0",
            "look-at-or-cam",
            "ask for one of them",
        ),
        ("--image image.png --class 3", "look-class-what", "add --cam"),
        ("--image image.png --layer conv1 --at x", "place-option", "got 'x'"),
        ("--image image.png --layer conv1 --at 3,-1,0", "place-option", "'3,-1,0'"),
        ("--image image.png --layer conv1 --at -1 0 0", "place-option", "got '-1'"),
        ("--image image.png --layer conv1 at=1,2,3,4", "place-option", "'1,2,3,4'"),
        (
            "--image image.png --layer conv1 --at 1234567890",
            "place-option",
            "--at 3 10",
        ),
        ("--layer convv1", "layer-unknown", "Did you mean conv1"),
        ("--layer ?", "layer-unknown", "Its layers: input, conv1"),
        (
            "--image image.png --cam all --class 12",
            "class-unknown",
            "Its classes: 0, 1",
        ),
    ],
)
def test_what_cannot_be_asked(
    call: Caller, here: Path, words: str, code: str, english: str
) -> None:
    told = refused(call, "look", RUN, *words.split(), code=code, exit_code=2)
    assert english in told.english
    assert set((here / RUN).glob("look*")) == set()


def test_a_method_that_is_none(call: Caller, here: Path) -> None:
    called = call("look", RUN, "--image", "image.png", "--cam", "eyes", "--json")
    assert called.code == 2
    assert "'grad-cam++'" in called.json["error"]["message"]


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["--at", "3", "10", "12"], (3, 10, 12)),
        (["--at", "3,10,12"], (3, 10, 12)),
        (["--at=3,10,12"], (3, 10, 12)),
        (["at=3,10,12"], (3, 10, 12)),
        (["--at", "3"], (3,)),
        (["--at", "3", "4", "--json"], (3, 4)),
    ],
)
def test_a_place_is_up_to_three_words(words: list[str], place: tuple[int, ...]) -> None:
    asked = ["run", "--image", "a.png", "--layer", "c", *words]
    context = command.make_context("look", asked)
    assert context.params["at"] == place
    assert context.params["run"] == "run"


def test_a_run_may_come_after_the_place() -> None:
    asked = ["--layer", "c", "--at", "1", "2", "3", "run", "--image", "a.png"]
    assert command.make_context("look", asked).params["run"] == "run"


@pytest.mark.parametrize(
    ("words", "view", "given"),
    [
        ("--image image.png --layer conv1 --at 0 1 2", "look_element", ("conv1",)),
        ("--image image.png --cam rise --class 3", "look_why", ("rise", None, 3)),
        (
            "--image image.png --cam all --layer conv1",
            "look_why",
            ("all", "conv1", None),
        ),
        ("--image image.png", "look_layers", (None,)),
        ("--image image.png --layer input", "look_layers", ("input",)),
        ("--layer conv1 --data digits", "look_learned", ("conv1", "digits")),
        ("--data digits", "look_run", ("digits", None)),
    ],
)
def test_what_is_asked_decides_the_view(
    call: Caller,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    view: str,
    given: tuple[object, ...],
) -> None:
    shown: list[tuple[str, tuple[object, ...]]] = []

    class View:
        def __init__(self, name: str) -> None:
            self.name = name

        def show(self, subject: object, *told: object, as_json: bool) -> None:
            first = 1 if type(told[0]).__name__ == "Picture" else 0
            shown.append((self.name, told[first:]))

    monkeypatch.setattr(look, "_view", View)
    assert call("look", RUN, *words.split()).code == 0
    ((name, told),) = shown
    assert name == view
    assert told[: len(given)] == given


def test_a_run_without_weights(call: Caller, here: Path) -> None:
    told = refused(call, "look", "runs", code="run-without-weights", exit_code=3)
    assert "'runs' holds no weights" in told.english
    (here / "other").mkdir()
    refused(call, "look", "other", code="run-without-weights", exit_code=3)
    refused(call, "look", "nowhere", code="file-missing", exit_code=3)


@pytest.mark.parametrize(
    ("image", "code"),
    [("nowhere.png", "file-missing"), ("broken.png", "image-unknown-format")],
)
def test_an_image_that_cannot_be_read(
    call: Caller, here: Path, image: str, code: str
) -> None:
    (here / "broken.png").write_text("no image")
    told = refused(call, "look", RUN, "--image", image, code=code, exit_code=3)
    assert f"'{image}'" in told.english
    assert not (here / RUN / "look").exists()


def test_weights_alone_need_data(call: Caller, here: Path) -> None:
    weights = here / "alone" / "w.safetensors"
    weights.parent.mkdir()
    weights.write_bytes((here / RUN / "best.safetensors").read_bytes())
    words = ("look", "alone/w.safetensors")
    told = refused(call, *words, code="look-without-data", exit_code=2)
    assert "Nothing beside 'alone/w.safetensors' says" in told.english
    assert list(weights.parent.iterdir()) == [weights]


def test_data_that_have_gone(call: Caller, here: Path) -> None:
    (here / "photos").rename(here / "moved")
    told = refused(call, "look", "models/photos", code="look-data-gone", exit_code=3)
    assert "was trained on 'photos', which is not here" in told.english
    told = refused(
        *(call, "look", "models/photos", "--data", "nowhere"),
        code="source-missing",
        exit_code=3,
    )
    assert "'nowhere' does not exist" in told.english


def test_data_of_other_classes(call: Caller, here: Path) -> None:
    told = refused(
        call, "look", RUN, "--data", "photos", code="classes-unknown", exit_code=3
    )
    assert "the model knows only '0', '1'" in told.english


def test_a_configuration_that_is_damaged(call: Caller, here: Path) -> None:
    path = here / RUN / "configuration.json"
    values: dict[str, Any] = json.loads(path.read_text())
    del values["network"]
    path.write_text(json.dumps(values))
    called = call("look", RUN, "--json")
    assert called.code in (3, 4)
    assert "configuration.json" in called.json["error"]["message"]


def test_a_place_may_be_given_as_numbers() -> None:
    assert look.PlaceType().convert((1, 2, 3), None, None) == (1, 2, 3)
    with pytest.raises(UsageError):
        look.PlaceType().convert("", None, None)


def test_a_file_in_place_of_the_folder_is_refused_before_anything_is_computed(
    call: Caller, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Subject, "images", None)
    (here / "taken").write_text("mine")
    for out in ("taken", "taken/deeper"):
        words = ("look", "runs/example", "--out", out)
        told = refused(call, *words, code="cannot-make-report", exit_code=5)
        assert f"'{out}'" in told.english
    assert (here / "taken").read_text() == "mine"
