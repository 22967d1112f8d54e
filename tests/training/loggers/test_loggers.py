"""What a run tells other programs, and that none of them can stop it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mirada.errors import Phrase, UnsupportedError, UsageError
from mirada.training import RunFolder, Watch, Watches, train
from mirada.training.loggers import LOGGERS, opened
from mirada.training.loggers import opening as opening_module
from mirada.training.loggers.logger import Target
from tests.refusal import refuses
from tests.training.example import engine, plan


class Recorder(Target):
    """Keeps what it is told; fails at the given write."""

    def __init__(self, fails_at: int = -1) -> None:
        self.begun: list[tuple[str, int]] = []
        self.values: Mapping[str, Any] = {}
        self.written: list[tuple[int, dict[str, float]]] = []
        self.finished: bool | None = None
        self.fails_at = fails_at

    def begin(
        self, folder: Path, identity: str, values: Mapping[str, Any], step: int
    ) -> str:
        self.begun.append((identity, step))
        self.values = values
        return "known"

    def write(self, step: int, values: Mapping[str, float]) -> None:
        if len(self.written) == self.fails_at:
            raise ConnectionError("the server is gone")
        self.written.append((step, dict(values)))

    def end(self, *, finished: bool) -> None:
        self.finished = finished


class Listening(Watch):
    """Keeps the notes."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: Phrase) -> None:
        self.notes.append(str(text))


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    found = Recorder()
    known = {**LOGGERS, "tensorboard": lambda: found}
    monkeypatch.setattr(opening_module, "LOGGERS", known)
    return found


def run(path: Path) -> list[str]:
    """Trains the example in a folder with a logger; the notes."""
    heard = Listening()
    made = plan()
    with RunFolder.new(path) as folder, opened(["tensorboard"], path, heard) as told:
        train(made, engine(made), folder, Watches(heard, *told))
    return heard.notes


def test_a_run_is_told_from_its_beginning_to_its_end(
    tmp_path: Path, recorder: Recorder
) -> None:
    assert run(tmp_path / "run") == []
    assert recorder.begun == [("", 0)] and recorder.finished is True
    names = {name for _, values in recorder.written for name in values}
    assert {"train/loss", "train/step_loss", "test/accuracy", "learning_rate"} <= names
    metrics = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in metrics]
    epochs = [row for row in rows if row["kind"] == "epoch"]
    told = [(s, v) for s, v in recorder.written if "train/loss" in v]
    assert [(row["step"], row["train_loss"]) for row in epochs] == [
        (step, values["train/loss"]) for step, values in told
    ]
    assert recorder.values["recipe.seed"] == 0
    assert not any(name.startswith("origins") for name in recorder.values)
    assert json.loads((tmp_path / "run" / "loggers.json").read_text()) == {
        "tensorboard": "known"
    }


def test_a_program_that_fails_is_left_alone_and_the_run_goes_on(
    tmp_path: Path, recorder: Recorder
) -> None:
    recorder.fails_at = 2
    notes = run(tmp_path / "run")
    assert len(recorder.written) == 2 and recorder.finished is None
    assert len(notes) == 1 and "the server is gone" in notes[0]
    assert (tmp_path / "run" / "last.safetensors").exists()


def test_a_resumed_run_is_the_same_run_there(
    tmp_path: Path, recorder: Recorder
) -> None:
    run(tmp_path / "run")
    made = plan()
    path = tmp_path / "run"
    with RunFolder.existing(path) as folder, opened(["tensorboard"], path) as told:
        train(made, engine(made), folder, Watches(*told))
    assert recorder.begun[1][0] == "known" and recorder.begun[1][1] > 0


def test_an_unknown_name_is_refused(tmp_path: Path) -> None:
    with (
        refuses(UsageError, "log-name", "'tensorbord'", "tensorboard, mlflow"),
        opened(["tensorbord"], tmp_path),
    ):
        pass


def test_what_is_not_installed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening_module, "find_spec", lambda name: None)
    with (
        refuses(UnsupportedError, "log-not-installed", "pip install mlflow"),
        opened(["mlflow"], tmp_path),
    ):
        pass
