"""How a network is computed follows from its layers and the batch alone."""

import pytest

from mirada.compiler.manner import layered, multiplications, unpooled, winograd_suits
from mirada.compiler.stages import Form
from mirada.models import lenet5, resnet18
from mirada.network import (
    BatchNorm2d,
    Conv2d,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    Node,
    ReLU,
)

PREDICT, INSPECT = Form(), Form(backward=True)
TRAIN = Form(training=True, backward=True)


def of(*layers: Layer | Node, shape: tuple[int, ...] = (3, 8, 8)) -> Network:
    return Network("n", shape, layers)


def test_small_networks_are_streamed() -> None:
    for batch in (1, 32, 1024):
        assert not layered(lenet5(), TRAIN, batch)
        assert not layered(lenet5(), PREDICT, batch)


def test_statistics_of_the_batch_ask_for_all_of_it() -> None:
    network = of(Conv2d(4, 3), BatchNorm2d(), ReLU(), Flatten(), Linear(2))
    assert layered(network, TRAIN, 4)
    assert not layered(network, PREDICT, 16)


def test_gradients_in_inference_form_are_computed_layer_by_layer() -> None:
    assert layered(lenet5(), INSPECT, 1)


def test_wide_convolutions_and_many_parameters_are_not_streamed() -> None:
    wide = of(Conv2d(32, 1), Conv2d(32, 3), Flatten(), Linear(2))
    assert layered(wide, TRAIN, 2)
    assert layered(wide, PREDICT, 2)
    many = of(Linear(2048), Linear(1024), Linear(2), shape=(64,))
    assert layered(many, TRAIN, 2)
    assert layered(many, PREDICT, 16)
    assert layered(resnet18(), PREDICT, 16)


def test_one_large_image_is_shared_by_threads() -> None:
    large = of(Conv2d(8, 3), Conv2d(8, 3), shape=(3, 200, 200))
    assert layered(large, PREDICT, 1)
    assert not layered(large, PREDICT, 16)


def test_what_is_pooled_at_once_has_few_gradients() -> None:
    layers = Conv2d(32, 1), Conv2d(64, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(2)
    assert not layered(of(*layers), TRAIN, 16)
    assert layered(of(*layers), PREDICT, 16)


def test_multiplications_are_those_of_the_definition() -> None:
    network = of(Conv2d(4, 3, groups=1), ReLU(), Flatten(), Linear(2))
    found = {n.name: multiplications(network, n) for n in network.nodes}
    assert found["conv1"] == 4 * 3 * 9 * 6 * 6
    assert found["linear1"] == 2 * 4 * 36
    assert found["relu1"] == found["flatten1"] == 0
    grouped = of(Conv2d(6, 3, groups=3))
    assert multiplications(grouped, grouped.nodes[0]) == 6 * 1 * 9 * 36


IMAGE, BATCH = (32, 12, 12), 16


@pytest.mark.parametrize(
    ("layer", "suits"),
    [
        (Conv2d(32, 3), True),
        (Conv2d(64, 3, padding=(0, 1, 2, 2)), True),
        (Conv2d(32, 3, padding=3), False),
        (Conv2d(31, 3), False),
        (Conv2d(32, 3, stride=2), False),
        (Conv2d(32, 3, dilation=2), False),
        (Conv2d(32, 3, groups=2), False),
        (Conv2d(32, (3, 1)), False),
        (Conv2d(32, 5), False),
        (MaxPool2d(3, 1), False),
    ],
    ids=lambda value: value.text() if isinstance(value, Layer) else str(value),
)
def test_winograd_suits_wide_convolutions_by_3x3(layer: Layer, suits: bool) -> None:
    assert winograd_suits(layer, IMAGE, BATCH) is suits
    assert not winograd_suits(layer, (31, 12, 12), BATCH)


def test_few_tiles_are_not_worth_larger_filters() -> None:
    layer = Conv2d(64, 3, padding=1)
    assert not winograd_suits(layer, (64, 4, 4), 1)
    assert winograd_suits(layer, (64, 4, 4), 64)
    assert winograd_suits(layer, (64, 40, 40), 1)


def test_pooling_is_apart_where_winograd_computes() -> None:
    network = of(Conv2d(32, 3), Conv2d(32, 3), MaxPool2d(2), shape=(3, 20, 20))
    assert unpooled(network, PREDICT, BATCH) == {"conv2"}
    assert unpooled(network, TRAIN, BATCH) == frozenset()
