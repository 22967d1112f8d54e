"""Crowds that take up connections and ask for nothing, while somebody works."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from statistics import quantiles
from typing import NamedTuple

from tests.lab.attacked import closed_within, connected, head, heard
from tests.lab.open_lab import OpenLab
from tests.training.tally import Tally

__all__ = ["Crowd", "crowded", "p95_ms"]


_LEAST_S = 1.5
"""The crowd is there for so long at least, and comes back when it is thrown out."""


class Crowd(NamedTuple):
    """How many do not end their request, ask no more, and do not read."""

    half_open: int = 150
    idle: int = 150
    slow: int = 50


class _Attackers:
    """Connections that are opened anew as soon as they are closed."""

    def __init__(self, lab: OpenLab, crowd: Crowd) -> None:
        self._lab, self._crowd = lab, crowd
        self.opened = 0
        self._is_over = threading.Event()
        self._held: list[tuple[str, socket.socket]] = []
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> "_Attackers":
        for kind, count in self._crowd._asdict().items():
            for _ in range(count):
                self._open(kind)
        self._thread.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._is_over.set()
        self._thread.join()
        for _, connection in self._held:
            connection.close()

    def _open(self, kind: str) -> None:
        with suppress(OSError):
            connection = connected(self._lab, 2.0)
            self._held.append((kind, connection))
            self.opened += 1
            connection.sendall(_first(self._lab, kind))
            connection.setblocking(False)

    def _go_on(self) -> None:
        while not self._is_over.is_set():
            for each in list(self._held):
                if _is_closed(*each):
                    each[1].close()
                    self._held.remove(each)
                    self._open(each[0])
            time.sleep(0.2)


def _first(lab: OpenLab, kind: str) -> bytes:
    if kind == "half_open":
        return head(lab)[:-4]
    return head(lab, "GET", "/api/planted/large?mb=8" if kind == "slow" else "/")


def _is_closed(kind: str, connection: socket.socket) -> bool:
    try:
        # Who reads slowly reads a little, so that it is not taken for gone.
        return not connection.recv(1 if kind == "slow" else 1 << 16)
    except BlockingIOError:
        return False
    except OSError:
        return True


def crowded(lab: OpenLab, crowd: Crowd, requests: int, patience_s: float) -> Tally:
    """Honest requests amid a crowd, and how long each of its kinds is put up with."""
    tally = Tally()
    quiet = [_timed(lab, tally, "alone") for _ in range(requests)]
    with _Attackers(lab, crowd) as attackers:
        times: list[float] = []
        end = time.monotonic() + _LEAST_S
        while len(times) < requests or time.monotonic() < end:
            times.append(_timed(lab, tally, "in the crowd"))
    tally.notes["p95 alone, in tenths of ms"] = round(10 * p95_ms(quiet))
    tally.notes["p95 in the crowd, in tenths of ms"] = round(10 * p95_ms(times))
    tally.notes["attackers"] = attackers.opened
    kinds = list(crowd._asdict())
    with ThreadPoolExecutor(len(kinds)) as threads:
        found = threads.map(lambda kind: _is_dropped(lab, kind, patience_s), kinds)
        for kind, is_dropped in zip(kinds, found, strict=True):
            fault = "" if is_dropped else f"over {patience_s} s"
            tally.add(f"{kind} put up with", fault)
    return tally


def _is_dropped(lab: OpenLab, kind: str, patience_s: float) -> bool:
    with connected(lab) as connection:
        connection.sendall(_first(lab, kind))
        if kind == "idle":
            heard(connection)
        if kind == "slow":
            # It is closed only after all that the system holds of it has been read.
            time.sleep(patience_s)
        return closed_within(connection, patience_s)


def p95_ms(seconds: list[float]) -> float:
    """The time within which all but one in twenty were answered."""
    return 1e3 * quantiles(seconds, n=20)[-1]


def _timed(lab: OpenLab, tally: Tally, kind: str) -> float:
    begun = time.perf_counter()
    try:
        status = lab.ask("GET", "/api/state").status
        tally.add(kind, "" if status == 200 else f"status {status}")
    except OSError as error:
        tally.add(kind, f"{type(error).__name__}: {error}")
    return time.perf_counter() - begun
