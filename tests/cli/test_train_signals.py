"""Ctrl-C and SIGTERM at any moment: saved, told how to go on, and gone on from."""

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mirada.training import RunFolder
from tests.cli.stage import copied, photos
from tests.training.example import COMPARED, files

WORDS = ("train", "digits", "--epochs", "8", "--threads", "2")


def started(folder: Path, *words: str, language: str = "en") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "mirada", *words],
        cwd=folder,
        env={**os.environ, "MIRADA_LANG": language, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heeding,
    )


def _heeding() -> None:
    """Ctrl-C is heard, also where the tests were started by a shell in background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_until(true: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + 60
    while not true():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.002)


def holds(path: Path, text: str) -> bool:
    return path.exists() and text in path.read_text()


@pytest.fixture(scope="module")
def whole(stage: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a run that nothing happened to."""
    folder = tmp_path_factory.mktemp("whole")
    with started(folder, *WORDS, "--out", "run") as process:
        assert process.wait(60) == 0
        process.communicate()
    return files(folder / "run")


def test_ctrl_c_and_gone_on_with_the_command_that_is_told(
    tmp_path: Path, whole: dict[str, bytes]
) -> None:
    metrics = tmp_path / "my run" / "metrics.jsonl"
    with started(tmp_path, *WORDS, "--out", "my run", "--json") as process:
        wait_until(lambda: holds(metrics, '{"kind":"epoch","epoch":2,'), process)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert time.monotonic() - began < 2
    assert process.returncode == 130
    assert "Stopped by SIGINT; all is saved. Go on with: mirada train" in err
    found = json.loads(out.splitlines()[-1])
    assert found["error"]["code"] == "interrupted"
    assert found["error"]["exit_code"] == 130
    assert len(metrics.read_bytes()) < len(whole["metrics.jsonl"])
    last = err.splitlines()[-1]
    told = shlex.split(last[last.index("mirada train") :])
    with started(tmp_path, *told[1:]) as process:
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert files(tmp_path / "my run") == whole


def test_sigterm_in_spanish_and_gone_on_without_naming_the_run(
    tmp_path: Path, whole: dict[str, bytes]
) -> None:
    run = tmp_path / "runs" / "digits-digits-1"
    with started(tmp_path, *WORDS, language="es") as process:
        wait_until(lambda: holds(run / "metrics.jsonl", '"epoch":2,'), process)
        process.terminate()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 143
    assert "Detenido por SIGTERM; todo está guardado. Se continúa con: " in err
    with started(tmp_path, "train", "--resume", "--threads", "1") as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Going on in epoch " in err
    names = COMPARED[1:]  # the configuration has reasons, in a language
    assert files(run, names) == {name: whole[name] for name in names}


def test_ctrl_c_while_code_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIRADA_CACHE", str(tmp_path / "cache"))
    with started(tmp_path, *WORDS, "--out", "run") as process:
        wait_until((tmp_path / "run" / "configuration.json").exists, process)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Go on with: mirada train --resume --out run" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("sent", "code"), [(2, 130), (15, 143)])
def test_a_signal_while_images_are_read(tmp_path: Path, sent: int, code: int) -> None:
    data = photos(tmp_path / "photos", {"dark": 1, "light": 1}, size=(600, 600))
    for label in ("dark", "light"):
        for number in range(1, 1000):
            os.link(data / label / "000.png", data / label / f"{number:03}.png")
    with started(tmp_path, "train", "photos", "--out", "run", "--json") as process:
        assert process.stderr
        assert process.stderr.readline() == "Reading the images of photos ...\n"
        time.sleep(0.2)
        process.send_signal(sent)
        began = time.monotonic()
        out, err = process.communicate(timeout=60)
        assert time.monotonic() - began < 10  # the pipes are closed: no worker is left
    assert process.returncode == code, err
    assert err.splitlines()[-1] == "Interrupted."
    assert json.loads(out)["error"]["exit_code"] == code
    assert not (tmp_path / "run").exists()


def test_two_at_once_do_not_share_a_folder(stage: Path, tmp_path: Path) -> None:
    with RunFolder.existing(copied(stage, tmp_path) / "runs" / "example"):
        words = ("train", "--resume", "--out", "runs/example")
        with started(tmp_path, *words) as process:
            _, err = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "Error [folder-in-use]: 'runs/example' is in use by another run" in err
    assert f"(process {os.getpid()})" in err
