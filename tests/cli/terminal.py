"""A command on a terminal of its own, and the terminal's screen after it."""

import os
import re
import select
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

__all__ = ["Shown", "on_terminal", "screen"]

_SEQUENCE = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n])")


class Shown(NamedTuple):
    """How a command ended that a person had called on a terminal."""

    code: int
    written: str
    """All that was written, control sequences included."""
    screen: list[str]
    """What stands on the screen at the end."""
    cursor: bool
    """Whether the cursor can be seen."""


def on_terminal(
    *words: str,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    typed: Callable[[str], str] = lambda written: "",
) -> Shown:
    """Runs `python -m mirada` with a terminal of 100 columns for input and output.

    `typed` is asked, after each thing that was written, for the keys to press.
    """
    pty = pytest.importorskip("pty")
    master, slave = pty.openpty()
    chosen = {"MIRADA_LANG": "en", "COLUMNS": "100", "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-m", "mirada", *words],
        cwd=folder,
        env={**os.environ, **chosen, **(environment or {})},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=_take_terminal,
    ) as process:
        os.close(slave)
        written = _read(master, typed)
        os.close(master)
        code = process.wait(60)
    return Shown(code, written, screen(written), _cursor(written))


def screen(written: str) -> list[str]:
    """The lines on an endless screen after so much was written, without empty ends.

    >>> screen("one\\r\\nbar 50 %\\r\\x1b[2Kdone\\r\\n")
    ['one', 'done']
    """
    lines, row, column = [""], 0, 0
    for values, letter, moved, text in _SEQUENCE.findall(written):
        if text:
            line = lines[row].ljust(column)
            lines[row] = line[:column] + text + line[column + 1 :]
            column += 1
        elif moved == "\r":
            column = 0
        elif moved == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif letter == "A":
            row = max(row - int(values or 1), 0)
        elif letter == "K":
            lines[row] = "" if values == "2" else lines[row][:column]
        else:
            assert letter in "mhl", f"an unknown sequence: {values}{letter}"
    return [line.rstrip() for line in "\n".join(lines).rstrip().split("\n")]


def _cursor(written: str) -> bool:
    return written.rfind("\x1b[?25h") >= written.rfind("\x1b[?25l")


def _take_terminal() -> None:
    """Makes standard input the terminal that Ctrl-C of this process comes from."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _read(master: int, typed: Callable[[str], str]) -> str:
    content = b""
    while select.select([master], [], [], 60)[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:  # Linux: the other end is closed
            break
        if not piece:
            break
        content += piece
        os.write(master, typed(content.decode("utf-8", "replace")).encode())
    return content.decode("utf-8")
