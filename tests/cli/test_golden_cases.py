"""Every word of what 120 command lines answer, in English and Spanish."""

from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.cli.golden_cases import CASES, prepared, transcript
from tests.cli.stage import example_folder
from tests.golden import golden

GOLDEN = Path(__file__).parent / "golden" / "cases"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the cases are called."""
    folder = tmp_path / "place"
    folder.mkdir()
    example_folder(folder)
    prepared(folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    return folder


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("command", CASES)
def test_the_answers(
    call: Caller,
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    language: str,
) -> None:
    monkeypatch.setenv("MIRADA_LANG", language)
    text = transcript(call, command)
    assert str(place) not in text, "it would differ elsewhere"
    golden(GOLDEN / f"{command}.{language}.txt", text)


def test_there_are_enough() -> None:
    assert sum(map(len, CASES.values())) >= 120
