"""How a command ends that did not go well: message, JSON, exit code.

0 ok   1 a bug of ours   2 usage   3 data or a file of ours   4 a description or
a configuration   5 disk or memory   6 training diverged   7 a check found something
wrong   130 Ctrl-C   141 the reader of our output has gone   143 SIGTERM
"""

import os
import sys
import traceback
from pathlib import PurePath
from typing import NamedTuple

import click

from mirada.cli.output import printable, show_json
from mirada.cli.termination import TerminatedError
from mirada.errors import InternalError, MemoryLimitError, MiradaError, StorageError
from mirada.language import translate

__all__ = [
    "INTERRUPTED",
    "PIPE_CLOSED",
    "TERMINATED",
    "Failure",
    "failed",
    "failure_of",
]

USAGE = 2
INTERRUPTED = 130
PIPE_CLOSED = 141
TERMINATED = 143

SCHEMA = 1


class Failure(NamedTuple):
    """A failure in the words it is told in: `code` is stable, `message` translated."""

    code: str
    message: str
    exit_code: int


def failed(error: BaseException, *, as_json: bool) -> int:
    """Tells of the error and gives the exit code.

    The message goes to stderr. With `as_json` stdout gets one object as well, so that
    a script finds JSON in the same place whether the command worked or not:
    {"schema": 1, "error": {"code", "message", "exit_code"}}.
    """
    if isinstance(error, BrokenPipeError):
        _drop_output()
        return PIPE_CLOSED
    failure = failure_of(error)
    if isinstance(error, click.UsageError):
        error.show()
    else:
        click.echo(_told(failure), err=True)
    if failure.exit_code == 1 and os.environ.get("MIRADA_TRACEBACK"):
        traceback.print_exception(error)
    if as_json:
        show_json({"schema": SCHEMA, "error": failure._asdict()})
    return failure.exit_code


def failure_of(error: BaseException) -> Failure:
    """What is told of an error, foreign ones included."""
    if isinstance(error, TerminatedError):
        return Failure("interrupted", translate("Interrupted."), TERMINATED)
    if isinstance(error, KeyboardInterrupt | EOFError | click.Abort):
        return Failure("interrupted", translate("Interrupted."), INTERRUPTED)
    if isinstance(error, click.ClickException):
        return Failure("usage", printable(error.format_message()), USAGE)
    known = error if isinstance(error, MiradaError) else _known(error)
    return Failure(known.code, printable(known).strip(), known.exit_code)


def _told(failure: Failure) -> str:
    if failure.exit_code in (INTERRUPTED, TERMINATED):
        return failure.message
    template = translate("Error [{code}]: {message}")
    return template.format(code=failure.code, message=failure.message)


def _known(error: BaseException) -> MiradaError:
    """An error of Python's or of a library as one of ours."""
    if isinstance(error, MemoryError):
        return MemoryLimitError(
            "out-of-memory",
            "There was not enough memory. Use a smaller batch, a smaller network, or "
            "close other programs.",
        )
    if isinstance(error, OSError):
        return StorageError(
            "disk-refused",
            "{path!r}: {reason}. Check the name, the permissions and the free space.",
            path=str(error.filename or ""),
            reason=error.strerror or str(error) or type(error).__name__,
        )
    return InternalError(
        "unexpected",
        "mirada met something it did not expect ({what}, in {where}). This is a bug of "
        "mirada's, not of yours. Report it with the command that was run; with "
        "MIRADA_TRACEBACK=1 the whole trace is printed.",
        what=f"{type(error).__name__}: {error}"[:300],
        where=_place(error),
    )


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "?"
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}"


def _drop_output() -> None:
    """Sends what is still to be written nowhere, so that closing says nothing."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        pass
