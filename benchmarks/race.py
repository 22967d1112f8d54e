"""How peers are timed against mirada: turn by turn, medians, minima and ratios.

Absolute times of a shared machine mean little; the ratio of two things that ran in
turns at the same moment means more.
"""

import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from mirada.version import __version__

__all__ = ["SCHEMA", "Row", "Runner", "Times", "machine", "race", "report"]

SCHEMA = 1
Runner = Callable[[], Sequence[float]]
"""One turn: the seconds that each of a few calls took."""

_PACKAGES = (
    *("numpy", "llvmlite", "torch", "onnx", "onnxruntime", "openvino"),
    *("jax", "tensorflow", "tensorflow-cpu"),
)


class Times(NamedTuple):
    """What one runner took, in milliseconds."""

    median_ms: float
    least_ms: float


@dataclass(frozen=True)
class Row:
    """One race: what was done, our time and each peer's.

    `ours` is None where mirada refused; `refused` says by name who failed, and how.
    """

    work: str
    mode: str
    batch: int
    precision: str
    ours: Times | None
    peers: Mapping[str, Times] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    flops: int = 0
    peak_gflops: float = 0.0

    @property
    def strongest(self) -> str | None:
        """The peer with the smallest median."""
        return min(self.peers, key=lambda n: self.peers[n].median_ms, default=None)

    def ratio(self, which: int = 0) -> float | None:
        """The strongest peer's time over ours: of medians (0), of minima (1)."""
        if not self.peers or self.ours is None:
            return None
        return min(times[which] for times in self.peers.values()) / self.ours[which]

    def gflops(self, times: Times) -> float:
        """Billions of operations a second, by the median."""
        return self.flops / times.median_ms / 1e6

    def plain(self) -> dict[str, Any]:
        """The row as JSON has it."""
        speed = None if self.ours is None else self.gflops(self.ours)
        share = speed / self.peak_gflops if speed and self.peak_gflops else None
        return {
            "work": self.work,
            "mode": self.mode,
            "batch": self.batch,
            "precision": self.precision,
            "ours_ms": None if self.ours is None else round(self.ours.median_ms, 5),
            "peers": {n: round(t.median_ms, 5) for n, t in self.peers.items()},
            "ratio": _rounded(self.ratio()),
            "strongest": self.strongest,
            "ours_min_ms": None if self.ours is None else round(self.ours.least_ms, 5),
            "peers_min": {n: round(t.least_ms, 5) for n, t in self.peers.items()},
            "ratio_of_minima": _rounded(self.ratio(1)),
            "gflops": _rounded(speed),
            "share_of_peak": _rounded(share),
            "refused": dict(self.refused),
        }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def race(runners: Mapping[str, Runner], rounds: int) -> dict[str, Times]:
    """The times of every runner, each round giving each its turn.

    >>> race({"steady": lambda: [0.002, 0.004], "quick": lambda: [0.001]}, 2)
    {'steady': Times(median_ms=3.0, least_ms=2.0), 'quick': Times(median_ms=1.0, ...)}
    """
    taken: dict[str, list[float]] = {name: [] for name in runners}
    for place in range(rounds):
        # Every other round goes back, so that nobody always follows the same one.
        turns = list(runners.items())
        for name, run in turns if place % 2 == 0 else reversed(turns):
            taken[name] += run()
    return {n: Times(1e3 * median(t), 1e3 * min(t)) for n, t in taken.items() if t}


def machine() -> dict[str, Any]:
    """What the numbers were measured on, and with which versions."""
    versions = {"mirada": __version__}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
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
    """Prints the rows, as tables or as one JSON object."""
    if as_json:
        plain = [row.plain() for row in rows]
        about = {"schema": SCHEMA, "machine": machine(), "rows": plain}
        print(json.dumps({**about, **more}))
        return
    for row in rows:
        _show(row)
    for name, value in more.items():
        print(f"{name}: {value}")


def _show(row: Row) -> None:
    head = f"{row.work}, {row.mode}, batch {row.batch}, {row.precision}: "
    if row.ours is None:
        print(head + "not measured for mirada")
    else:
        share = row.plain()["share_of_peak"]
        print(head + f"{row.ours.median_ms:.4f} ms, share of peak {share}")
    for name, times in sorted(row.peers.items(), key=lambda item: item[1].median_ms):
        faster = "" if row.ours is None else f"{times[0] / row.ours[0]:8.2f} x"
        print(f"    {name:34} {times[0]:10.4f} ms (min {times[1]:.4f}){faster}")
    for name, why in row.refused.items():
        print(f"    {name:34} refused: {why}")
