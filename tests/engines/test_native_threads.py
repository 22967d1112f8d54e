"""Several Python threads in one engine take turns; a forked child goes on alone."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mirada.engines.native import NativeEngine
from mirada.network import Conv2d, Flatten, Linear, MaxPool2d, Network, Recipe, ReLU
from tests.strategies import batch

ROOT = Path(__file__).resolve().parents[2]
NETWORK = Network(
    "shared",
    (1, 12, 12),
    (Conv2d(6, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(20), ReLU(), Linear(5)),
)


def at_once(*works: Callable[[], None]) -> None:
    """Runs each on a thread of its own; what any raises is raised."""
    errors: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # every failure counts
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


@pytest.mark.parametrize("threads", [1, 2])
def test_predictions_at_once_are_right(threads: int) -> None:
    """Also the first ones, which compile."""
    engine = NativeEngine(NETWORK, Recipe(), threads)
    alone = NativeEngine(NETWORK, Recipe(), threads)
    sizes = (1, 5, 16, 33)
    given = [batch(NETWORK, count, count)[0] for count in sizes]
    wanted = [alone.predict(images) for images in given]

    def predict(place: int) -> Callable[[], None]:
        def work() -> None:
            for turn in range(40):
                at = (place + turn) % len(sizes)
                np.testing.assert_array_equal(engine.predict(given[at]), wanted[at])

        return work

    at_once(*map(predict, range(6)))


def test_training_and_predicting_at_once() -> None:
    """Every answer is that of one of the states that training went through."""
    engine, alone = (NativeEngine(NETWORK, Recipe(batch_size=8), 2) for _ in range(2))
    images, labels = batch(NETWORK, 8, 3)
    states = [alone.predict(images).tobytes()]
    for step in range(12):
        alone.train_step(images, labels, step=step, learning_rate=0.1)
        states.append(alone.predict(images).tobytes())

    def train() -> None:
        for step in range(12):
            engine.train_step(images, labels, step=step, learning_rate=0.1)

    def predict() -> None:
        last = 0
        while last < 12:
            last = states.index(engine.predict(images).tobytes(), last)

    at_once(train, predict, predict)
    assert engine.predict(images).tobytes() == states[-1]


def test_engines_side_by_side_do_not_disturb_each_other() -> None:
    images, labels = batch(NETWORK, 8, 3)

    def trained(threads: int) -> bytes:
        engine = NativeEngine(NETWORK, Recipe(batch_size=8), threads)
        for step in range(10):
            engine.train_step(images, labels, step=step, learning_rate=0.1)
        return engine.predict(images).tobytes()

    wanted, found = trained(1), list[bytes]()
    works = [
        lambda threads=threads: found.append(trained(threads))
        for threads in (1, 2, 3, 2)
    ]
    at_once(*works)
    assert set(found) == {wanted} and len(found) == 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("task", ["fresh", "used", "busy", "predicting"])
def test_a_forked_child_answers(task: str) -> None:
    command = [sys.executable, "-m", "tests.engines.forked", task]
    ended = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=170, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "every child answered" in ended.stdout
