"""Ctrl-C and SIGTERM while training: heard at a safe place, a second time at once."""

import os
import signal
import threading
from types import FrameType, TracebackType
from typing import Self

__all__ = ["Interrupt", "RunInterruptedError"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class RunInterruptedError(Exception):
    """Training was asked to stop, and has saved what it had."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


class Interrupt:
    """Listens to Ctrl-C and SIGTERM inside a `with` block.

    The first signal is kept in `number`; a second ends the process there and then with
    128 and its number. Outside the main thread nothing is listened to.

    >>> with Interrupt() as interrupt:
    ...     signal.raise_signal(signal.SIGTERM)
    ...     interrupt.number
    15
    """

    def __init__(self) -> None:
        self.number = 0
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self.number:
            os._exit(128 + number)
        self.number = number
