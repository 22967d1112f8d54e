"""What is read by the thousand: tallied, and what was slow read twice."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mirada.errors import MiradaError
from tests.hostile.audit import watched

__all__ = ["Told", "tried"]

Reads = Callable[[], object]


class Told(NamedTuple):
    """How many there were, how many were refused, and the most that one took."""

    cases: int
    refused: int
    slowest_seconds: float


def tried(cases: Sequence[int], made: Callable[[int], Reads], slow: float) -> Told:
    """Reads what is made for each number, under watch: it is good, or is refused.

    What takes more than `slow` seconds is read once more: that may have been a pause of
    the collector's. Whatever is raised but `MiradaError` goes through, with its number.
    """
    refused, slowest = 0, 0.0
    for number in cases:
        reads = made(number)
        took = _seconds(number, reads)
        if abs(took) > slow:
            took = min(took, _seconds(number, reads), key=abs)
        refused += took < 0
        slowest = max(slowest, abs(took))
    return Told(len(cases), refused, slowest)


def _seconds(number: int, reads: Reads) -> float:
    """The time of this thread that reading took; negative where it was refused."""
    began, sign = time.thread_time(), 1
    try:
        with watched():
            reads()
    except MiradaError as error:
        sign = -1
        str(error)
    except BaseException as error:
        error.add_note(f"case {number}")
        raise
    return sign * (time.thread_time() - began)
