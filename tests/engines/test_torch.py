"""The PyTorch engine against the law, on drawn networks, within derived bounds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.network import (
    AdamW,
    AvgPool2d,
    Conv2d,
    ConvTranspose2d,
    CrossEntropy,
    Dropout,
    Flatten,
    Linear,
    Loss,
    MaxPool2d,
    Network,
    Optimizer,
    Recipe,
)
from mirada.network.layer import Layer
from mirada.reference import RULES
from tests.engines.drawn import MIXED, compiled_networks
from tests.engines.law import assert_lawful
from tests.engines.test_parity import LOSSES, OPTIMIZERS
from tests.strategies import lively_rates

torch_engine = pytest.importorskip("mirada.engines.torch")
torch_network = pytest.importorskip("mirada.engines.torch.network")


def agree(network: Network, loss: Loss, optimizer: Optimizer, seed: int) -> None:
    recipe = Recipe(
        loss=loss,
        optimizer=optimizer,
        batch_size=3,
        seed=seed,
        rates=lively_rates(network, seed),
    )
    engine = torch_engine.TorchEngine(network, recipe, 1, "cpu")
    assert_lawful(engine, seed)


@settings(max_examples=15)
@given(
    network=compiled_networks(scores=True, most_channels=5),
    loss=st.sampled_from(LOSSES),
    optimizer=st.sampled_from(OPTIMIZERS),
    seed=st.integers(0, 1000),
)
def test_drawn_networks_agree_with_the_law(
    network: Network, loss: Loss, optimizer: Optimizer, seed: int
) -> None:
    agree(network, loss, optimizer, seed)


def test_every_layer_of_the_law_is_computed() -> None:
    assert torch_network.LAYERS.keys() == RULES.keys()


def test_all_of_it_together() -> None:
    agree(MIXED, CrossEntropy(), AdamW(0.01), 2)


@pytest.mark.parametrize(
    "layers",
    (
        (Conv2d(5, 3, stride=2, dilation=2, padding="same"),),
        (MaxPool2d(3, stride=1, dilation=2), Conv2d(3, 2, padding="same-lower")),
        (MaxPool2d(3, 2, (1, 0, 0, 1), ceil=True),),
        (AvgPool2d(3, 2, 1, ceil=True, count_padding=False),),
        (AvgPool2d(4, 3, (1, 0, 2, 1), ceil=True, count_padding=False),),
        (AvgPool2d(4, 3, (1, 0, 2, 1), ceil=True),),
        (ConvTranspose2d(4, 3, 2, (1, 0, 0, 1), output_padding=1), Dropout(0.4)),
    ),
    ids=lambda layers: " ".join(layer.text() for layer in layers),
)
def test_unusual_windows(layers: tuple[Layer, ...]) -> None:
    network = Network("odd", (3, 11, 12), (*layers, Flatten(), Dropout(0.2), Linear(4)))
    agree(network, CrossEntropy(0.1, (1.0, 2.0, 0.5, 3.0)), AdamW(0.01), 5)
