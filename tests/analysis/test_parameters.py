"""Parameter counts: the lecture's, each with its substitution."""

import pytest

from mirada.analysis import (
    ParameterCount,
    count_parameters,
    fully_connected,
    fully_connected_equivalent,
)
from mirada.network import (
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    Shape,
)


def count(shape: Shape, layer: Layer) -> ParameterCount:
    network = Network("one", shape, [layer])
    return count_parameters(network, network.nodes[0])


@pytest.mark.parametrize(
    ("sizes", "total"),
    [
        ([3, 4, 2], 26),
        ([3, 4, 4, 1], 41),
        ([784, 100, 10], 79_510),
        ([784, 300, 100, 10], 266_610),
        ([3072, 100], 307_300),
    ],
)
def test_fully_connected_networks_of_the_lecture(sizes: list[int], total: int) -> None:
    assert fully_connected(sizes).total == total
    network = Network("fc", (sizes[0],), [Linear(size) for size in sizes[1:]])
    found = [count_parameters(network, node).total for node in network.nodes]
    assert sum(found) == total


def test_a_fully_connected_network_shows_its_sum() -> None:
    one, two = fully_connected([3, 4, 2]), fully_connected([3, 4, 4, 1])
    assert (one.weights, one.biases) == (20, 6)
    assert (two.weights, two.biases) == (32, 9)
    assert one.formula == "(3 + 1)*4 + (4 + 1)*2 = 26"


def test_convolution_against_fully_connected() -> None:
    conv = count((3, 32, 32), Conv2d(6, 5))
    assert (conv.total, conv.formula) == (456, "(5*5*3 + 1)*6 = 456")
    dense = fully_connected_equivalent((3, 32, 32), (6, 28, 28))
    assert dense.total == 14_455_392
    assert dense.formula == "(3*32*32 + 1)*6*28*28 = 14455392"


def test_one_layer_is_56_at_any_image_size() -> None:
    for side in (3, 6, 227):
        found = count((3, side, side), Conv2d(2, 3))
        assert found == ParameterCount(54, 2, 0, "(3*3*3 + 1)*2 = 56")
    assert Network("n", (3, 6, 6), [Conv2d(2, 3)]).output == (2, 4, 4)


def test_ten_filters_are_280() -> None:
    assert count((3, 9, 9), Conv2d(10, 3)).total == 280


@pytest.mark.parametrize(
    ("layer", "channels", "weights", "biases", "formula"),
    [
        (Conv2d(8, 3, groups=2), 4, 144, 8, "(3*3*4/2 + 1)*8 = 152"),
        (Conv2d(6, 3, groups=6), 6, 54, 6, "(3*3 + 1)*6 = 60"),
        (Conv2d(12, 3, groups=6), 6, 108, 12, "(3*3 + 1)*12 = 120"),
        (Conv2d(6, 5, bias=False), 3, 450, 0, "5*5*3*6 = 450"),
        (Conv2d(2, (3, 1)), 1, 6, 2, "(3*1*1 + 1)*2 = 8"),
        (ConvTranspose2d(4, 2, stride=2), 8, 128, 4, "(2*2*8 + 1)*4 = 132"),
        (BatchNorm2d(), 64, 64, 64, "2*64 = 128"),
    ],
)
def test_other_layers(
    layer: Layer, channels: int, weights: int, biases: int, formula: str
) -> None:
    found = count((channels, 9, 9), layer)
    assert (found.weights, found.biases, found.formula) == (weights, biases, formula)


def test_running_statistics_are_apart() -> None:
    found = count((64, 4, 4), BatchNorm2d())
    assert (found.total, found.statistics) == (128, 128)


def test_pooling_learns_nothing() -> None:
    assert count((6, 28, 28), MaxPool2d(2)) == ParameterCount(0, 0, 0, "")
    assert count((6, 28, 28), Flatten()).total == 0


def test_a_linear_layer_without_bias() -> None:
    assert count((400,), Linear(120, bias=False)).formula == "400*120 = 48000"


def test_the_published_table_that_is_wrong() -> None:
    """208, 416, 48,001, 10,081 and 841 are printed; these are true."""
    layers = [Conv2d(8, 5), Conv2d(16, 5), Flatten()]
    assert count((3, 32, 32), layers[0]).total == 608
    assert count((8, 14, 14), layers[1]).total == 3_216
    linear = ([400, 120], [120, 84], [84, 10])
    totals = [fully_connected(sizes).total for sizes in linear]
    assert totals == [48_120, 10_164, 850]
    assert Network("n", (5, 28, 28), [Conv2d(6, 5)]).output == (6, 24, 24)
    assert 24 * 24 * 6 == 3_456
