"""Another program, run to its end, and what it says of an error."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mirada.errors import Phrase

__all__ = ["Ended", "not_here", "not_installed", "run"]

_PATIENCE_S = 1800.0
_MOST_LETTERS = 300


class Ended(NamedTuple):
    """How a program ended, and what it said; `code` is negative after a signal."""

    code: int
    output: bytes
    errors: str

    @property
    def words(self) -> str:
        """The first of its errors, else its last line, else its exit code.

        >>> Ended(1, b"", "model.c:7: error: what is this?").words
        'model.c:7: error: what is this?'
        >>> Ended(-9, b"", "").words
        'exit -9'
        """
        lines = self.errors.splitlines()
        errors = [line for line in lines if "error:" in line.lower()]
        return (errors or lines[-1:] or [f"exit {self.code}"])[0][:_MOST_LETTERS]


def run(
    command: Sequence[str],
    place: Path | None = None,
    *,
    stdin: int = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
    patience_s: float = _PATIENCE_S,
) -> Ended:
    """Runs a program in a folder, given nothing to read.

    Raises OSError where it does not begin, subprocess.TimeoutExpired where it does not
    end.
    """
    done = subprocess.run(
        command,
        cwd=place,
        env=environment,
        stdin=stdin,
        capture_output=True,
        timeout=patience_s,
        check=False,
    )
    errors = done.stderr.decode("utf-8", "replace").strip()
    return Ended(done.returncode, done.stdout, errors)


def not_installed(program: str) -> Phrase:
    """Why nothing was compared: there is no such program."""
    return Phrase("not checked: {program} is not installed", program=program)


def not_here(program: str, why: str) -> Phrase:
    """Why nothing was compared: the program is there, and does not work."""
    return Phrase(
        "not checked: {program} does not run here ({why})", program=program, why=why
    )
