"""The native engine against the law, on drawn networks, within derived bounds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.target import Target, host
from mirada.engines.native import NativeEngine
from mirada.network import (
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
from tests.compiled import TARGETS
from tests.engines.drawn import MIXED, compiled_networks, tile_sizes, wide_networks
from tests.engines.law import assert_lawful
from tests.strategies import lively_rates

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
    network: Network,
    loss: Loss,
    optimizer: Optimizer,
    target: Target,
    seed: int,
    exact: bool = False,
) -> None:
    """Predictions, gradients and one step are within their bounds."""
    rates = lively_rates(network, seed)
    recipe = Recipe(
        loss=loss, optimizer=optimizer, batch_size=3, seed=seed, rates=rates
    )
    engine = NativeEngine(network, recipe, 1 + seed % 2, target, exact)
    work = "predict", 16 if seed % 3 else 1
    predicted = tile_sizes(network, recipe, *work, target, exact)
    trained = tile_sizes(network, recipe, "gradients", 3, target, exact)
    assert not (trained and exact)
    assert_lawful(engine, seed, predicted, trained)


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
