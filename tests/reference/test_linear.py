"""Linear and flatten: hand-worked numbers, slopes, PyTorch."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mirada.network import Flatten, Linear, Network
from mirada.reference import RULES, Moment
from tests.reference.laws import check_adjoint, check_peer, check_slopes, computed
from tests.strategies import networks

KINDS = ("linear", "flatten")
SEEDS = st.integers(0, 2**16)
COUNTS = st.integers(1, 3)
WEIGHT = [[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]]


def test_weighted_sums_and_a_bias() -> None:
    x = [[1.0, 10.0, 100.0], [0.0, 0.0, 1.0]]
    found = computed(Linear(2), x, weight=WEIGHT, bias=[0.5, -0.5])
    assert found.tolist() == [[321.5, 89.5], [3.5, 0.5]]
    plain = computed(Linear(2, bias=False), x, weight=WEIGHT)
    assert plain.tolist() == [[321.0, 90.0], [3.0, 1.0]]


def test_gradients_by_hand() -> None:
    x, arriving = np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 10.0]])
    own = {"weight": np.array(WEIGHT), "bias": np.zeros(2)}
    (by_x,), found = RULES[Linear].backward(Linear(2), (x,), own, Moment(), arriving)
    assert by_x.tolist() == [[1.0, -8.0, 13.0]]
    assert found["weight"].tolist() == [[1, 2, 3], [10, 20, 30]]
    assert found["bias"].tolist() == [1, 10]


def test_an_image_is_flattened_channel_by_channel_row_by_row() -> None:
    image = np.arange(24.0).reshape(2, 2, 3, 2)
    assert computed(Flatten(), image).tolist() == [
        list(range(12)),
        list(range(12, 24)),
    ]
    assert image[0, 1, 2, 0] == computed(Flatten(), image)[0, 1 * 6 + 2 * 2 + 0]


@given(networks(KINDS, most_layers=2), COUNTS, SEEDS)
def test_gradients_are_slopes(network: Network, count: int, seed: int) -> None:
    check_slopes(network, count, seed, training=True)
    check_adjoint(network, count, seed)


@given(networks(KINDS, most_layers=3, scores=True), COUNTS, SEEDS)
def test_pytorch_agrees(network: Network, count: int, seed: int) -> None:
    check_peer(network, count, seed)
