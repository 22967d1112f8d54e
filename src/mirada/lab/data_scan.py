"""A look at every image of a source, in a thread of its own, that may be followed."""

import threading
from collections.abc import Iterator

from mirada.data.report import DataReport, report_on
from mirada.errors import ConfigurationError
from mirada.lab.asked import Event
from mirada.lab.lab import Lab

__all__ = ["Scan", "Scans", "following"]

_EVERY_S = 0.2
_GOODBYE_S = 0.5


class _CancelledError(Exception):
    """Ends a scan that nobody wants any more."""


class Scan:
    """One look at a source: how far it is, and what came of it.

    `report` is there when it has ended well; `error` when it has not, unless it was
    cancelled.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.done, self.total = 0, 0
        self.report: DataReport | None = None
        self.error: Exception | None = None
        self.is_cancelled = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Asks it to end; it does at the next image."""
        self.is_cancelled = True

    def wait(self, seconds: float) -> bool:
        """Whether it has ended, within some time."""
        return self._ended.wait(seconds)

    def is_good(self) -> bool:
        """Whether it runs, or has ended with a report."""
        return not self.is_cancelled and (
            self.report is not None or not self._ended.is_set()
        )

    def _look(self) -> None:
        try:
            self.report = report_on(self.source, watch=self._watch)
        except _CancelledError:
            pass
        except Exception as error:  # told to who follows, whatever it is
            self.error = error
        finally:
            self._ended.set()

    def _watch(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if self.is_cancelled:
            raise _CancelledError


class Scans:
    """The scan that runs or was last: one at a time, its report kept."""

    def __init__(self, lab: Lab) -> None:
        self._lock = threading.Lock()
        self._scan: Scan | None = None

    @property
    def now(self) -> Scan | None:
        """The scan that runs or was last."""
        return self._scan

    def begin(self, source: str, *, anew: bool = False) -> Scan:
        """The scan of a source: that which is there, or a new one."""
        with self._lock:
            old = self._scan
            if old and old.source == source and not anew and old.is_good():
                return old
            if old:
                old.cancel()
            self._scan = Scan(source)
            return self._scan

    def report(self, source: str) -> DataReport:
        """The report on a source that was looked at.

        Raises ConfigurationError (`data-not-looked-at`).
        """
        scan = self._scan
        if scan is None or scan.source != source or scan.report is None:
            raise ConfigurationError(
                "data-not-looked-at",
                "The images of '{source}' were not looked at since the lab was "
                "started. Look at them again.",
                source=source,
            )
        return scan.report

    def cancel(self) -> None:
        """Ends the scan that runs."""
        if self._scan is not None:
            self._scan.cancel()

    def close(self) -> None:
        """Ends the scan that runs, and waits a moment for it."""
        if self._scan is not None:
            self._scan.cancel()
            self._scan.wait(_GOODBYE_S)


def following(scan: Scan) -> Iterator[Event]:
    """How far a scan is, until it ends; its report is the last event, "report".

    That of one that was cancelled is "cancelled".
    """
    while not scan.wait(_EVERY_S):
        yield "progress", {"done": scan.done, "total": scan.total}
    if scan.error is not None:
        raise scan.error
    if scan.report is None:
        yield "cancelled", {}
