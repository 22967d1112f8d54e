"""Joins: hand-worked numbers, slopes, PyTorch."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mirada.network import Add, Concat, Multiply, Network
from mirada.reference import RULES, Moment
from tests.reference.laws import check_peer, check_slopes, computed
from tests.strategies import networks

KINDS = ("add", "concat", "conv", "globalavgpool", "multiply", "tanh")
SEEDS = st.integers(0, 2**16)
COUNTS = st.integers(1, 3)


def test_the_sum_of_all_inputs() -> None:
    assert computed(Add(), [[1, 2]], [[10, 20]], [[100, 200]]).tolist() == [[111, 222]]


def test_the_product_of_all_inputs() -> None:
    found = computed(Multiply(), [[1, 2]], [[3, 4]], [[-5, 6]])
    assert found.tolist() == [[-15, 48]]


def test_a_gate_is_for_a_whole_channel_and_gets_the_sum_of_its_gradient() -> None:
    gate, image = np.full((1, 1, 1, 1), 3.0), np.array([[[[1.0, 2.0]]]])
    assert computed(Multiply(), gate, image).tolist() == [[[[3, 6]]]]
    arriving = np.array([[[[10.0, 100.0]]]])
    (own, other), _ = RULES[Multiply].backward(
        Multiply(), (gate, image), {}, Moment(), arriving
    )
    assert own.tolist() == [[[[210]]]]
    assert other.tolist() == [[[[30, 300]]]]


def test_one_after_another_along_the_channels() -> None:
    left, right = np.full((1, 1, 1, 2), 1.0), np.full((1, 2, 1, 2), 2.0)
    assert computed(Concat(), left, right)[0, :, 0, 0].tolist() == [1, 2, 2]
    assert computed(Concat(), [[1, 2]], [[3]]).tolist() == [[1, 2, 3]]


def test_what_is_larger_is_cut_around_its_centre() -> None:
    """Of 5 the middle 2 are numbers 1 and 2: the odd one is cut at the end."""
    large = np.arange(25.0).reshape(1, 1, 5, 5)
    found = computed(Concat(crop=True), np.zeros((1, 1, 2, 2)), large)
    assert found[0, 1].tolist() == [[6, 7], [11, 12]]


def test_what_was_cut_gets_no_gradient() -> None:
    inputs = (np.zeros((1, 1, 2, 2)), np.zeros((1, 1, 3, 4)))
    arriving = np.arange(1.0, 9.0).reshape(1, 2, 2, 2)
    (small, large), _ = RULES[Concat].backward(
        Concat(crop=True), inputs, {}, Moment(), arriving
    )
    assert small[0, 0].tolist() == [[1, 2], [3, 4]]
    assert large[0, 0].tolist() == [[0, 5, 6, 0], [0, 7, 8, 0], [0, 0, 0, 0]]


@given(networks(KINDS, most_layers=5), COUNTS, SEEDS)
def test_gradients_are_slopes(network: Network, count: int, seed: int) -> None:
    check_slopes(network, count, seed, training=True)


@given(networks(KINDS, most_layers=5, scores=True), COUNTS, SEEDS)
def test_pytorch_agrees(network: Network, count: int, seed: int) -> None:
    check_peer(network, count, seed)
