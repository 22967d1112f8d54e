"""What training takes is known beforehand, and too much is refused at once."""

from dataclasses import replace

import numpy as np
import pytest

from mirada.compiler.target import host
from mirada.engines import create, memory, native, prepared
from mirada.engines.memory import (
    TrainingMemory,
    refuse_beyond,
    training_bytes,
    training_memory,
)
from mirada.engines.native import NativeEngine
from mirada.errors import MemoryLimitError
from mirada.models import lenet5, vgg16
from mirada.network import (
    SGD,
    AdamW,
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    Recipe,
    ReLU,
)
from tests.compiler.programs import CASES
from tests.refusal import refuses
from tests.strategies import batch


def taken(engine: NativeEngine) -> int:
    """The bytes of the arrays that the training program works on."""
    arrays = list(engine._shared.values())
    for program in engine.prepared():
        found = vars(program).values()
        arrays += [value for value in found if isinstance(value, np.ndarray)]
    return sum(array.nbytes for array in arrays)


LAYERED = Network(
    "layered",
    (3, 24, 24),
    (
        *(Conv2d(24, 5, padding=2), BatchNorm2d(), ReLU(), MaxPool2d(2)),
        *(Conv2d(24, 5, padding=2), BatchNorm2d(), ReLU(), MaxPool2d(2)),
        *(Flatten(), Linear(10)),
    ),
)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("rule", [SGD(0.1), AdamW(0.01)], ids=["sgd", "adamw"])
@pytest.mark.parametrize("network", [lenet5(), LAYERED], ids=["streamed", "layered"])
def test_as_much_is_taken_as_was_foretold(
    network: Network, rule: SGD | AdamW, threads: int
) -> None:
    """Within 5 per cent less and 15 per cent more."""
    recipe = Recipe(optimizer=rule, batch_size=64)
    engine = NativeEngine(network, recipe, threads)
    images, labels = batch(network, 64, 0)
    engine.train_step(images, labels, step=0, learning_rate=0.1)
    foretold = training_memory(network, recipe, threads, host()).arrays
    assert -0.15 < taken(engine) / foretold - 1 < 0.05


def needed(network: Network, count: int) -> int:
    return training_bytes(network, Recipe(batch_size=count), 2, host())


def test_what_fits_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    network, _ = CASES["block"]
    monkeypatch.setattr(memory, "available_bytes", lambda: needed(network, 64))
    refuse_beyond(network, Recipe(batch_size=64), 2, host())


def test_a_batch_that_fits_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    network = vgg16()
    limit = needed(network, 8)
    monkeypatch.setattr(memory, "available_bytes", lambda: limit)
    with refuses(
        MemoryLimitError,
        "memory-batch",
        "Training 'vgg16' on batches of 64 needs",
        f"GiB, and {limit / 2**30:.1f} GiB are free",
        "A batch of 8 fits: --batch 8.",
    ):
        NativeEngine(network, Recipe(batch_size=64), 2)
    refuse_beyond(network, Recipe(batch_size=8), 2, host())


def test_a_network_too_large_for_one_image_is_said_to_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 10**6)
    words = "Training 'vgg16' needs"
    with refuses(MemoryLimitError, "memory-network", words, "even for one image"):
        NativeEngine(vgg16(), Recipe(), 2)


def test_nothing_is_reserved_before_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job of terabytes, on whatever memory there is."""

    def never(size: int) -> None:
        raise AssertionError("memory was reserved")

    monkeypatch.setattr(native, "aligned", never)
    monkeypatch.setattr(prepared, "aligned", never)
    with refuses(MemoryLimitError, "memory-network", "Training 'vgg16' needs"):
        NativeEngine(vgg16((3, 7000, 7000)), Recipe(batch_size=4096), 2)


def test_what_only_predicts_needs_no_memory_for_training(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = Network("wide", (64,), (Linear(4096), ReLU(), Linear(10)))
    monkeypatch.setattr(memory, "available_bytes", lambda: needed(network, 1) // 2)
    engine = NativeEngine(network, Recipe(), 1, trains=False)
    images, labels = batch(network, 2, 0)
    assert engine.predict(images).shape == (2, *network.output)
    with refuses(MemoryLimitError, "memory-network", "even for one image"):
        engine.train_step(images, labels, step=0, learning_rate=0.1)


def test_a_prediction_too_large_is_refused_before_anything_is_reserved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = Network("wide", (1, 1024, 1024), (Conv2d(64, 3), ReLU(), Conv2d(64, 3)))
    engine = NativeEngine(network, Recipe(), 2, trains=False)
    engine.parameters()
    monkeypatch.setattr(prepared, "aligned", lambda size: 1 / 0)
    monkeypatch.setattr(memory, "available_bytes", lambda: 10**8)
    words = "Computing 'wide' for 1 images at a time needs", "0.1 GiB are free"
    with refuses(MemoryLimitError, "memory-program", *words):
        engine.predict(np.zeros((1, 1, 1024, 1024), np.float32))


@pytest.mark.parametrize("mode", ["train", "predict"])
@pytest.mark.parametrize("network", [lenet5(), LAYERED], ids=["streamed", "layered"])
def test_a_program_takes_what_it_was_asked_for(
    network: Network, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of its own arrays, within 5 per cent."""
    asked: list[int] = []
    monkeypatch.setattr(
        prepared, "refuse_program", lambda network, count, needed: asked.append(needed)
    )
    engine = NativeEngine(network, Recipe(batch_size=64), 2)
    images, labels = batch(network, 64, 0)
    if mode == "train":
        engine.train_step(images, labels, step=0, learning_rate=0.1)
    else:
        engine.predict(images)
    found = vars(engine.prepared()[0]).values()
    reserved = sum(value.nbytes for value in found if isinstance(value, np.ndarray))
    assert abs(reserved / asked[0] - 1) < 0.05


def reference_arrays(**changes: object) -> int:
    recipe = replace(Recipe(), **changes)  # type: ignore[arg-type]
    return training_memory(lenet5(), recipe, engine="reference").arrays


def test_the_optimizer_and_averages_count_on_the_reference() -> None:
    parameters = 61706
    plain, momentum, adam = (
        reference_arrays(optimizer=rule)
        for rule in (SGD(0.1, momentum=0.0), SGD(0.1), AdamW(0.1))
    )
    assert momentum - plain == adam - momentum == 2 * 4 * parameters
    average = reference_arrays(optimizer=AdamW(0.1), ema=0.9)
    assert average - adam == 2 * 4 * parameters


def test_the_reference_is_refused_by_the_same_contract(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit = training_bytes(vgg16(), Recipe(batch_size=8), engine="reference")
    monkeypatch.setattr(memory, "available_bytes", lambda: limit)
    with refuses(MemoryLimitError, "memory-batch", "A batch of 8 fits: --batch 8."):
        create("reference", vgg16(), Recipe(batch_size=32))
    monkeypatch.setattr(memory, "available_bytes", lambda: 10**8)
    with refuses(MemoryLimitError, "memory-network", "Training 'vgg16' needs"):
        create("reference", vgg16(), Recipe(batch_size=32))
    create("reference", vgg16((3, 32, 32), 2), Recipe(), trains=False)


def test_the_parts_are_all_of_it() -> None:
    parts = TrainingMemory(code=1, arrays=2, answers=4, copies=8, images=16)
    assert parts.total == 31 and sum(parts.to_dict().values()) == 31


def test_fewer_images_at_a_time_take_less() -> None:
    few, many = (
        training_memory(lenet5(), Recipe(batch_size=8), answered=count).images
        for count in (8, 256)
    )
    assert many == 32 * few
