"""The short text form of layers in their places."""

from typing import Any

import pytest
from hypothesis import given

from mirada.errors import TextError
from mirada.network import (
    INPUT,
    Add,
    Concat,
    Conv2d,
    Linear,
    Network,
    Node,
    ReLU,
    join,
    named,
)
from mirada.network.text import (
    LAYERS,
    automatic_names,
    network_text,
    node_from_plain,
    node_plain,
    read_node,
)
from tests.refusal import refuses
from tests.strategies import networks


@given(networks())
def test_every_layer_converts_back(network: Network) -> None:
    read = Network("drawn", network.input, [*map(read_node, network_text(network))])
    assert read == network
    plain = [node_from_plain(node_plain(node)) for node in network.nodes]
    assert Network("drawn", network.input, plain) == network


def test_names_and_places_are_written_where_they_say_something() -> None:
    layers = (
        named(Conv2d(4, 3, padding="same"), "stem"),
        ReLU(),
        named(Conv2d(4, 1), source="stem"),
        join(Add(), "relu1"),
        join(Concat(crop=True), "stem", INPUT, name="all"),
    )
    network = Network("n", (3, 8, 8), layers)
    assert network_text(network) == [
        "conv 4 3x3 same as stem",
        "relu",
        "conv 4 1x1 from stem",
        "add relu1",
        "concat crop stem input as all",
    ]
    assert automatic_names(network) == ["conv1", "relu1", "conv2", "add1", "concat1"]


def test_a_name_that_looks_automatic_stays() -> None:
    """The second layer is called relu3 because the first took relu2."""
    network = Network("n", (3,), (named(ReLU(), "relu2"), ReLU(), ReLU()))
    assert [node.name for node in network.nodes] == ["relu2", "relu3", "relu4"]
    assert network_text(network) == ["relu as relu2", "relu as relu3", "relu as relu4"]


@pytest.mark.parametrize("kind", LAYERS)
def test_every_kind_is_read_by_its_name(kind: str) -> None:
    words = {"conv": "4 3", "convtranspose": "4 3", "linear": "5", "upsample": "2"}
    needed = words.get(kind, "2" if kind.endswith("pool") and kind[0] != "g" else "")
    assert type(read_node(f"{kind} {needed}").layer) is LAYERS[kind]


def test_a_name_has_to_follow() -> None:
    with refuses(TextError, "text-missing-name", "'relu' ends after 'as'"):
        read_node("relu as")
    with refuses(TextError, "text-missing-name", "'linear' ends after 'from'"):
        read_node("linear 5 from")


@pytest.mark.parametrize(
    "table",
    [{"name": 3}, {"from": ["stem"]}, {"others": "stem"}, {"others": [1]}],
)
def test_names_in_a_table_are_words(table: dict[str, Any]) -> None:
    with refuses(TextError, "text-names", "In a 'relu' layer 'name' and 'from' are"):
        node_from_plain({"kind": "relu", **table})


def test_a_table_of_a_layer() -> None:
    table = {"kind": "linear", "out_features": 5, "name": "head", "from": "stem"}
    assert node_from_plain(table) == Node(Linear(5), "head", "stem")
    joined = {"kind": "add", "others": ["a", "b"]}
    assert node_from_plain(joined) == Node(Add(), others=("a", "b"))
    with refuses(TextError, "text-unknown-kind", "There is no"):
        node_from_plain({"kind": {"deep": 1}})
