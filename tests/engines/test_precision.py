"""Convolutions of rounded numbers: when, how near, and the same bits everywhere."""

from dataclasses import replace

import numpy as np
import pytest

from mirada.compiler.bfloat import has_dot_products
from mirada.compiler.manner import half_suits, layered, unpooled
from mirada.compiler.plan import plan
from mirada.compiler.stages import Form
from mirada.compiler.target import host
from mirada.engines.native import NativeEngine
from mirada.engines.precision import checked_precision
from mirada.errors import UsageError
from mirada.network import (
    SGD,
    BatchNorm2d,
    Conv2d,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    Recipe,
    ReLU,
)
from mirada.reference import forward
from tests.engines.interpreted import Interpreted
from tests.refusal import refuses
from tests.strategies import batch, lively_parameters
from tests.tolerance import assert_within, gamma

UNIT = 2.0**-8
DEEP = Network(
    "deep",
    (16, 6, 5),
    (
        Conv2d(20, 3, stride=2, padding=1, bias=False),
        BatchNorm2d(),
        ReLU(),
        Conv2d(17, 1),
        Conv2d(24, 3, padding=1, dilation=1, stride=2),
        ReLU(),
        Flatten(),
        Linear(4),
    ),
)
ONE = Network("one", (18, 7, 6), (Conv2d(19, 3, stride=2, padding=1),))
WIDE = Network("wide", (4096,), (Linear(1024), ReLU(), Linear(8)))
RECIPE = Recipe(batch_size=3, optimizer=SGD(0.05, 0.9))

needs_instruction = pytest.mark.skipif(
    not has_dot_products(host()), reason="this processor has no bfloat16 products"
)


def rounded(network: Network, threads: int = 1) -> NativeEngine:
    return NativeEngine(network, RECIPE, threads, precision="bf16")


def schedules(network: Network, mode: str, precision: str) -> set[str]:
    made = plan(network, RECIPE, mode, 16, host(), precision=precision)
    return {call.schedule for call in made.calls}


def test_a_precision_that_is_not_known_is_refused() -> None:
    with refuses(UsageError, "precision-unknown", "'half' is not known"):
        checked_precision("half", False, host())


def test_exact_convolutions_are_not_rounded() -> None:
    with refuses(UsageError, "precision-exact", "leave one out"):
        NativeEngine(ONE, RECIPE, exact=True, precision="bf16")


def test_a_processor_without_the_instruction_is_refused() -> None:
    old = replace(host(), bf16=False, name="old")
    with refuses(UsageError, "precision-target", "the target 'old' does not"):
        NativeEngine(ONE, RECIPE, target=old, precision="bf16")


def test_what_is_rounded() -> None:
    for mode in ("predict", "train"):
        assert "bf16" in schedules(DEEP, mode, "bf16")
        assert "bf16" not in schedules(DEEP, mode, "float32")
    assert "bf16" in schedules(WIDE, "predict", "bf16")
    assert "bf16" not in schedules(WIDE, "train", "bf16")
    assert half_suits(Conv2d(16, 1), (16, 4, 4))
    assert not half_suits(Conv2d(16, 1), (15, 4, 4))
    assert not half_suits(Conv2d(15, 1), (16, 4, 4))
    assert not half_suits(Conv2d(16, 1, groups=2), (16, 4, 4))
    assert not half_suits(ReLU(), (16, 4, 4))


def test_gradients_by_few_weights_are_not_rounded() -> None:
    made = plan(DEEP, RECIPE, "train", 3, host(), precision="bf16")
    suffix = ".weight_gradient"
    found = {
        call.name.removesuffix(suffix): call.schedule
        for call in made.calls
        if call.name.endswith(suffix)
    }
    first, second, third = (
        node.name for node in DEEP.nodes if isinstance(node.layer, Conv2d)
    )
    assert (found[first], found[third]) == ("bf16", "bf16")
    assert found[second] == "direct"


def test_more_layers_are_large_of_rounded_numbers() -> None:
    layers = (Conv2d(16, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(2))
    network, form = Network("pooled", (16, 9, 9), layers), Form()
    assert not layered(network, form, 16)
    assert layered(network, form, 16, half=True)
    assert unpooled(network, form, 16) == frozenset()
    assert unpooled(network, form, 16, half=True) == {network.nodes[0].name}


@needs_instruction
def test_a_convolution_is_within_the_roundings_of_its_factors() -> None:
    engine = rounded(ONE)
    parameters = lively_parameters(ONE, 3)
    engine.load_parameters(parameters)
    images, _ = batch(ONE, 5, 1)
    wide = {name: value.astype(np.float64) for name, value in parameters.items()}
    sizes = {name: np.abs(value) for name, value in wide.items()}
    (last,) = (node.name for node in ONE.nodes)
    exact = forward(ONE, wide, images.astype(np.float64))[last]
    size = forward(ONE, sizes, np.abs(images).astype(np.float64))[last]
    twice = (1 + UNIT) ** 2
    bound = (gamma(18 * 9 + 2, np.float32) * twice + twice - 1) * size
    assert_within(engine.predict(images), exact, bound)


@needs_instruction
def test_predictions_are_the_interpreters_bits() -> None:
    parameters, (images, labels) = lively_parameters(DEEP, 5), batch(DEEP, 3, 1)
    engine = rounded(DEEP, 2)
    engine.load_parameters(parameters)
    other = Interpreted(DEEP, RECIPE, "predict", 16, host(), "bf16")
    other.take(parameters)
    other.run(images, labels)
    assert engine.predict(images).tobytes() == other.memory["outputs"].tobytes()


@needs_instruction
def test_training_steps_are_the_interpreters_bits() -> None:
    parameters, engine = lively_parameters(DEEP, 5), rounded(DEEP, 2)
    engine.load_parameters(parameters)
    other = Interpreted(DEEP, RECIPE, "train", 3, host(), "bf16")
    other.take(parameters)
    for step, count in enumerate((3, 2)):
        images, labels = batch(DEEP, count, step)
        other.floats("scalars")[:2] = 1 / count, np.float32(0.125)
        other.run(images, labels, step=step)
        engine.train_step(images, labels, step=step, learning_rate=0.125)
    for name, value in engine.parameters().items():
        assert value.tobytes() == other.parameters()[name].tobytes(), name


@needs_instruction
def test_threads_change_nothing() -> None:
    found = []
    for threads in (1, 3):
        engine = rounded(DEEP, threads)
        for step in range(2):
            images, labels = batch(DEEP, 3, step)
            engine.train_step(images, labels, step=step, learning_rate=0.1)
        found.append(engine.parameters() | {"y": engine.predict(images)})
    for name, value in found[0].items():
        assert value.tobytes() == found[1][name].tobytes(), name


@needs_instruction
def test_rounding_does_not_keep_a_network_from_learning() -> None:
    images, labels = batch(DEEP, 3, 1)
    losses = []
    for precision in ("float32", "bf16"):
        engine = NativeEngine(DEEP, RECIPE, 1, precision=precision)
        losses.append(
            [
                engine.train_step(images, labels, step=step, learning_rate=0.02).loss
                for step in range(30)
            ]
        )
    assert losses[0] != losses[1]
    for told in losses:
        assert told[-1] < 0.1 * told[0]
    # The first loss is of the same parameters: numbers are rounded eight bits down.
    assert abs(losses[0][0] - losses[1][0]) < 2.0**-5 * losses[0][0]
