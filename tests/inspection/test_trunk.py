"""The first layers as a network of their own: the same values."""

import numpy as np
import pytest

from mirada.inspection.trunk import trunk, trunk_engine
from mirada.network import Add, Conv2d, Flatten, Linear, Network, ReLU, join, named
from tests.inspection.hand_made import held, held_by, noise

LAYERS = (
    named(Conv2d(2, 1), "stem"),
    named(Conv2d(2, 3, padding=1), "side", source="input"),
    join(Add(), "stem", name="sum"),
    named(ReLU(), "on"),
    *(Flatten(), Linear(3)),
)


def test_only_what_is_needed_is_kept() -> None:
    network = Network("branched", (1, 4, 4), LAYERS)
    assert [node.name for node in trunk(network, "side").nodes] == ["side"]
    assert [node.name for node in trunk(network, "sum").nodes] == [
        "stem",
        "side",
        "sum",
    ]
    assert trunk(network, "linear1") == network


@pytest.mark.parametrize("name", ["reference", "native"])
@pytest.mark.parametrize("layer", ["side", "on", "linear1"])
def test_its_output_is_the_layers(name: str, layer: str) -> None:
    engine, images = held((1, 4, 4), *LAYERS), noise(3, 1, 4, 4)
    part = trunk_engine(held_by(name, engine), layer)
    wanted = engine.activations(images, [layer])[layer]
    np.testing.assert_allclose(part.predict(images), wanted, atol=1e-5)
