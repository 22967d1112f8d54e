"""What the lab takes: `python benchmarks/lab.py [--only WORDS] [--rounds N] [--json]`.

Each row is a function that measures one figure, beside what it may be. A new row is one
more function with `@row`. They want Chromium and Linux.
"""

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

if __name__ == "__main__":  # The lab's own tests know how it is opened and spoken to.
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.lab_look import measure as measured_presses
from benchmarks.lab_training import measured_slowing
from benchmarks.lab_window import slider_frame_ms
from tests.browser import chromium
from tests.lab.attack_crowds import Crowd, crowded
from tests.lab.attack_soak import use_of
from tests.lab.attacked import attacked, connected, head
from tests.lab.open_lab import OpenLab, open_lab

_SMALL = """
name = "small"
input = "1x8x8"
layers = ["conv 4 3x3", "relu", "maxpool 2", "flatten", "linear 10"]
"""
_DRAWN = "document.querySelector('#room > .heading ~ *') !== null"

Measure = Callable[[Path, int], float]


class Row(NamedTuple):
    """A figure: its unit, what it may be, and how it is measured in an empty folder."""

    unit: str
    budget: float
    measure: Measure


ROWS: dict[str, Row] = {}


def row(name: str, unit: str, budget: float) -> Callable[[Measure], Measure]:
    """Makes a function of a folder and a number of rounds a row of the table."""

    def kept(measure: Measure) -> Measure:
        ROWS[name] = Row(unit, budget, measure)
        return measure

    return kept


@row("start until ready", "ms", 1000)
def _start(folder: Path, rounds: int) -> float:
    return median(_started_ms(folder) for _ in range(rounds))


@row("page usable", "ms", 1000)
def _page(folder: Path, rounds: int) -> float:
    """From going to the page until its first room is drawn, nothing of it cached."""
    times = []
    with open_lab(folder) as lab:
        lab.ask("GET", "/api/state")  # The rooms have been imported.
        for turn in range(rounds):
            with chromium(folder / f"browser-{turn}") as browser:
                begun = time.perf_counter()
                browser.visit(lab.room("window"))
                browser.wait_for(_DRAWN)
                times.append(_ms_since(begun))
    return median(times)


@row("press on a map until its sum stands there, LeNet-5", "ms", 50)
def _press(folder: Path, rounds: int) -> float:
    found: float = measured_presses(folder)["page_ms"]["median"]
    return found


@row("step of a slider, slowest of the windows of numbers", "ms", 16)
def _slider(folder: Path, rounds: int) -> float:
    return max(frame for what, frame in _sliders(folder) if "photo" not in what)


@row("step of a slider over a photo, slowest kernel", "ms", 16)
def _slider_of_photo(folder: Path, rounds: int) -> float:
    return max(frame for what, frame in _sliders(folder) if "photo" in what)


@row("training LeNet-5 slowed by being watched", "%", 10)
def _slowed(folder: Path, rounds: int) -> float:
    return 100 * measured_slowing("digits", rounds=max(rounds, 10)).time


@row("memory of the server, page open", "MB", 200)
def _memory(folder: Path, rounds: int) -> float:
    with open_lab(folder) as lab:
        for path in ("/", "/lab/page/lab.js", "/api/state", "/api/here"):
            lab.ask("GET", path)
        return use_of(lab.process.pid).resident_bytes / 1e6


@row("p95 in a crowd of 150 half-open, 150 idle, 50 slow", "ms", 200)
def _crowd(folder: Path, rounds: int) -> float:
    with attacked(folder) as lab:
        notes = crowded(lab, Crowd(), requests=200, patience_s=25.0).notes
    return notes["p95 in the crowd, in tenths of ms"] / 10


@row("p95 of control, 30 pages following a training", "ms", 150)
def _followed(folder: Path, rounds: int) -> float:
    with open_lab(folder) as lab, _training(lab), _followers(lab, 30):
        times = []
        for turn in range(200):
            begun = time.perf_counter()
            path = "/api/training/rate" if turn % 2 else "/api/training/watch"
            value: object = {"times": 1.0} if turn % 2 else {"images": [0, 1]}
            assert lab.ask("POST", path, value).status == 200
            times.append(_ms_since(begun))
    return quantiles(times, n=20)[-1]


def _sliders(folder: Path) -> Iterator[tuple[str, float]]:
    """What the script and the layout of a slider's step take, by what it slides."""
    with open_lab(folder) as lab, chromium(folder / "browser") as browser:
        for frame in slider_frame_ms(browser, lab):
            yield frame.what, frame.busy


@contextmanager
def _training(lab: OpenLab) -> Iterator[None]:
    """While a network is trained without end."""
    order = {"data": "digits", "network": _SMALL, "options": {"epochs": 100_000}}
    assert lab.ask("POST", "/api/training/start", order).status == 200
    end = time.monotonic() + 60
    while lab.ask("GET", "/api/training").value["state"] != "running":
        assert time.monotonic() < end
        time.sleep(0.05)
    yield
    lab.ask("POST", "/api/training/stop", {})


@contextmanager
def _followers(lab: OpenLab, count: int) -> Iterator[None]:
    """While so many read all that a training tells."""
    streams = [connected(lab) for _ in range(count)]
    with ThreadPoolExecutor(count) as threads:
        for stream in streams:
            stream.sendall(head(lab, "GET", "/api/training/follow"))
            threads.submit(_read_on, stream)
        time.sleep(1)
        yield
        for stream in streams:
            stream.shutdown(socket.SHUT_RDWR)


def _read_on(stream: socket.socket) -> None:
    stream.settimeout(None)
    with stream:
        while stream.recv(1 << 16):
            pass


def _started_ms(folder: Path) -> float:
    command = [sys.executable, "-m", "mirada", "lab", str(folder), "--no-browser"]
    begun = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None and process.stdout.readline()
        taken = _ms_since(begun)
        process.terminate()
    return taken


def _ms_since(begun: float) -> float:
    return 1e3 * (time.perf_counter() - begun)


def main() -> None:
    """Prints the table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="words in the names of the rows")
    given = parser.parse_args()
    found = {}
    for name, (unit, budget, measure) in ROWS.items():
        if given.only in name:
            with tempfile.TemporaryDirectory() as folder:
                value = round(measure(Path(folder), given.rounds), 1)
            found[name] = {"value": value, "unit": unit, "budget": budget}
            if not given.json:
                told = f"{value:8.1f} {unit:3} (budget {budget:g})"
                print(f"{name:55} {told}", flush=True)
    if given.json:
        print(json.dumps({"schema": 1, "lab": found}))


if __name__ == "__main__":
    main()
