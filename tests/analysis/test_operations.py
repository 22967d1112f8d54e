"""MACs by their definition, and the convolution as a matrix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.analysis import count_operations, dense_matrix
from mirada.network import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Shape,
    Upsample,
)


@pytest.mark.parametrize(
    ("shape", "layer", "macs", "formula"),
    [
        ((3, 32, 32), Conv2d(6, 5), 352_800, "28*28*6 * 5*5*3 = 352800"),
        ((6, 14, 14), Conv2d(16, 5), 240_000, "10*10*16 * 5*5*6 = 240000"),
        ((400,), Linear(120), 48_000, "400*120 = 48000"),
        ((120,), Linear(84), 10_080, "120*84 = 10080"),
        ((84,), Linear(10), 840, "84*10 = 840"),
        ((4, 5, 5), Conv2d(4, 3, groups=4), 324, "3*3*4 * 3*3*4/4 = 324"),
        ((8, 3, 3), ConvTranspose2d(4, 2), 1152, "3*3*8 * 2*2*4 = 1152"),
    ],
)
def test_macs(shape: Shape, layer: Layer, macs: int, formula: str) -> None:
    network = Network("one", shape, [layer])
    found = count_operations(network, network.nodes[0])
    assert (found.macs, found.formula) == (macs, formula)


@pytest.mark.parametrize(
    "layer", [MaxPool2d(2), AvgPool2d(2), ReLU(), BatchNorm2d(), Upsample(2)]
)
def test_what_is_not_counted(layer: Layer) -> None:
    network = Network("one", (2, 4, 4), [layer])
    assert count_operations(network, network.nodes[0]).macs == 0


def test_the_edge_example() -> None:
    edges = Network("edges", (1, 280, 320), [Conv2d(1, (1, 2), bias=False)])
    assert edges.output == (1, 280, 319)
    matrix = dense_matrix(edges, edges.nodes[0])
    assert matrix.operations == 267_960
    assert matrix.entries == 8_003_072_000
    assert matrix.nonzero == 178_640


def test_padding_is_not_in_the_matrix() -> None:
    network = Network("one", (1, 3, 3), [Conv2d(1, 3, padding=1)])
    matrix = dense_matrix(network, network.nodes[0])
    assert (matrix.rows, matrix.columns) == (9, 9)
    assert matrix.nonzero == (2 + 3 + 2) ** 2


def test_the_matrix_of_channels_and_groups() -> None:
    network = Network("one", (4, 5, 5), [Conv2d(6, 2, stride=2, groups=2)])
    matrix = dense_matrix(network, network.nodes[0])
    assert (matrix.rows, matrix.columns) == (6 * 2 * 2, 4 * 5 * 5)
    assert matrix.nonzero == 6 * 2 * 2 * (2 * 2 * 2)


@given(
    st.integers(1, 12),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(0, 6),
    st.integers(1, 3),
)
def test_the_matrix_counted_entry_by_entry(
    side: int, F: int, S: int, P: int, D: int
) -> None:
    layer = Conv2d(1, F, stride=S, padding=P, dilation=D)
    if layer.windows((1, side, side))[0].output(side) < 1:
        return
    network = Network("n", (1, side, side), [layer])
    matrix = dense_matrix(network, network.nodes[0])
    count = network.output[1]
    reads = [o * S - P + tap * D for o in range(count) for tap in range(F)]
    assert matrix.nonzero == sum(0 <= at < side for at in reads) ** 2
