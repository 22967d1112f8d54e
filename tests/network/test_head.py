"""The layer that has one output for each class, and another in its place."""

import pytest

from mirada.errors import ConfigurationError
from mirada.models import build, lenet5
from mirada.network import Conv2d, GlobalAvgPool2d, Linear, Network, ReLU, named
from mirada.network.head import head_of, with_classes
from tests.refusal import refuses

WHOLLY = Network(
    "w", (1, 6, 6), (Conv2d(4, 3), ReLU(), Conv2d(3, 1), GlobalAvgPool2d())
)


@pytest.mark.parametrize(
    ("network", "name"), [(lenet5(), "linear3"), (WHOLLY, "conv2")], ids=str
)
def test_the_head_is_the_last_linear_layer_or_else_convolution(
    network: Network, name: str
) -> None:
    head = head_of(network)
    assert head is not None and head.name == name
    other = with_classes(network, 7)
    assert other.output[0] == 7
    assert with_classes(other, network.output[0]) == network
    kept = {n: p for n, p in other.parameters.items() if not n.startswith(name)}
    assert kept == {n: network.parameters[n] for n in kept}


def test_what_is_behind_the_head_stays() -> None:
    resnet = build("resnet18_cifar", (3, 32, 32), 10)
    assert with_classes(resnet, 5).output == (5,)


def test_networks_whose_classes_no_layer_decides() -> None:
    for layers in ((ReLU(),), (Linear(3), named(Linear(2), "x"), ReLU())):
        network = Network("odd", (3,), layers)
        if head_of(network) is None:
            words = "Network 'odd' has no layer", "one for 4 classes"
            with refuses(ConfigurationError, "network-without-head", *words):
                with_classes(network, 4)
        else:
            assert with_classes(network, 4).output == (4,)
