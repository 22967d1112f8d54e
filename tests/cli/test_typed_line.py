"""A line from stdin: bounded, and never a bug of ours, whatever is piped in."""

import io
import subprocess
import sys

import pytest

from mirada.cli.typed_line import typed_line
from tests.cli.bilingual import refused
from tests.cli.calling import Caller


def test_lines_until_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(" 28 \n\n7"))
    assert [typed_line() for _ in range(4)] == ["28", "", "7", None]
    monkeypatch.setattr(sys, "stdin", None)
    assert typed_line() is None


def test_a_line_that_never_ends_is_refused(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("1" * 50_000))
    words = ("check", "--network", "lenet5")
    refused(call, *words, code="line-too-long", exit_code=3)
    assert call("quiz", "--seed", "1").code == 3


@pytest.mark.parametrize(
    "command", ["quiz --seed 1 --count 1", "check --network lenet5"]
)
def test_bytes_that_are_no_text_are_an_answer_like_any(command: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "mirada", *command.split()],
        input=b"\xff\xfe28\n",
        capture_output=True,
        env={"PYTHONUTF8": "1", "MIRADA_LANG": "en"},
        timeout=60,
    )
    assert ended.returncode in (0, 3)
    assert b"Traceback" not in ended.stderr and b"unexpected" not in ended.stderr
