"""Exports: what is written, what is compared, and that nothing is half there."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirada.data.preprocessing import Preprocessing
from mirada.errors import InternalError, Phrase, StorageError, UsageError
from mirada.export import (
    FORMATS,
    PARITY,
    Examples,
    asking,
    export,
    python_source,
    torch_format,
    torch_source,
)
from mirada.export import torch as torch_door
from mirada.models import build
from mirada.network import BatchNorm2d, Conv2d, Flatten, Linear, Network, ReLU, Softmax
from mirada.network.file import from_json, from_toml
from mirada.training import Model, load_model
from mirada.training.disk import Disk
from mirada.views.png import png_bytes
from tests.lab.training_kit import waited
from tests.refusal import refuses
from tests.strategies import lively_parameters

NETWORK = Network(
    "small",
    (3, 6, 5),
    (Conv2d(4, 3, padding=(0, 1, 1, 2)), BatchNorm2d(), ReLU(), Flatten(), Linear(3)),
)
FILES = {
    "torch": {"model.py", "model.safetensors", "example.py", "example.png", PARITY},
    "onnx": {"model.onnx", "example.py", "example.png", PARITY},
    "c": {"model.c", "model.h", "example.c", "example.ppm", PARITY},
    "web": {
        *("index.html", "model.wasm", "model.weights", "model.json", "model.mjs"),
        PARITY,
    },
    "weights": {"model.safetensors", PARITY},
    "description": {"network.toml", "network.json", "network.py", PARITY},
}


class FullDisk(Disk):
    """It refuses every name."""

    def rename(self, old: Path, new: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def model_of(network: Network = NETWORK, **more: Any) -> Model:
    channels, height, width = network.input
    seen = Preprocessing((height, width), channels, mean=(0.4,), std=(0.3,), **more)
    names = tuple(f"class {n} \"'\\ñ" for n in range(network.output[0]))
    return Model(network, lively_parameters(network, 5), names, seen)


def examples_for(model: Model, count: int = 5) -> Examples:
    shape = (count, *model.preprocessing.size, model.preprocessing.channels)
    pixels = np.random.default_rng(2).integers(0, 256, shape, np.uint8)
    return Examples(pixels, 9, png_bytes(pixels[0]))


@pytest.mark.parametrize("to", FORMATS)
def test_every_format_writes_its_files_and_agrees(
    to: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    model, stages = model_of(), list[str]()
    folder = tmp_path / "new" / to
    found = export(model, to, examples_for(model), folder, stage=stages.append)
    assert {path.name for path in folder.iterdir()} == FILES[to] == set(found.files)
    assert found.files == {p.name: p.stat().st_size for p in folder.iterdir()}
    assert [*tmp_path.joinpath("new").iterdir()] == [folder]
    assert stages[:3] == ["write", "reference", "engine"]
    assert found.passed and found.engine.passed is True
    assert found.engine.images == 5 and found.engine.top1_agreement == 1.0
    assert 0 < (found.engine.max_abs or 0) < (found.engine.bound or 0) < 1e-3
    expected = None if FORMATS[to].outputs is None else True
    assert found.parity.passed is expected
    report = json.loads((folder / PARITY).read_text())
    assert report["parity"] == found.parity.to_dict()
    assert report["engine"] == found.engine.to_dict()
    sizes = {name: size for name, size in found.files.items() if name != PARITY}
    assert report["bytes"] == sum(sizes.values())
    assert (found.engine.latency_ms or 0) > 0
    assert (found.parity.latency_ms is None) is (FORMATS[to].outputs is None)
    assert (report["to"], report["images"]) == (to, "held-out")


def test_the_description_comes_back(tmp_path: Path) -> None:
    model = model_of()
    export(model, "description", examples_for(model), tmp_path)
    assert from_toml((tmp_path / "network.toml").read_text()).network == NETWORK
    assert from_json((tmp_path / "network.json").read_text()).network == NETWORK
    assert (tmp_path / "network.py").read_text() == python_source(NETWORK)


def test_the_weights_come_back(tmp_path: Path) -> None:
    model = model_of()
    export(model, "weights", examples_for(model), tmp_path)
    found = load_model(tmp_path / "model.safetensors")
    assert found.classes == model.classes and found.network == NETWORK


@pytest.mark.parametrize(("resize", "channels"), (("crop", 1), ("squash", 3)))
@pytest.mark.parametrize("to", ("torch", "onnx"))
def test_the_example_answers_any_picture_as_mirada_does(
    to: str, resize: str, channels: int, tmp_path: Path
) -> None:
    network = build("digits", (channels, 10, 12), 3)
    if resize == "squash":
        network = Network("soft", network.input, (*network.nodes, Softmax()))
    model = model_of(network, resize=resize)
    FORMATS[to].write(model, examples_for(model), tmp_path)
    noise = np.random.default_rng(3).integers(0, 256, (17, 40, 3), np.uint8)
    picture = tmp_path / "picture.png"
    picture.write_bytes(png_bytes(noise))
    lines = subprocess.run(
        [sys.executable, tmp_path / "example.py", picture],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path.parent,
        env={**os.environ, "PYTHONPATH": ""},
    ).stdout.splitlines()
    (shares,) = model.predict(model.preprocessing.pixels(picture)[None])
    order = np.argsort(-shares, kind="stable")
    assert [line.split("%  ")[1] for line in lines] == [model.classes[n] for n in order]
    told = [float(line.split("%")[0]) / 100 for line in lines]
    assert np.abs(np.array(told) - shares[order]).max() <= 0.0006


def test_a_module_that_computes_something_else_is_not_given_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: a padding on the wrong side."""
    honest = torch_source
    monkeypatch.setattr(
        torch_format,
        "torch_source",
        lambda *given: honest(*given).replace("(1, 2, 0, 1)", "(2, 1, 0, 1)"),
    )
    model, folder = model_of(), tmp_path / "out"
    found = export(model, "torch", examples_for(model), folder)
    assert not found.passed and found.parity.passed is False
    assert found.engine.passed is True
    assert found.files == {} and not folder.exists()
    assert [*tmp_path.iterdir()] == []


