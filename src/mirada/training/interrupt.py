"""Ctrl-C and SIGTERM while training: heard at a safe place, a second time at once."""

import os
import signal
import socket
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
    128 and its number, also while machine code runs, which no handler of Python's can
    leave. Outside the main thread nothing is listened to.

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
            self._reads, self._writes = socket.socketpair()
            self._writes.setblocking(False)
            self._wakened = signal.set_wakeup_fd(self._writes.fileno())
            self._listener = threading.Thread(target=self._listen, daemon=True)
            self._listener.start()
            for number in _SIGNALS:
                self._before[number] = signal.signal(number, self._heard)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._before:
            return
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        self._before.clear()
        signal.set_wakeup_fd(self._wakened)
        self._writes.close()
        self._listener.join()
        self._reads.close()

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self.number:
            os._exit(128 + number)
        self.number = number

    def _listen(self) -> None:
        """Counts signals as they come, while the main thread may hear none of them."""
        heard = 0
        while numbers := self._reads.recv(64):
            for number in numbers:
                heard += number in _SIGNALS
                if heard > 1:
                    os._exit(128 + number)
