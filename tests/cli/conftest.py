"""What every test of the command line starts from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mirada.cli.output import say
from mirada.talk import heard_by
from tests.cli.calling import Caller
from tests.cli.stage import copied, example_folder, trained_examples

__all__ = ["aloud", "call", "here", "in_english", "stage"]


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """The locale asks for English unless a test says otherwise."""
    monkeypatch.setenv("MIRADA_LANG", "en")


@pytest.fixture(autouse=True)
def aloud() -> Iterator[None]:
    """What is told is printed, as the command line does."""
    with heard_by(say):
        yield


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Caller:
    """Calls the command line in this process."""
    return Caller(capsys)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data to train on and a run in `runs/example`; only to be read."""
    root = example_folder(tmp_path_factory.mktemp("stage"))
    trained_examples(root)
    return root


@pytest.fixture
def here(stage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the stage, in which the test is."""
    folder = copied(stage, tmp_path / "here")
    monkeypatch.chdir(folder)
    return folder
