"""What the room Look answers: the numbers of `mirada look`, and plain refusals."""

import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mirada.cli import main
from mirada.errors import DataError, FileError, MiradaError, UsageError
from mirada.inspection import METHODS
from mirada.lab.asked import Asked, Content, Events
from mirada.lab.lab import Lab
from mirada.lab.look import WORK
from mirada.tasks.subject import Subject
from mirada.training.record import BEST, LAST
from tests.cli.calling import Caller
from tests.cli.conftest import call, stage
from tests.cli.stage import copied
from tests.refusal import refuses

__all__ = ["call", "stage"]

DOES = {work.path: work.does for work in WORK}


class Room:
    """The room as its page uses it, without a server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lab = Lab(folder)

    def __call__(self, name: str, **value: Any) -> Any:
        return self.answer(name, Asked(value=value))

    def answer(self, name: str, asked: Asked) -> Any:
        """What is answered; of events, all of them."""
        found = DOES[f"/api/look/{name}"](self.lab, asked)
        if not isinstance(found, Events):
            return found
        assert isinstance(found.source, Iterator)
        return list(found.source)

    def sent(self, content: bytes, run: str = "example", name: str = "x.png") -> Any:
        """The look at an image file."""
        asked = Asked(query={"run": run, "name": name}, content=content)
        return self.answer("sent", asked)

    def events(self, name: str, kind: str, **value: Any) -> list[Any]:
        """The values of the events of a kind."""
        return [values for one, values in self(name, **value) if one == kind]


@pytest.fixture(scope="module")
def room(stage: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    folder = copied(stage, tmp_path_factory.mktemp("look"))
    shutil.copytree(folder / "runs" / "example", folder / "runs" / "twin")
    found = Room(folder)
    yield found
    found.lab.close()


@pytest.fixture(scope="module")
def key(room: Room) -> str:
    """The stage's image, shown to the run."""
    return str(room.sent((room.folder / "image.png").read_bytes())["image"])


def asked_of_cli(
    call: Caller, monkeypatch: pytest.MonkeyPatch, room: Room, *words: str
) -> Any:
    monkeypatch.chdir(room.folder)
    return call("look", "runs/example", "--image", "image.png", *words, "--json").json


def test_the_runs_are_listed_and_a_network_is_told(room: Room) -> None:
    found = {run["run"]: run for run in room("runs")["runs"]}
    assert set(found) == {"example", "twin"}
    assert found["example"]["has_weights"] and found["example"]["accuracy"] > 0.9
    told = room("network", run="example")
    assert [layer["layer"] for layer in told["layers"]][:3] == [
        "input",
        "conv1",
        "relu1",
    ]
    assert [item["method"] for item in told["methods"]] == [*METHODS]
    assert told["cam_layer"] in told["cam_layers"]


