"""How peers are timed against mirada: in one process, turn by turn, medians and ratios.

Absolute times of a shared machine mean little; the ratio of two things that ran in
turns at the same moment means more.
"""

import json
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from mirada.version import __version__

__all__ = ["SCHEMA", "Row", "machine", "race", "report"]

SCHEMA = 1
Work = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """One race: what was done, our median and each peer's, in milliseconds."""

    work: str
    mode: str
    batch: int
    precision: str
    ours_ms: float
    peers: Mapping[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """The strongest peer's time over ours; None without a peer."""
        return min(self.peers.values()) / self.ours_ms if self.peers else None

    def plain(self) -> dict[str, Any]:
        """The row as JSON has it."""
        peers = {name: round(ms, 5) for name, ms in self.peers.items()}
        ratio = None if self.ratio is None else round(self.ratio, 3)
        return {
            "work": self.work,
            "mode": self.mode,
            "batch": self.batch,
            "precision": self.precision,
            "ours_ms": round(self.ours_ms, 5),
            "peers": peers,
            "ratio": ratio,
        }


def race(
    runners: Mapping[str, Work], rounds: int, seconds: float = 0.05
) -> dict[str, float]:
    """The median time of one call of each runner, in milliseconds.

    Every round gives each runner its turn, as many calls as take about `seconds`.
    """
    calls = {name: _calls(run, seconds) for name, run in runners.items()}
    times: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, run in runners.items():
            # The first calls of a turn find the caches full of the one before.
            run()
            for _ in range(calls[name]):
                start = time.perf_counter()
                run()
                times[name].append(time.perf_counter() - start)
    return {name: 1e3 * median(taken) for name, taken in times.items()}


def _calls(run: Work, seconds: float) -> int:
    for _ in range(3):
        run()
    start = time.perf_counter()
    run()
    taken = time.perf_counter() - start
    return max(1, min(2000, int(seconds / max(taken, 1e-7))))


def machine() -> dict[str, Any]:
    """What the numbers were measured on, and with which versions."""
    versions = {"mirada": __version__, "numpy": np.__version__}
    for name in ("torch", "onnxruntime", "llvmlite"):
        try:
            versions[name] = __import__(name).__version__
        except ImportError:
            versions[name] = "not installed"
    return {"processor": _processor(), "python": platform.python_version(), **versions}


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.split(":", 1)[1].strip() for line in lines if "model name" in line]
    return f"{named[0]} x {len(named)}" if named else platform.machine()


def report(rows: list[Row], as_json: bool, **more: Any) -> None:
    """Prints the rows, as a table or as one JSON object."""
    if as_json:
        plain = [row.plain() for row in rows]
        print(
            json.dumps({"schema": SCHEMA, "machine": machine(), "rows": plain, **more})
        )
        return
    for row in rows:
        print(f"{row.work}, {row.mode}, batch {row.batch}: {row.ours_ms:.4f} ms")
        for name, ms in sorted(row.peers.items(), key=lambda item: item[1]):
            print(f"    {name:32} {ms:10.4f} ms  {ms / row.ours_ms:6.2f} x")
    for name, value in more.items():
        print(f"{name}: {value}")
