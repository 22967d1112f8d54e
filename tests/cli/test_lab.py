"""`mirada lab`: what its words ask of the server; tests/lab opens the lab itself."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mirada.cli import lab
from tests.cli.calling import Caller
from tests.cli.documented import run_examples

Asked = dict[str, object]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """What is asked of the server, which is ready at once and ends."""
    found: list[Asked] = []

    def serve(
        folder: Path, port: int, ready: Callable[[str], None], **others: object
    ) -> None:
        found.append({"folder": folder, "port": port, **others})
        ready("http://127.0.0.1:1/#token=x")

    monkeypatch.setattr(lab, "serve", serve)
    monkeypatch.setattr("webbrowser.open", lambda url: True)
    return found


def test_examples(call: Caller, here: Path, asked: list[Asked]) -> None:
    run_examples(call, "lab")
    first, second = asked
    assert first["folder"] == here and first["port"] == 0
    assert second["folder"] == here / "flowers" and second["port"] == 8123
    assert first["host"] == "127.0.0.1" and first["allow_remote"] is False


def test_the_link_is_all_that_is_printed(
    call: Caller, here: Path, asked: list[Asked]
) -> None:
    called = call("lab", "--no-browser")
    assert called.out == "http://127.0.0.1:1/#token=x\n"
    assert "Ctrl-C" in called.err
