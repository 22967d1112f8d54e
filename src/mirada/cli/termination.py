"""SIGTERM outside of training: the command ends as it does after Ctrl-C, with 143."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["TerminatedError", "heeding_termination"]


class TerminatedError(KeyboardInterrupt):
    """The process was asked to end; raised wherever it is, as Ctrl-C is."""


@contextmanager
def heeding_termination() -> Iterator[None]:
    """SIGTERM raises TerminatedError inside the block, so that all is tidied up.

    Outside the main thread nothing is listened to.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _raise(number: int, frame: FrameType | None) -> None:
    raise TerminatedError
