"""`--engine torch` and `--device` of the commands that compute."""

import json
from pathlib import Path

import pytest

from tests.cli.bilingual import refused
from tests.cli.calling import Caller

torch = pytest.importorskip("torch")

TRAINED = ("train", "digits", "digits", "--epochs", "1", "--threads", "1")
ON_TORCH = (*TRAINED, "--engine", "torch", "--device", "cpu", "--out", "runs/torch")


def test_a_run_on_pytorch_says_so_and_goes_on(call: Caller, here: Path) -> None:
    called = call(*ON_TORCH)
    assert called.code == 0, called.err
    assert "device          cpu  (given)" in called.err
    stored = json.loads((here / "runs/torch/configuration.json").read_text())
    assert (stored["engine"], stored["device"]) == ("torch", "cpu")
    assert stored["origins"]["device"]["kind"] == "given"
    assert stored["compiled"] is False
    accuracies = {
        call("evaluate", "runs/torch", "digits", "--json", *more).json["accuracy"]
        for more in ((), ("--engine", "torch", "--device", "cpu"))
    }
    assert len(accuracies) == 1
    last = (here / "runs/torch/last.safetensors").read_bytes()
    again = call("train", "--resume", "--out", "runs/torch")
    assert again.code == 0, again.err
    assert (here / "runs/torch/last.safetensors").read_bytes() == last
    told = refused(
        call,
        *("train", "--resume", "--threads", "2", "--out", "runs/torch"),
        code="resume-differs",
        exit_code=4,
    )
    assert "threads: 1 -> 2" in told.english


def test_what_is_not_here_is_refused_before_anything_is_written(
    call: Caller, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    cases = (
        (("--engine", "torch", "--device", "cuda"), "device-missing"),
        (("--engine", "torch", "--device", "tpu"), "device-unknown"),
        (("--device", "cuda"), "engine-without-device"),
        (("--compile",), "engine-without-compile"),
    )
    for words, code in cases:
        refused(call, *TRAINED, *words, "--out", "runs/none", code=code, exit_code=2)
    assert not (here / "runs/none").exists()
