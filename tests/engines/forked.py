"""An engine across a fork: the child must answer as the parent does, and not hang.

python -m tests.engines.forked fresh | used | busy | training
"""

import os
import signal
import sys
import threading
from collections.abc import Callable

from mirada.engines.crew import crew
from mirada.engines.native import NativeEngine
from tests.compiler.programs import CASES
from tests.strategies import batch

__all__ = ["TASKS"]

CASE = CASES["block"]
IMAGES, LABELS = batch(CASE.network, 40, 0)


def answers(engine: NativeEngine) -> list[bytes]:
    """Predictions of many images and of one, and a training step."""
    found = [engine.predict(IMAGES).tobytes(), engine.predict(IMAGES[:1]).tobytes()]
    told = engine.train_step(IMAGES[:3], LABELS[:3], step=0, learning_rate=0.1)
    parameters = [value.tobytes() for value in engine.parameters().values()]
    return [*found, repr(told).encode(), *parameters]


def fork(engine: NativeEngine, wanted: list[bytes]) -> None:
    """Ends with an error when the child answers otherwise, or not at all."""
    child = os.fork()
    if child == 0:
        signal.alarm(60)
        os._exit(0 if answers(engine) == wanted else 3)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, status


def fresh() -> None:
    """Nothing was compiled before the fork."""
    fork(NativeEngine(*CASE, threads=2), answers(NativeEngine(*CASE, threads=2)))


def used() -> None:
    """The parent predicted and trained, and does again."""
    engine, wanted = NativeEngine(*CASE, threads=2), answers(NativeEngine(*CASE, 2))
    before = engine.parameters()
    answers(engine)
    engine.load_parameters(before)
    engine.load_optimizer_state(
        {name: 0 * value for name, value in engine.optimizer_state().items()}
    )
    fork(engine, wanted)
    assert answers(engine) == wanted


def busy() -> None:
    """Other threads hold the engine and its crew while the process forks."""
    engine, wanted = NativeEngine(*CASE, threads=2), answers(NativeEngine(*CASE, 2))
    engine.predict(IMAGES)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with engine.busy, crew(2)._turn:
            held.set()
            done.wait(120)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(60)
    fork(engine, wanted)
    done.set()
    holder.join()
    assert answers(engine) == wanted


def predicting() -> None:
    """Another thread predicts without end while the process forks, many times."""
    engine, over = NativeEngine(*CASE, threads=2), threading.Event()
    wanted = answers(NativeEngine(*CASE, threads=2))
    engine.predict(IMAGES)

    def predict() -> None:
        while not over.is_set():
            engine.predict(IMAGES)

    other = threading.Thread(target=predict)
    other.start()
    try:
        for _ in range(10):
            fork(engine, wanted)
    finally:
        over.set()
        other.join()


TASKS: dict[str, Callable[[], None]] = {
    "fresh": fresh,
    "used": used,
    "busy": busy,
    "predicting": predicting,
}

if __name__ == "__main__":
    TASKS[sys.argv[1]]()
    print("every child answered")
