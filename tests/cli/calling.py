"""Runs the command line in this process, or as a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

from mirada.cli import main

__all__ = ["Called", "Caller", "started"]


class Called(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object of the last line of stdout."""
        return json.loads(self.out.splitlines()[-1])


class Caller:
    """Calls the command line in this process."""

    def __init__(self, captured: pytest.CaptureFixture[str]) -> None:
        self._captured = captured

    def __call__(self, *words: str) -> Called:
        """Runs the command that the words name."""
        self._captured.readouterr()
        code = main(list(words))
        return Called(code, *self._captured.readouterr())


def started(
    *words: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs `python -m mirada` with these words, in English."""
    return subprocess.run(
        [sys.executable, "-m", "mirada", *words],
        env={**os.environ, "MIRADA_LANG": "en", **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
    )
