"""The web export: files, parity in Node, and what is refused."""

import json
import shutil
import subprocess
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from mirada.compiler.wasm import binary
from mirada.engines.slots import write_slots
from mirada.errors import InternalError, Phrase, UnsupportedError
from mirada.export import FORMATS, export, web
from mirada.export.node import node_outputs
from mirada.models import build
from tests.compiler.targets.foreign import needed
from tests.export.test_exported import examples_for, model_of
from tests.refusal import refuses


def test_lenet5_is_small_and_within_the_bound(tmp_path: Path) -> None:
    needed("node")
    model = model_of(build("lenet5", (1, 28, 28), 10))
    found = export(model, "web", examples_for(model), tmp_path)
    assert found.parity.passed is True and found.parity.top1_agreement == 1.0
    assert (found.parity.latency_ms or 0) > 0
    assert found.files["model.wasm"] < 100_000
    about = json.loads((tmp_path / "model.json").read_text())
    names = [layer["layer"] for layer in about["layers"]]
    assert names == ["conv1", "maxpool1", "conv2", "maxpool2"]
    assert about["parameters"] == 61_706


def test_of_many_layers_some_are_shown() -> None:
    network = build("resnet18_cifar", (3, 16, 16), 5)
    shown = web._shown_layers(network)
    assert len(shown) == 8 and shown[0] == "conv1"
    assert len(set(shown)) == 8


def test_a_wrong_answer_is_not_given_away(tmp_path: Path) -> None:
    """A planted bug: every weight a little off."""
    needed("node")
    honest = write_slots

    def off(slots, flat, values):  # type: ignore[no-untyped-def]
        honest(slots, flat, values)
        flat *= 1.01

    model = model_of()
    with patch("mirada.export.web.write_slots", off):
        found = export(model, "web", examples_for(model), tmp_path / "out")
    assert found.parity.passed is False and found.engine.passed is True
    assert found.files == {} and not (tmp_path / "out").exists()


def test_code_that_does_not_run_is_a_bug_of_ours(tmp_path: Path) -> None:
    needed("node")
    model = model_of()
    FORMATS["web"].write(model, examples_for(model), tmp_path)
    (tmp_path / "model.weights").write_bytes(b"1" * (1 << 20))
    with refuses(InternalError, "export-web-failed", "offset is out of bounds"):
        node_outputs(tmp_path, examples_for(model).pixels)


def test_where_there_is_no_node_nothing_is_said_to_have_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, pixels = model_of(), examples_for(model_of()).pixels
    FORMATS["web"].write(model, examples_for(model), tmp_path)
    (tmp_path / "model.wasm").write_bytes(binary.HEAD + b"\xff")
    if shutil.which("node"):
        told = node_outputs(tmp_path, pixels)
        assert str(told) == "not checked: Node does not run here (exit 77)"

    def late(*given: object, **more: object) -> None:
        raise subprocess.TimeoutExpired("node", 1.0)

    monkeypatch.setattr("shutil.which", lambda name: "node")
    monkeypatch.setattr("subprocess.run", late)
    assert "TimeoutExpired" in str(node_outputs(tmp_path, pixels))
    monkeypatch.setattr("shutil.which", lambda name: None)
    told = node_outputs(tmp_path, np.zeros((1, 6, 5, 3), np.uint8))
    assert (
        isinstance(told, Phrase) and str(told) == "not checked: Node is not installed"
    )


def test_what_is_too_large_for_a_page_is_refused(tmp_path: Path) -> None:
    model = model_of()
    with (
        patch.object(web, "_MOST_BYTES", 100),
        refuses(
            UnsupportedError, "web-too-large", "'small'", "browsers get along with"
        ),
    ):
        export(model, "web", examples_for(model), tmp_path / "out")
    assert [*tmp_path.iterdir()] == []
