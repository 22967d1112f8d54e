"""How commands end that do not go well: codes, words, streams."""

import json
import os
import signal
import subprocess
import sys

import click
import pytest

from mirada import errors
from mirada.cli import main, shell
from mirada.cli.failure import failed, failure_of
from mirada.errors import MiradaError
from mirada.language import use_language
from tests.cli.calling import Caller, started


@pytest.mark.parametrize(
    ("error", "code", "exit_code", "words"),
    [
        (KeyboardInterrupt(), "interrupted", 130, "Interrupted."),
        (click.Abort(), "interrupted", 130, "Interrupted."),
        (MemoryError(), "out-of-memory", 5, "Use a smaller batch"),
        (OSError(28, "No space left", "run"), "disk-refused", 5, "'run': No space"),
        (click.UsageError("no such thing"), "usage", 2, "no such thing"),
        (ZeroDivisionError("by 0"), "unexpected", 1, "ZeroDivisionError: by 0, in ?"),
    ],
)
def test_foreign_errors(
    error: BaseException, code: str, exit_code: int, words: str
) -> None:
    found = failure_of(error)
    assert (found.code, found.exit_code) == (code, exit_code)
    assert words in found.message


@pytest.mark.parametrize(
    ("kind", "exit_code"),
    [
        ("DescriptionError", 4),
        ("ShapeError", 4),
        ("ConfigurationError", 4),
        ("UnsupportedError", 4),
        ("DataError", 3),
        ("FileError", 3),
        ("MemoryLimitError", 5),
        ("StorageError", 5),
        ("DivergenceError", 6),
        ("UsageError", 2),
        ("InternalError", 1),
    ],
)
def test_each_error_of_ours_has_its_exit_code(kind: str, exit_code: int) -> None:
    error: MiradaError = getattr(errors, kind)("some-code", "{what} came.", what="it")
    assert failure_of(error) == ("some-code", "it came.", exit_code)


def test_the_message_goes_to_stderr_with_its_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    error = errors.DataError("no-images", "{folder!r} holds none.", folder="cats")
    assert failed(error, as_json=False) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "Error [no-images]: 'cats' holds none.\n"


def test_with_json_the_error_is_an_object_on_stdout_as_well(call: Caller) -> None:
    called = call("size", "3", "--kernel", "5", "--json")
    assert called.code == 4
    assert called.json["schema"] == 1
    error = called.json["error"]
    assert (error["code"], error["exit_code"]) == ("size-too-small", 4)
    assert error["message"] in called.err


def test_with_json_usage_errors_are_objects_too(call: Caller) -> None:
    called = call("size", "--json")
    assert called.code == 2
    assert called.json["error"]["code"] == "usage"
    assert "Usage: mirada size" in called.err


def test_a_bug_asks_for_a_report(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(words: list[str]) -> int:
        return 1 // len(words[5:])

    monkeypatch.setattr(shell, "_run", broken)
    monkeypatch.delenv("MIRADA_TRACEBACK", raising=False)
    called = call("size", "5")
    assert called.code == 1
    assert "Error [unexpected]" in called.err and "Report it" in called.err
    assert "test_failure.py" in called.err and "Traceback" not in called.err
    monkeypatch.setenv("MIRADA_TRACEBACK", "1")
    assert "Traceback (most recent call last)" in call("size", "5").err


def test_control_characters_of_a_name_are_not_obeyed(call: Caller) -> None:
    called = call("summary", "ne\x1b[2Jt")
    assert called.code == 2 and "\x1b" not in called.err


def test_ctrl_c_ends_with_130(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(words: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(shell, "_run", interrupted)
    called = call("size", "5")
    assert (called.code, called.err) == (130, "Interrupted.\n")


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="pipes end otherwise there")
def test_a_reader_that_has_gone_is_no_error() -> None:
    command = [sys.executable, "-m", "mirada", "summary", "resnet50", "--explain"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 141


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="pipes end otherwise there")
def test_a_reader_that_has_gone_misses_an_error_too() -> None:
    command = [sys.executable, "-m", "mirada", "summary", "nowhere", "--json"]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        ended = subprocess.run(
            command, stdout=gone, stderr=subprocess.PIPE, text=True, timeout=60
        )
    assert ended.returncode == 141
    assert "Traceback" not in ended.stderr
    assert "network-unknown" in ended.stderr


def test_a_process_ends_with_the_exit_code() -> None:
    ended = started("summary", "nowhere", "--json")
    assert ended.returncode == 2
    assert json.loads(ended.stdout)["error"]["code"] == "network-unknown"


def test_errors_speak_spanish(capsys: pytest.CaptureFixture[str]) -> None:
    use_language("es")
    assert main(["--lang", "es", "size"]) == 2
    assert "Uso: mirada size" in capsys.readouterr().err
