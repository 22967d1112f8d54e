"""How much being watched slows a training: `python -m benchmarks.lab_training DATA`.

One engine trains LeNet-5 (or the network that is named) on one thread of batches, by
turns of some seconds: alone, and with all that the lab does meanwhile in the trainer's
process, as events, filters and maps for another process that reads and parses them. The
turns are interleaved, so that what else this computer does falls on both alike. Work is
processor seconds of all the threads of the trainer: on a busy computer it says more.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

from mirada.lab.training_pictures import LivePictures, candidates, first_watched
from mirada.lab.training_tell import Teller
from mirada.lab.training_watch import LabWatch
from mirada.tasks.prepare import Order, prepare
from mirada.training import Place, Plan, Watch, Wishes, engine_for
from mirada.training.feed import endless_batches

__all__ = ["Slowing", "Turn", "measured_slowing"]

_READER = "import json, sys; [json.loads(line) for line in sys.stdin.buffer]"


class Turn(NamedTuple):
    """What a step took, in milliseconds of the clock and of processors."""

    time_ms: float
    work_ms: float


@dataclass(frozen=True)
class Slowing:
    """Every turn, alone and watched."""

    alone: tuple[Turn, ...]
    watched: tuple[Turn, ...]

    @property
    def time(self) -> float:
        """By which share a watched training takes longer; the median of the turns."""
        return self._share(0)

    @property
    def work(self) -> float:
        """By which share it computes more."""
        return self._share(1)

    def _share(self, place: int) -> float:
        pairs = zip(self.alone, self.watched, strict=True)
        return median(watched[place] / alone[place] - 1 for alone, watched in pairs)


def measured_slowing(
    data: str, network: str = "lenet5", rounds: int = 15, seconds: float = 2.0
) -> Slowing:
    """Trains by turns, each of so many seconds."""
    plan = prepare(Order(network, data, wishes=Wishes(epochs=1000)))
    reader = subprocess.Popen([sys.executable, "-c", _READER], stdin=subprocess.PIPE)
    assert reader.stdin is not None
    try:
        with TemporaryDirectory() as folder:
            teller = Teller(reader.stdin.fileno())
            steps = _Steps(plan, teller, Path(folder))
            for watch in (steps.watched, Watch()):  # machine code is made
                steps.turn(watch, 2.0)
            pairs = [
                (steps.turn(Watch(), seconds), steps.turn(steps.watched, seconds))
                for _ in range(rounds)
            ]
    finally:
        teller.close()
        reader.stdin.close()
        reader.wait()
    alone, watched = zip(*pairs, strict=True)
    return Slowing(alone, watched)


class _Steps:
    """Steps of one engine that go on and on, whoever looks on."""

    def __init__(self, plan: Plan, teller: Teller, folder: Path) -> None:
        self._plan, self._engine = plan, engine_for(plan.configuration)
        self._pictures = LivePictures(plan, self._engine, teller.tell)
        self._pictures.watch(first_watched(candidates(plan)))
        self._place = Place()
        self.watched = LabWatch(teller.tell, folder, self._pictures)
        self.watched.began(plan.configuration, self._place)
        self._taken = self._take()

    def _take(self) -> Iterator[float]:
        for images, labels, mixing in endless_batches(self._plan):
            place = self._place
            result = self._engine.train_step(
                images, labels, step=place.step, learning_rate=1e-4, mixing=mixing
            )
            self._place = replace(
                place,
                step=place.step + 1,
                batch=place.batch + 1,
                correct=place.correct + result.correct,
                seen=place.seen + len(labels),
            )
            yield result.loss

    def turn(self, watch: Watch, seconds: float) -> Turn:
        """What a step takes while so many seconds pass."""
        began, worked, count = time.perf_counter(), time.process_time(), 0
        while (took := time.perf_counter() - began) < seconds:
            loss = next(self._taken)
            watch.step(self._place, loss)
            count += 1
        work = time.process_time() - worked
        return Turn(1e3 * took / count, 1e3 * work / count)


def main() -> None:
    """Prints the turns and what they come to, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", help="what to train on, as the folder of MNIST")
    parser.add_argument("--network", default="lenet5")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measured_slowing(given.data, given.network, given.rounds)
    if given.json:
        about = {"slowed_by": found.time, "more_work": found.work}
        turns = {"alone": found.alone, "watched": found.watched}
        print(json.dumps({"schema": 1, **about, **turns}))
        return
    for pair in zip(found.alone, found.watched, strict=True):
        print("   ".join(f"{t.time_ms:7.2f} ms, work {t.work_ms:7.2f}" for t in pair))
    more = f"{100 * found.work:.1f} % more work"
    print(f"slowed by {100 * found.time:.1f} %, {more} (budget 10 %)")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
