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
from tests.engines.drawn import MIXED
from tests.strategies import batch

LECTURE = Network(
    "lecture",
    (1, 14, 14),
    (
        *(Conv2d(6, 5, padding=2), ReLU(), MaxPool2d(2)),
        *(Conv2d(16, 3), ReLU(), MaxPool2d(2)),
        *(Flatten(), Dropout(0.3), Linear(20), ReLU(), Linear(10)),
    ),
)
BOTH = pytest.mark.parametrize(
    ("network", "size"), [(LECTURE, 70), (MIXED, 6)], ids=["streamed", "layered"]
)
"""A network in each manner, and its batch."""


def recipe(size: int) -> Recipe:
    return Recipe(
        optimizer=AdamW(0.01),
        batch_size=size,
        seed=4,
        gradient_clip=1.0,
        ema=0.9,
        # A layer is frozen, one in part; the rest learns at two rates.
        rates=("conv1 0", "conv2.weight 0", "linear*.bias 2"),
    )


def after_training(engine: NativeEngine) -> bytes:
    """Everything that training leaves: parameters, memory, losses, answers."""
    network, size = engine.network, engine.recipe.batch_size
    images, labels = batch(network, size, 1)
    told = []
    for step in range(4):
        count = size if step % 2 else size * 3 // 5
        told.append(
            engine.train_step(
                images[:count], labels[:count], step=step, learning_rate=0.01
            )
        )
    loss, gradients = engine.gradients(images, labels)
    arrays = {**engine.parameters(), **engine.optimizer_state(), **gradients}
    answers = [engine.predict(images), engine.predict(images[:1])]
    middle = [network.nodes[place].name for place in (1, 4, -2)]
    values = engine.activations(images, middle)
    slopes = engine.output_gradients(images, answers[0], middle)
    answers += [*values.values(), *slopes.values()]
    kept = [*answers, *arrays.values()]
    return repr((told, loss)).encode() + b"".join(one.tobytes() for one in kept)


@BOTH
def test_any_number_of_threads_gives_the_same_bytes(
    network: Network, size: int
) -> None:
    alone = after_training(NativeEngine(network, recipe(size), threads=1))
    for threads in (3, 2, 8, 4, 2):
        found = after_training(NativeEngine(network, recipe(size), threads))
        assert found == alone, threads


@BOTH
@pytest.mark.parametrize("poison", (0.0, np.nan, np.inf, 1e30, None))
def test_what_lay_in_memory_does_not_matter(
    network: Network, size: int, poison: float | None
) -> None:
    """Zeros, numbers that are none, or noise; the padding is written anew."""
    clean = after_training(NativeEngine(network, recipe(size), threads=2))
    engine = NativeEngine(network, recipe(size), threads=2)
    before = engine.parameters(), engine.optimizer_state()
    after_training(engine)
    noise = np.random.default_rng(5)
    for prepared in engine.prepared():
        arenas = prepared.workspace, prepared.values, prepared.wanted, prepared._packed
        for arena in arenas:
            drawn = noise.integers(0, 2**32, arena.size, np.uint32).view(np.float32)
            arena[:] = drawn if poison is None else poison
        prepared.borders()
    engine.load_parameters(before[0])
    engine.load_optimizer_state(before[1])
    assert after_training(engine) == clean


@BOTH
def test_an_image_is_answered_the_same_in_any_place(
    network: Network, size: int
) -> None:
    engine = NativeEngine(network, recipe(size), threads=2)
    images, _ = batch(network, 37, 2)
    whole = engine.predict(images)
    order = np.random.default_rng(0).permutation(37)
    assert engine.predict(images[order]).tobytes() == whole[order].tobytes()
    assert engine.predict(images[:17]).tobytes() == whole[:17].tobytes()


@BOTH
def test_training_goes_on_from_its_state_on_other_threads(
    network: Network, size: int
) -> None:
    images, labels = batch(network, size, 3)

    def steps(engine: NativeEngine, numbers: range) -> None:
        for step in numbers:
            engine.train_step(images, labels, step=step, learning_rate=0.01)

    whole, other = (NativeEngine(network, recipe(size), threads=2) for _ in range(2))
    steps(whole, range(6))
    steps(other, range(2))
    for step, threads in enumerate((1, 8, 3, 4), 2):
        before, other = other, NativeEngine(network, recipe(size), threads)
        other.load_parameters(before.parameters())
        other.load_optimizer_state(before.optimizer_state())
        steps(other, range(step, step + 1))
    for name, value in whole.parameters().items():
        assert other.parameters()[name].tobytes() == value.tobytes(), name
