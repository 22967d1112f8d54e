"""Exports as the lab's page asks for them."""

import csv
import io
import json
import os
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mirada.errors import ConfigurationError, FileError, UsageError
from mirada.export import FORMATS
from mirada.export import torch as torch_door
from mirada.lab.asked import Asked, Content, Events
from mirada.lab.export_files import folder_name
from mirada.lab.exporting import WORK, Exports
from mirada.lab.lab import Lab
from mirada.tasks import taken_away
from tests.cli.stage import copied
from tests.lab.training_kit import waited
from tests.refusal import refuses

DOES = {work.path.rpartition("/")[2]: work.does for work in WORK}
RUN = "example"


@pytest.fixture
def lab(stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    monkeypatch.setattr(taken_away, "_MOST_IMAGES", 4)
    found = Lab(copied(stage, tmp_path / "lab"))
    yield found
    found.close()


def asked(lab: Lab, what: str, **value: object) -> Any:
    return DOES[what](lab, Asked(value=value))


def made(
    lab: Lab, to: str, run: str = RUN, weights: str = "float32"
) -> tuple[Any, list[str]]:
    """What was made, and the kinds of everything that was told."""
    answer = asked(lab, "make", run=run, to=to, weights=weights)
    assert isinstance(answer, Events)
    events: Any = list(answer.source)  # type: ignore[arg-type]
    return events[-1][1], [kind for kind, _ in events]


def got(lab: Lab, **value: object) -> Content:
    answer = asked(lab, "file", run=RUN, **value)
    assert isinstance(answer, Content)
    return answer


def test_every_format_is_explained(lab: Lab) -> None:
    found = asked(lab, "formats")
    assert [one["name"] for one in found["formats"]] == list(FORMATS)
    assert all(len(one["about"]) > 40 for one in found["formats"])


def test_an_export_as_events(lab: Lab) -> None:
    found, kinds = made(lab, "torch")
    assert kinds == ["told", "told", *["stage"] * 4, "made"]
    folder = lab.workplace.folder / "exports" / "example-torch"
    report = json.loads((folder / "parity.json").read_text())
    engine, own = found["comparisons"]
    assert engine == {"name": "The native engine", **report["engine"]}
    assert own == {"name": "PyTorch with these files", **report["parity"]}
    assert own["passed"] is True and own["images"] == 4
    assert found["files"] == [
        {"name": path.name, "bytes": path.stat().st_size}
        for path in sorted(folder.iterdir())
    ]
    assert asked(lab, "about", run=RUN)["exports"] == {"torch": found}


def test_weights_of_eight_bits_are_an_export_of_their_own(lab: Lab) -> None:
    offered = {one["name"]: one["weights"] for one in asked(lab, "formats")["formats"]}
    assert offered["c"] == ["float32", "int8"] and offered["web"] == ["float32"]
    found, _ = made(lab, "c", weights="int8")
    folder = lab.workplace.folder / "exports" / "example-c-int8"
    report = json.loads((folder / "parity.json").read_text())
    assert found["key"] == "c-int8" and found["folder"] == str(folder)
    assert found["int8"] == report["int8"] and found["int8"]["images"] == 359
    assert asked(lab, "about", run=RUN)["exports"] == {"c-int8": found}
    source = got(lab, to="c", weights="int8", name="model.c")
    assert source.content == (folder / "model.c").read_bytes()
    whole = asked(lab, "zip", run=RUN, to="c", weights="int8")
    assert whole.name == "example-c-int8.zip"
    with refuses(FileError, "export-file-gone"):
        got(lab, to="c", name="model.c")
    with refuses(UsageError, "request-field"):
        made(lab, "web", weights="int8")


def test_a_model_file_is_compared_on_images_that_fit_it(lab: Lab) -> None:
    place = lab.workplace
    shutil.copy(place.runs / RUN / "best.safetensors", place.folder / "own.safetensors")
    for data, images in (("", "random"), ("digits", "held-out"), ("photos", "random")):
        place.change(place.state()["revision"], {"data": data})
        found, _ = made(lab, "description", "own.safetensors")
        assert found["images"] == images, data


def test_runs_of_like_names_share_no_folder(lab: Lab) -> None:
    runs = lab.workplace.runs
    for name in ("a/b", "a-b"):
        shutil.copytree(runs / RUN, runs / name)
    made(lab, "description", "a/b")
    assert not asked(lab, "about", run="a-b")["exports"]
    assert asked(lab, "about", run="a/b")["exports"]
    assert folder_name("a-b") == "a-b" and folder_name("..") != folder_name("/")


def test_files_one_by_one_and_as_one(lab: Lab) -> None:
    found, _ = made(lab, "description")
    folder = lab.workplace.folder / "exports" / "example-description"
    for each in found["files"]:
        content = got(lab, to="description", name=each["name"])
        assert content.content == (folder / each["name"]).read_bytes()
        assert content.name == each["name"]
    whole = asked(lab, "zip", run=RUN, to="description")
    assert whole.name == "example-description.zip"
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == [
            f"example-description/{path.name}" for path in sorted(folder.iterdir())
        ]
    assert whole == asked(lab, "zip", run=RUN, to="description")


def test_the_run_s_own_files_and_card(lab: Lab) -> None:
    about = asked(lab, "about", run=RUN, to="weights")
    names = [each["name"] for each in about["files"]]
    assert names == ["report.html", "curves.svg", "confusion.svg", "results.csv"]
    rows = list(csv.DictReader(got(lab, name="results.csv").content.decode().split()))
    assert len(rows) == 8
    card = got(lab, name="model-card.md", card="weights").content.decode()
    assert card == about["card"]
    assert "of 359 held-out images" in card and "load_model" in card


@pytest.mark.parametrize(
    "name", ("configuration.json", "../example/report.html", "best.safetensors", "x\0")
)
def test_nothing_else_is_given_away(lab: Lab, name: str) -> None:
    with refuses(FileError, "export-file-gone"):
        got(lab, name=name)
    with refuses(FileError, "export-file-gone"):
        got(lab, to="torch", name=name)
    with refuses(FileError, "export-file-gone"):
        asked(lab, "zip", run=RUN, to="torch")


def test_an_export_of_older_weights_is_none(lab: Lab) -> None:
    made(lab, "description")
    os.utime(lab.workplace.runs / RUN / "best.safetensors")
    assert asked(lab, "about", run=RUN)["exports"] == {}
    with refuses(FileError, "export-file-gone"):
        got(lab, to="description", name="network.toml")


def test_a_folder_of_the_user_s_own_is_left_alone(lab: Lab) -> None:
    folder = lab.workplace.folder / "exports" / "example-weights"
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text("mine")
    with refuses(UsageError, "export-foreign"):
        made(lab, "weights")
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


def test_without_pytorch_it_says_so(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("mirada.export.torch", "mirada.lab.export_files"):
        monkeypatch.setattr(f"{module}.find_spec", lambda name: None)
    assert asked(lab, "formats")["has_torch"] is False
    found, _ = made(lab, "torch")
    own = found["comparisons"][1]
    assert own["passed"] is None is own["max_abs"]
    assert own["reason"] == "not checked: PyTorch is not installed"
    assert torch_door.MODULE in [each["name"] for each in found["files"]]


def test_what_does_not_agree_is_shown_and_not_kept(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = FORMATS["weights"]
    ask = honest.outputs
    assert ask is not None
    wrong = honest._replace(outputs=lambda folder, pixels: ask(folder, 255 - pixels))
    monkeypatch.setitem(FORMATS, "weights", wrong)
    found, _ = made(lab, "weights")
    assert [one["passed"] for one in found["comparisons"]] == [True, False]
    assert found["files"] == []
    assert not (lab.workplace.folder / "exports" / "example-weights").exists()


def test_runs_that_are_not_there(lab: Lab) -> None:
    for what in ("about", "make", "file", "zip"):
        with refuses(FileError, "look-run-gone"):
            asked(lab, what, run="nothing", to="torch", name="x")
    with refuses(UsageError, "request-field"):
        asked(lab, "make", run=RUN, to="onnx2")


def test_exports_wait_for_each_other_and_few_do(lab: Lab) -> None:
    go, exports, at_once = threading.Event(), Exports(lab), []

    def work() -> None:
        at_once.append(1)
        go.wait(10)
        assert len(at_once) == 1
        at_once.clear()

    for _ in range(4):
        exports.begin(work)
    with refuses(ConfigurationError, "export-busy"):
        exports.begin(work)
    go.set()
    done = threading.Event()
    waited(lambda: not begun(exports, done.set))
    assert done.wait(10)


def begun(exports: Exports, does: Callable[[], None]) -> bool:
    """Whether it could not be begun."""
    try:
        exports.begin(does)
    except ConfigurationError:
        return True
    return False


def test_what_lies_in_a_run_leads_nowhere_else(lab: Lab, tmp_path: Path) -> None:
    path = lab.workplace.runs / RUN / "report.html"
    path.unlink()
    path.symlink_to(tmp_path / "secret.txt")
    (tmp_path / "secret.txt").write_text("secret")
    with refuses(FileError, "export-file-gone"):
        got(lab, name="report.html")
