"""The native engine against the law, on drawn networks, within derived bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from mirada.compiler.target import Target, host
from mirada.engines.native import NativeEngine
from mirada.network import (
    INPUT,
    SGD,
    AdamW,
    Add,
    AvgPool2d,
    BatchNorm2d,
    Concat,
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
    join,
    named,
)
from mirada.network.layer import Layer
from mirada.network.rate import frozen_layers, rate_factors
from mirada.reference import statistics
from tests.bounds import forward_bounds, network_bounds, step_bounds
from tests.compiled import TARGETS
from tests.engines.drawn import MIXED, compiled_networks, tile_sizes, wide_networks
from tests.strategies import batch, lively_parameters, lively_rates
from tests.tolerance import Bounded, assert_within

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


def within(found: ArrayLike, exact: Bounded) -> None:
    """Where nothing is known, since a deviation may be zero, nothing is asked."""
    known = np.nan_to_num(exact.bound, nan=np.inf, posinf=np.inf)
    assert_within(found, exact.value, known)


def agree(
    network: Network,
    loss: Loss,
    optimizer: Optimizer,
    target: Target,
    seed: int,
    exact: bool = False,
) -> None:
    """Predictions, gradients and one step are within their bounds."""
    rates = lively_rates(network, seed)
    factors, fixed = rate_factors(network, rates), frozen_layers(network, rates)
    recipe = Recipe(
        loss=loss, optimizer=optimizer, batch_size=3, seed=seed, rates=rates
    )
    engine = NativeEngine(network, recipe, 1 + seed % 2, target, exact)
    parameters = lively_parameters(network, seed)
    engine.load_parameters(parameters)
    images, labels = batch(network, 1 + seed % 3, seed)
    tiles = tile_sizes(network, recipe, "predict", 16 if seed % 3 else 1, target, exact)
    known = forward_bounds(network, parameters, images, np.float32, winograd=tiles)
    within(engine.predict(images), known[network.nodes[-1].name])
    tiles = tile_sizes(network, recipe, "gradients", 3, target, exact)
    assert not (tiles and exact)
    given = network, loss, parameters, images, labels, np.float32
    with np.errstate(invalid="ignore"):
        bounds = network_bounds(*given, seed=seed, step=3, winograd=tiles, fixed=fixed)
    found_loss, found = engine.gradients(images, labels, step=3)
    within(found_loss, bounds.loss)
    assert found.keys() == {INPUT, *(n for n, factor in factors.items() if factor)}
    for name, gradient in found.items():
        within(gradient, bounds.gradients[name])
    engine.train_step(images, labels, step=3, learning_rate=0.05)
    memory = {name: np.zeros_like(v) for name, v in engine.optimizer_state().items()}
    with np.errstate(invalid="ignore"):
        moved = step_bounds(
            optimizer,
            {name: parameters[name] for name, factor in factors.items() if factor},
            bounds.gradients,
            memory,
            learning_rate=0.05,
            step=3,
            factors=factors,
        )
    stepped = engine.parameters()
    for name, value in moved.items():
        within(stepped[name], value)
    still = {n for n in parameters if n.rpartition(".")[0] in fixed}
    for name in still | (factors.keys() - moved.keys()):
        assert stepped[name].tobytes() == parameters[name].tobytes(), name
    told = {name: one.value for name, one in bounds.activations.items()}
    for name, moment in statistics(network, parameters, told, fixed).items():
        close = 1e-4 * max(float(np.abs(moment).max()), 1.0)
        assert np.abs(stepped[name] - moment).max() <= close, name


@settings(max_examples=8)
@given(
    network=compiled_networks(scores=True, most_channels=5),
    loss=st.sampled_from(LOSSES),
    optimizer=st.sampled_from(OPTIMIZERS),
    target=st.sampled_from([*TARGETS.values()]),
    seed=st.integers(0, 1000),
    exact=st.booleans(),
)
def test_drawn_networks_agree_with_the_law(
    network: Network,
    loss: Loss,
    optimizer: Optimizer,
    target: Target,
    seed: int,
    exact: bool,
) -> None:
    agree(network, loss, optimizer, target, seed, exact)


@settings(max_examples=2)
@given(
    network=wide_networks(),
    target=st.sampled_from([*TARGETS.values()]),
    seed=st.integers(0, 1000),
)
def test_wide_networks_agree_with_the_law(
    network: Network, target: Target, seed: int
) -> None:
    """Their convolutions are computed by tiles, and bounded so."""
    agree(network, CrossEntropy(), SGD(0.1), target, seed)


def test_all_of_it_together() -> None:
    tiles = tile_sizes(MIXED, Recipe(), "gradients", 3, host())
    assert tiles == {"conv2": 4}
    assert tile_sizes(MIXED, Recipe(), "gradients", 3, host(), exact=True) == {}
    agree(MIXED, CrossEntropy(), SGD(0.1), host(), 2)


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


def test_padded_pooling_beside_readers_that_need_zeros() -> None:
    """A border holds -inf for one of them and 0 for the other."""
    joins = (
        (MaxPool2d(3, 1, 1), join(Add(), "stem")),
        (
            named(MaxPool2d(3, 1, 1), "pooled"),
            named(Conv2d(4, 3, padding=1), source="stem"),
            join(Concat(), "pooled"),
        ),
    )
    for seed, more in enumerate(joins):
        for norm in ((), (BatchNorm2d(),)):
            stem = named(Conv2d(4, 3, padding=1), "stem")
            layers = (stem, *more, *norm, Flatten(), Linear(3))
            network = Network("borders", (3, 8, 8), layers)
            agree(network, CrossEntropy(), SGD(0.1), host(), seed)
