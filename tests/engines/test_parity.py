"""The native engine against the law, on drawn networks, within derived bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.target import Target, host
from mirada.engines.native import NativeEngine
from mirada.network import (
    SGD,
    AdamW,
    AvgPool2d,
    Conv2d,
    CrossEntropy,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    Loss,
    MaxPool2d,
    MeanSquaredError,
    Network,
    Optimizer,
    Recipe,
    ReLU,
)
from mirada.network.layer import Layer
from tests.bounds import forward_bounds, network_bounds, step_bounds
from tests.compiled import TARGETS
from tests.engines.drawn import compiled_networks
from tests.strategies import batch, lively_parameters
from tests.tolerance import assert_within

LOSSES = (
    CrossEntropy(),
    CrossEntropy(label_smoothing=0.1),
    MeanSquaredError(),
)
OPTIMIZERS = (
    SGD(0.1, 0.0),
    SGD(0.1, nesterov=True, weight_decay=0.01),
    AdamW(0.01),
)


def agree(
    network: Network, loss: Loss, optimizer: Optimizer, target: Target, seed: int
) -> None:
    """Predictions, gradients and one step are within their bounds."""
    recipe = Recipe(loss=loss, optimizer=optimizer, batch_size=3, seed=seed)
    engine = NativeEngine(network, recipe, threads=1 + seed % 2, target=target)
    parameters = lively_parameters(network, seed)
    engine.load_parameters(parameters)
    images, labels = batch(network, 1 + seed % 3, seed)
    last = network.nodes[-1].name
    exact = forward_bounds(network, parameters, images, np.float32)[last]
    assert_within(engine.predict(images), exact.value, exact.bound)
    bounds = network_bounds(
        network, loss, parameters, images, labels, np.float32, seed=seed, step=3
    )
    found_loss, found = engine.gradients(images, labels, step=3)
    assert_within(found_loss, bounds.loss.value, bounds.loss.bound)
    for name, gradient in bounds.gradients.items():
        assert_within(found[name], gradient.value, gradient.bound)
    engine.train_step(images, labels, step=3, learning_rate=0.05)
    memory = {name: np.zeros_like(v) for name, v in engine.optimizer_state().items()}
    moved = step_bounds(
        optimizer, parameters, bounds.gradients, memory, learning_rate=0.05, step=3
    )
    for name, value in engine.parameters().items():
        assert_within(value, moved[name].value, moved[name].bound)


@settings(max_examples=10)
@given(
    network=compiled_networks(scores=True, most_channels=5),
    loss=st.sampled_from(LOSSES),
    optimizer=st.sampled_from(OPTIMIZERS),
    target=st.sampled_from([*TARGETS.values()]),
    seed=st.integers(0, 1000),
)
def test_drawn_networks_agree_with_the_law(
    network: Network, loss: Loss, optimizer: Optimizer, target: Target, seed: int
) -> None:
    agree(network, loss, optimizer, target, seed)


@pytest.mark.parametrize(
    ("target", "channels"),
    (("sse", 3), ("avx2", 17), ("wide", 33)),
)
def test_every_remainder_of_the_lecture_s_block(target: str, channels: int) -> None:
    layers: tuple[Layer, ...] = (
        *(Conv2d(channels, 3, padding=(1, 0, 2, 1)), ReLU(), MaxPool2d(2)),
        *(Conv2d(7, (2, 3)), ReLU(), MaxPool2d((1, 2))),
        *(Flatten(), Linear(channels + 2), ReLU(), Linear(3)),
    )
    network = Network("block", (2, 9, 13), layers)
    agree(network, CrossEntropy(), SGD(0.1), TARGETS[target], channels)


@pytest.mark.parametrize(
    "layers",
    (
        (Conv2d(5, 3, stride=2, dilation=2, padding="same"), ReLU()),
        (Conv2d(4, (1, 4), stride=(1, 3), dilation=(1, 2), bias=False),),
        (Conv2d(6, 3), MaxPool2d(3, stride=2, padding=1, ceil=True)),
        (MaxPool2d(3, stride=1, dilation=2), Conv2d(3, 2, padding="same-lower")),
        (AvgPool2d(3, stride=2, padding=1, ceil=True, count_padding=False),),
        (Conv2d(9, 3, padding=1), ReLU(), GlobalAvgPool2d()),
        (Conv2d(4, 3), Dropout(0.4), ReLU(), AvgPool2d(2)),
    ),
    ids=lambda layers: " ".join(layer.text() for layer in layers),
)
def test_unusual_windows(layers: tuple[Layer, ...]) -> None:
    network = Network("odd", (3, 11, 12), (*layers, Flatten(), Dropout(0.2), Linear(4)))
    agree(network, CrossEntropy(0.1, (1.0, 2.0, 0.5, 3.0)), AdamW(0.01), host(), 5)
