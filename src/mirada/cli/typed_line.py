"""One line from stdin, of bounded length: what is piped in may never end a line."""

import sys

from mirada.errors import DataError

__all__ = ["typed_line"]

_LONGEST = 10_000


def typed_line() -> str | None:
    """The next line without its end and the spaces around it; None at the end.

    Raises DataError (`line-too-long`).
    """
    line = "" if sys.stdin is None else sys.stdin.readline(_LONGEST + 1)
    if not line:
        return None
    if len(line) > _LONGEST:
        raise DataError(
            "line-too-long",
            "A line on stdin has more than {most} letters, where an answer was "
            "expected. Give text with an answer a line.",
            most=_LONGEST,
        )
    return line.strip()
