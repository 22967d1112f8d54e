"""What every test of the command line starts from."""

import pytest

from tests.cli.calling import Caller


@pytest.fixture(autouse=True)
def in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """The locale asks for English unless a test says otherwise."""
    monkeypatch.setenv("MIRADA_LANG", "en")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Caller:
    """Calls the command line in this process."""
    return Caller(capsys)