def test_a_module_that_does_not_run_is_a_bug_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch_format, "torch_source", lambda *given: "import nothing")
    model = model_of()
    with refuses(InternalError, "export-torch-failed"):
        export(model, "torch", examples_for(model), tmp_path / "out")
    assert [*tmp_path.iterdir()] == []


def test_without_pytorch_nothing_is_said_to_have_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch_door, "find_spec", lambda name: None)
    model = model_of()
    found = export(model, "torch", examples_for(model), tmp_path)
    assert found.passed and found.engine.passed is True
    report = json.loads((tmp_path / PARITY).read_text())
    assert report["parity"]["passed"] is None is report["parity"]["max_abs"]
    assert report["parity"]["reason"] == "not checked: PyTorch is not installed"


def test_a_broken_pytorch_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken" / "torch"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('libtorch is not there')")
    monkeypatch.syspath_prepend(str(broken.parent))
    found = torch_door.torch_outputs(tmp_path, np.zeros((1, 6, 5, 3), np.uint8))
    assert isinstance(found, Phrase)
    assert "libtorch is not there" in str(found)


def test_what_lies_where_a_person_works_is_not_executed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("torch", "numpy"):
        (tmp_path / f"{name}.py").write_text(f"open('{name}-ran', 'w')")
    monkeypatch.chdir(tmp_path)
    assert asking._asked(torch_door.__name__, ["nowhere", "none.npy", "none.npy"])[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["numpy.py", "torch.py"]


def test_the_other_process_ends_with_who_asked(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("import time; time.sleep(60)")
    asker = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from mirada.export.asking import _asked\n"
        "_asked('mirada.export.torch', ['a', 'b', 'c'])"
    )
    with subprocess.Popen([sys.executable, "-c", asker]) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        found = waited(lambda: children.read_text().split())
        process.kill()
    waited(lambda: not Path(f"/proc/{found[0]}").exists())


def test_others_files_are_not_written_over(tmp_path: Path) -> None:
    model = model_of()
    (tmp_path / "model.py").write_text("mine")
    with refuses(UsageError, "export-foreign"):
        export(model, "torch", examples_for(model), tmp_path)
    (tmp_path / PARITY).write_text('{"kind": "other"}')
    with refuses(UsageError, "export-foreign"):
        export(model, "torch", examples_for(model), tmp_path)
    assert (tmp_path / "model.py").read_text() == "mine"


def test_an_export_may_be_made_again(tmp_path: Path) -> None:
    model = model_of()
    for to in ("weights", "description", "weights"):
        assert export(model, to, examples_for(model), tmp_path).files


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "inner"):
        with refuses(StorageError, "export-folder"):
            export(model_of(), "weights", examples_for(model_of()), folder)


def test_a_disk_that_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of()

    def full(*given: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("mirada.export.exported.TemporaryDirectory", full)
        with refuses(StorageError, "export-place"):
            export(model, "weights", examples_for(model), tmp_path / "out")
    with monkeypatch.context() as patched:
        patched.setattr("mirada.export.exported.Disk", lambda: FullDisk())
        with refuses(StorageError, "export-put"):
            export(model, "weights", examples_for(model), tmp_path / "out")
    with monkeypatch.context() as patched:
        patched.setattr("mirada.training.disk.Disk.rename", full)
        with refuses(StorageError, "cannot-write"):
            export(model, "weights", examples_for(model), tmp_path / "out")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
