"""The same bytes: for any number of threads, whatever lay in memory before."""

import numpy as np
import pytest

from mirada.engines.native import NativeEngine
from mirada.network import (
    AdamW,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    Recipe,
    ReLU,
)
from tests.strategies import batch

NETWORK = Network(
    "lecture",
    (1, 14, 14),
    (
        *(Conv2d(6, 5, padding=2), ReLU(), MaxPool2d(2)),
        *(Conv2d(16, 3), ReLU(), MaxPool2d(2)),
        *(Flatten(), Dropout(0.3), Linear(20), ReLU(), Linear(10)),
    ),
)
RECIPE = Recipe(optimizer=AdamW(0.01), batch_size=70, seed=4)


def after_training(engine: NativeEngine) -> bytes:
    """Everything that training leaves: parameters, memory, losses, answers."""
    images, labels = batch(NETWORK, 70, 1)
    told = []
    for step in range(4):
        count = 70 if step % 2 else 41
        told.append(
            engine.train_step(
                images[:count], labels[:count], step=step, learning_rate=0.01
            )
        )
    loss, gradients = engine.gradients(images, labels)
    arrays = {**engine.parameters(), **engine.optimizer_state(), **gradients}
    answers = engine.predict(images)
    kept = [answers.tobytes(), *(value.tobytes() for value in arrays.values())]
    return repr((told, loss)).encode() + b"".join(kept)


def test_any_number_of_threads_gives_the_same_bytes() -> None:
    alone = after_training(NativeEngine(NETWORK, RECIPE, threads=1))
    for threads in (3, 2, 8, 4, 2):
        assert after_training(NativeEngine(NETWORK, RECIPE, threads)) == alone


@pytest.mark.parametrize("poison", (np.nan, np.inf, 1e30))
def test_what_lay_in_memory_does_not_matter(poison: float) -> None:
    clean = after_training(NativeEngine(NETWORK, RECIPE, threads=2))
    engine = NativeEngine(NETWORK, RECIPE, threads=2)
    images, labels = batch(NETWORK, 70, 1)
    engine.predict(images)
    engine.gradients(images, labels)
    for prepared in engine.prepared():
        prepared.workspace.fill(poison)
        prepared.borders()
    assert after_training(engine) == clean


def test_an_image_is_answered_the_same_in_any_place() -> None:
    engine = NativeEngine(NETWORK, RECIPE, threads=2)
    images, _ = batch(NETWORK, 37, 2)
    whole = engine.predict(images)
    order = np.random.default_rng(0).permutation(37)
    assert engine.predict(images[order]).tobytes() == whole[order].tobytes()
    assert engine.predict(images[:17]).tobytes() == whole[:17].tobytes()


def test_a_trained_engine_goes_on_from_its_saved_state() -> None:
    images, labels = batch(NETWORK, 70, 3)

    def steps(engine: NativeEngine, numbers: range) -> None:
        for step in numbers:
            engine.train_step(images, labels, step=step, learning_rate=0.01)

    whole, half = (NativeEngine(NETWORK, RECIPE, threads=2) for _ in range(2))
    steps(whole, range(6))
    steps(half, range(3))
    other = NativeEngine(NETWORK, RECIPE, threads=1)
    other.load_parameters(half.parameters())
    other.load_optimizer_state(half.optimizer_state())
    steps(other, range(3, 6))
    for name, value in whole.parameters().items():
        assert other.parameters()[name].tobytes() == value.tobytes(), name
