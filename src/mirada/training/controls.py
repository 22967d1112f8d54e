"""What may be asked of a run while it goes on: to wait, and another learning rate."""

import math
import time
from collections.abc import Callable
from threading import Condition
from typing import NamedTuple

__all__ = ["LARGEST_RATE", "Controls", "RateWish"]

LARGEST_RATE = 1000.0
_LOOKS_S = 0.05
"""How often who waits looks for a signal, which wakes no condition."""
_FURTHEST = 1e9


class RateWish(NamedTuple):
    """Another learning rate: a `value` from now on, or so many `times` what it is."""

    value: float | None = None
    times: float = 1.0

    def factor(self, scheduled: float, factor: float) -> float:
        """What the schedule's rate is multiplied by then, where it was `factor`.

        As it was, where the schedule has come to 0 or nothing sensible would come out.

        >>> RateWish(times=0.5).factor(0.1, 1.0), RateWish(0.2).factor(0.1, 1.0)
        (0.5, 2.0)
        """
        wanted = factor * self.times
        if self.value is not None:
            wanted = self.value / scheduled if scheduled > 0 else factor
        fine = math.isfinite(wanted) and 1 / _FURTHEST <= wanted <= _FURTHEST
        return wanted if fine and wanted * scheduled <= LARGEST_RATE else factor


class Controls:
    """Asked from any thread; the loop heeds it before its next step.

    >>> controls = Controls()
    >>> controls.pause()
    >>> controls.is_paused
    True
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._is_paused = False
        self._wish: RateWish | None = None

    @property
    def is_paused(self) -> bool:
        """Whether the run is to wait."""
        return self._is_paused

    def pause(self) -> None:
        """Lets the run save itself and wait."""
        self._set_paused(True)

    def go_on(self) -> None:
        """Lets it go on."""
        self._set_paused(False)

    def _set_paused(self, is_paused: bool) -> None:
        with self._changed:
            self._is_paused = is_paused
            self._changed.notify_all()

    def wait(self, is_over: Callable[[], bool], seconds: float = math.inf) -> None:
        """Returns when the run may go on, soon after `is_over` says so, or in time."""
        end = time.monotonic() + seconds
        with self._changed:
            while self._is_paused and not is_over() and time.monotonic() < end:
                self._changed.wait(_LOOKS_S)

    def change_rate(self, wish: RateWish) -> None:
        """Lets the rate be another from the next step on."""
        with self._changed:
            self._wish = wish

    def taken_wish(self, step: int) -> RateWish | None:
        """What is wished of the rate before the step after `step`, once."""
        with self._changed:
            found, self._wish = self._wish, None
            return found
