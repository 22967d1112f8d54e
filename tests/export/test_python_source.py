"""The Python of a network builds an equal one."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada import network as names
from mirada.export import python_source
from mirada.export.python_source import layer_source
from mirada.models import MODELS, build
from mirada.network import Add, Concat, Conv2d, Layer, Network, ReLU, join, named
from mirada.network.text import LAYERS
from tests.strategies import networks, values


def built(text: str) -> Network:
    """What the Python builds."""
    found: dict[str, Any] = {}
    exec(text, found)  # it is ours
    network = found["network"]
    assert isinstance(network, Network)
    return network


@pytest.mark.parametrize("name", MODELS)
def test_every_known_network_comes_back(name: str) -> None:
    network = build(name)
    text = python_source(network)
    assert built(text) == network
    assert max(map(len, text.splitlines())) <= 120


@settings(max_examples=60)
@given(networks(most_layers=9))
def test_drawn_networks_come_back(network: Network) -> None:
    assert built(python_source(network)) == network


@given(st.one_of([values(kind) for kind in LAYERS.values()]))
def test_every_value_of_every_field_comes_back(layer: Layer) -> None:
    assert eval(layer_source(layer), vars(names)) == layer


def test_places_are_said_only_where_they_are_not_the_next() -> None:
    network = Network(
        "two ways",
        (3, 8, 8),
        (
            named(Conv2d(3, 3, padding=(1, 1, 0, 2)), "stem"),
            Conv2d(3, (3, 1), padding="same", stride=(1, 1)),
            named(ReLU(), source="input"),
            join(Add(), "stem", "conv2", name="sum", source="relu1"),
            join(Concat(), "input"),
        ),
    )
    text = python_source(network)
    assert built(text) == network
    assert [line.strip() for line in text.splitlines()[6:11]] == [
        'named(Conv2d(3, 3, padding=(1, 1, 0, 2)), "stem"),',
        'Conv2d(3, (3, 1), padding="same"),',
        'named(ReLU(), source="input"),',
        'join(Add(), "stem", "conv2", name="sum"),',
        'join(Concat(), "input"),',
    ]