def test_a_look_is_that_of_the_command_line(
    room: Room, key: str, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = room("image", run="example", image=key)
    theirs = asked_of_cli(call, monkeypatch, room)
    assert {n: round(p, 6) for n, p in look["answers"]} == theirs["probabilities"]
    names = ("layer", "least", "mean", "largest", "zeros", "strongest")
    for own, other in zip(look["layers"], theirs["layers"], strict=True):
        assert own == {name: other[name] for name in names}


PLACES = {
    "input": [0, 4, 5],
    "conv1": [3, 0, 0],
    "relu1": [3, 2, 2],
    "conv2": [5, 4, 4],
    "maxpool1": [7, 1, 2],
    "flatten1": [100],
    "dropout1": [100],
    "linear1": [12],
    "linear2": [3],
}


@pytest.mark.parametrize(("layer", "place"), PLACES.items())
def test_a_number_is_that_of_the_command_line(
    room: Room,
    key: str,
    call: Caller,
    monkeypatch: pytest.MonkeyPatch,
    layer: str,
    place: list[int],
) -> None:
    own = room("element", run="example", image=key, layer=layer, place=place)
    at = ["--at", *map(str, place)]
    theirs = asked_of_cli(call, monkeypatch, room, "--layer", layer, *at)
    del theirs["image"]
    assert own == {**own, **theirs}
    assert own["computed"] == pytest.approx(own["value"], abs=1e-4)
    json.dumps(own, allow_nan=False)


def test_maps_are_the_numbers_that_arithmetic_ends_in(room: Room, key: str) -> None:
    layers = [["input", 1], ["conv2", 5], ["linear2", 10]]
    found = room("maps", run="example", image=key, layers=layers)
    assert isinstance(found, Content)
    numbers = np.frombuffer(found.content, "<f4")
    assert len(numbers) == 64 + 5 * 64 + 10
    element = room("element", run="example", image=key, layer="conv2", place=[4, 3, 2])
    assert numbers[64 + 4 * 64 + 3 * 8 + 2] == np.float32(element["computed"])


def test_walking_back_ends_at_a_pixel(room: Room, key: str) -> None:
    layer, place, walked = "linear2", [3], []
    while layer != "input":
        found = room("element", run="example", image=key, layer=layer, place=place)
        walked.append(layer)
        layer, place = found["strongest"]["layer"], found["strongest"]["place"]
    assert walked[0] == "linear2" and walked[-1] == "conv1"
    found = room("element", run="example", image=key, layer="input", place=place)
    run, image = (str(room.folder / name) for name in ("runs/example", "image.png"))
    _, row, column = place
    assert found["pixel"]["level"] == Subject(run).picture(image).pixels[row, column, 0]
    assert found["strongest"] is None


def test_the_answer_speaks_for_a_class(room: Room, key: str) -> None:
    found = room("element", run="example", image=key, layer="linear2", place=[7])
    assert found["class"] == "7"
    found = room("element", run="example", image=key, layer="linear1", place=[7])
    assert found["class"] is None


@pytest.mark.parametrize("method", ["saliency", "grad-cam", "occlusion"])
def test_reasons_are_those_of_the_command_line(
    room: Room, key: str, call: Caller, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    (own,) = room.events("why", "reason", run="example", image=key, methods=[method])
    theirs = asked_of_cli(call, monkeypatch, room, "--cam", method)
    for name in theirs.keys() - {"schema", "image", "picture"}:
        expected = theirs[name]
        told = round(own[name], 6) if isinstance(own[name], float) else own[name]
        assert told == expected, name


def test_another_class_is_explained(room: Room, key: str) -> None:
    asked = {"run": "example", "image": key, "methods": ["grad-cam"], "class": 3}
    (found,) = room.events("why", "reason", **asked, layer="relu1")
    assert (found["class"], found["layer"]) == ("3", "relu1")


def test_reasons_leave_the_answering_engine_alone(room: Room, key: str) -> None:
    before = room("image", run="example", image=key)["answers"]
    parts = DOES["/api/look/why"](
        room.lab,
        Asked(value={"run": "example", "image": key, "methods": ["saliency"]}),
    )
    assert isinstance(parts, Events) and isinstance(parts.source, Iterator)
    for _ in parts.source:
        assert room.sent((room.folder / "image.png").read_bytes())["answers"] == before


def test_samples_are_right_and_wrong_and_lead_to_looks(room: Room) -> None:
    found = room("samples", run="example")["samples"]
    assert {item["label"] == item["answer"] for item in found} == {True, False}
    for item in found[:4]:
        look = room("sample", run="example", sample=item["sample"])
        assert look["label"] == item["label"]
        assert look["answers"][0][0] == item["answer"]
        assert look["answers"][0][1] == pytest.approx(item["probability"], abs=1e-6)


def test_a_layer_tells_what_it_learned(
    room: Room, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(room.folder)
    found = dict(room("learned", run="example", layer="conv1"))
    theirs = call("look", "runs/example", "--layer", "conv1", "--json").json
    assert len(found["units"]["patches"]) == 16
    for own, other in zip(found["units"]["patches"], theirs["units"], strict=False):
        assert [p["value"] for p in own] == [p["value"] for p in other["patches"]]
    assert found["units"]["activity"] == theirs["activity"]
    count, channels, height, width = found["filters"]["shape"]
    assert len(found["filters"]["after"]) == count * channels * height * width
    assert found["filters"]["moved"] == [unit["moved"] for unit in theirs["units"]]
    liked = [unit["liked"]["after"] for unit in theirs["units"][:16]]
    assert found["liked"]["after"] == pytest.approx(liked, abs=1e-5)


def test_the_input_is_a_layer_without_units(room: Room) -> None:
    found = dict(room("learned", run="example", layer="input"))
    assert found["units"]["patches"] == [] and "filters" not in found


def test_figures_are_those_of_the_command_line(
    room: Room, call: Caller, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(room.folder)
    (found,) = room.events("judged", "found", run="example")
    words = ("look", "runs/example", "--out", str(tmp_path / "page"), "--json")
    theirs = call(*words).json
    for name in ("images", "accuracy", "per_class", "calibration", "confused"):
        assert json.loads(json.dumps(found[name])) == theirs[name], name
    for own, other in zip(found["mistakes"], theirs["mistakes"], strict=True):
        assert own == {**other, "image": own["image"]}
    assert sum(map(sum, found["confusion"])) == found["images"]
    assert ".csv" not in " ".join(found["summary"])
    (written,) = (tmp_path / "page").rglob("*.html")
    page = written.read_text()
    dots = re.findall("<circle[^>]*>", found["reliability"])
    assert dots and all(dot in page for dot in dots)


def test_a_run_equals_its_twin(room: Room) -> None:
    found = dict(room("compared", run="example", other="twin"))
    assert found["differences"]["rows"] == []
    assert found["answers"]["only"] == [0, 0]
    assert found["curves"]["runs"][0] == found["curves"]["runs"][1]


def test_runs_that_differ_are_compared(room: Room, tmp_path: Path) -> None:
    words = ["train", "digits", "--epochs", "1", "--out", str(tmp_path / "less")]
    assert main(["--quiet", "--lang", "en", *words]) == 0
    found = dict(room("compared", run="example", other=str(tmp_path / "less")))
    assert ["recipe.epochs", "8 (given)", "1 (given)"] in found["differences"]["rows"]
    answers = found["answers"]
    both, neither, only = answers["both"], answers["neither"], answers["only"]
    assert both + neither + sum(only) == answers["images"]
    assert [both + part for part in only] == answers["right"]
    for at in (0, 1):
        for item in answers["shown"][at]:
            assert item["answers"][at] == item["label"] != item["answers"][1 - at]


def test_an_image_goes_through_another_run(room: Room, key: str) -> None:
    look = room("image", run="models/photos", image=key)
    assert look["size"] == [10, 12] and look["image"] == key
    found = dict(room("compared", run="example", other="models/photos"))
    assert found["answers"]["images"] == 0 and found["answers"]["why"]


def test_an_image_is_decoded_the_run_s_way(room: Room) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, (30, 50, 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    look = room.sent(file.getvalue(), "models/photos", "noise.png")
    assert (look["size"], look["name"], look["label"]) == ([10, 12], "noise.png", "")
    path = room.folder / "noise.png"
    path.write_bytes(file.getvalue())
    seen = room("element", run="models/photos", image=look["image"], layer="input",
                place=[2, 9, 11])  # fmt: skip
    wanted = Subject(str(room.folder / "models" / "photos")).picture(str(path))
    assert seen["pixel"]["level"] == wanted.pixels[9, 11, 2]


def refused(room: Room, kind: type[MiradaError], name: str, **value: Any) -> str:
    """The code of a refusal."""
    with pytest.raises(kind) as error:
        room(name, **value)
    return error.value.code


def test_what_is_no_image_is_refused_and_the_last_one_stays(
    room: Room, key: str
) -> None:
    for content in (b"", b"%PDF-1.7 no image", b"\x89PNG\r\n\x1a\n" + bytes(40)):
        with pytest.raises(DataError):
            room.sent(content)
    assert room("image", run="example", image=key)["image"] == key


def test_what_is_not_there_is_said(room: Room, key: str) -> None:
    known = {"run": "example", "image": key}
    element = {**known, "layer": "conv1"}
    assert refused(room, FileError, "network", run="nowhere") == "look-run-gone"
    assert refused(room, FileError, "network", run="") == "look-run-gone"
    assert refused(room, FileError, "network", run="a\0b") == "look-run-gone"
    gone = refused(room, UsageError, "image", run="example", image="0" * 24)
    assert gone == "look-image-gone"
    assert refused(room, UsageError, "sample", run="example", sample=10**6) == (
        "look-sample"
    )
    for place in (None, [], [1.0, 2, 3], [1, 2, 3, 4], "012"):
        assert refused(room, UsageError, "element", **element, place=place) == (
            "look-place"
        )
    outside = refused(room, UsageError, "element", **element, place=[0, 99, 0])
    assert outside == "place-outside"
    for layers in (None, [["conv1"]], [["conv1", 0]], [[1, 1]], [["conv1", 9]] * 15000):
        assert refused(room, UsageError, "maps", **known, layers=layers) == "look-maps"
    unknown = refused(room, UsageError, "maps", **known, layers=[["conv9", 1]])
    assert unknown == "layer-unknown"
    assert refused(room, UsageError, "why", **known, methods=["guessing"]) == (
        "look-methods"
    )


def test_a_run_that_goes_is_no_longer_there(
    room: Room, tmp_path: Path, key: str
) -> None:
    run = tmp_path / "going"
    shutil.copytree(room.folder / "runs" / "example", run)
    asked = {"run": str(run)}
    assert room("network", **asked)["classes"]
    (run / BEST).write_bytes(b"broken")
    assert refused(room, FileError, "network", **asked)
    (run / BEST).unlink()
    (run / LAST).unlink()
    assert refused(room, FileError, "network", **asked) == "run-without-weights"
    shutil.rmtree(run)
    assert refused(room, FileError, "image", **asked, image=key) == "look-run-gone"


def test_weights_alone_can_be_looked_into(room: Room, tmp_path: Path) -> None:
    """With the images that are chosen in Data, since nothing tells of their own."""
    path = tmp_path / "alone.safetensors"
    shutil.copy(room.folder / "runs" / "example" / BEST, path)
    look = room.sent((room.folder / "image.png").read_bytes(), str(path))
    assert look["answers"][0][0] == "0"
    with refuses(UsageError, "look-data-unsaid", "Choose images of its classes"):
        room("samples", run=str(path))
    place = room.lab.workplace
    place.change(place.state()["revision"], {"data": "digits"})
    assert room("samples", run=str(path))["total"] == 1797
    place.change(place.state()["revision"], {"data": ""})


def test_a_run_trained_further_is_opened_anew(room: Room, tmp_path: Path) -> None:
    run = tmp_path / "further"
    shutil.copytree(room.folder / "models" / "photos", run)
    assert room("network", run=str(run))["classes"] == ["dark", "light"]
    for path in (room.folder / "runs" / "example").iterdir():
        if path.is_file():
            shutil.copy(path, run)
    assert len(room("network", run=str(run))["classes"]) == 10


def test_a_lab_without_runs_says_so(tmp_path: Path) -> None:
    assert Room(tmp_path)("runs") == {"runs": []}


def test_model_files_lie_beside_runs(stage: Path, tmp_path: Path) -> None:
    """As `mirada import` puts them; other files of that suffix are not offered."""
    place = copied(stage, tmp_path / "lab")
    shutil.copy(place / "runs" / "example" / BEST, place / "one.safetensors")
    (place / "other.safetensors").write_bytes(b"something else")
    room = Room(place)
    first, *others = room("runs")["runs"]
    assert (first["run"], first["has_weights"]) == ("one.safetensors", True)
    assert [one["run"] for one in others] == ["example"]
    assert room("network", run="one.safetensors")["network"] == "digits"
    room.lab.close()
