"""Pooling: the lecture's numbers, algebra, slopes, PyTorch."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mirada.network import AvgPool2d, GlobalAvgPool2d, MaxPool2d, Network
from mirada.reference import RULES, Array, Moment
from tests.reference.laws import check_adjoint, check_peer, check_slopes, computed
from tests.strategies import networks

IMAGE = np.array([[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]], float)
"""The lecture's image."""

KINDS = ("maxpool", "avgpool", "globalavgpool")
SEEDS = st.integers(0, 2**16)
COUNTS = st.integers(1, 3)


def pooled(layer: MaxPool2d | AvgPool2d | GlobalAvgPool2d, image: Array) -> object:
    return computed(layer, image[None, None])[0, 0].tolist()


def passed_back(layer: MaxPool2d | AvgPool2d, image: Array, gradient: object) -> object:
    """What each pixel of one channel gets of a gradient by the output."""
    arriving = np.asarray(gradient, float)[None, None]
    (found,), own = RULES[type(layer)].backward(
        layer, (image[None, None],), {}, Moment(), arriving
    )
    assert own == {}
    return found[0, 0].tolist()


def test_the_lectures_pooling() -> None:
    assert pooled(MaxPool2d(2), IMAGE) == [[6, 8], [3, 4]]
    assert pooled(AvgPool2d(2), IMAGE) == [[3.25, 5.25], [2, 2]]
    assert pooled(MaxPool2d(2, stride=1), IMAGE) == [[6, 7, 8], [6, 7, 8], [3, 3, 4]]


def test_pooling_learns_nothing() -> None:
    for layer in (MaxPool2d(2), AvgPool2d(2), GlobalAvgPool2d()):
        assert layer.parameters((6, 28, 28)) == ()


def test_the_largest_takes_the_gradient() -> None:
    assert passed_back(MaxPool2d(2), IMAGE, [[1, 2], [3, 4]]) == [
        [0, 0, 0, 0],
        [0, 1, 0, 2],
        [3, 0, 0, 0],
        [0, 0, 0, 4],
    ]


def test_among_equals_the_first_takes_the_gradient() -> None:
    equal = np.array([[5, 5], [5, 5]], float)
    assert passed_back(MaxPool2d(2), equal, [[1]]) == [[1, 0], [0, 0]]
    later = np.array([[1, 5], [5, 5]], float)
    assert passed_back(MaxPool2d(2), later, [[1]]) == [[0, 1], [0, 0]]


def test_nan_is_the_largest_and_the_last_one_counts() -> None:
    one = np.array([[1, np.nan], [7, 2]], float)
    assert np.isnan(computed(MaxPool2d(2), one[None, None])).all()
    assert passed_back(MaxPool2d(2), one, [[1]]) == [[0, 1], [0, 0]]
    two = np.array([[np.nan, 3], [np.nan, 2]], float)
    assert passed_back(MaxPool2d(2), two, [[1]]) == [[0, 0], [1, 0]]


def test_windows_that_overlap_add_up() -> None:
    row = np.array([[1, 9, 2]], float)
    assert passed_back(MaxPool2d((1, 2), stride=1), row, [[3, 4]]) == [[0, 7, 0]]
    assert passed_back(AvgPool2d((1, 2), stride=1), row, [[2, 4]]) == [[1, 3, 2]]


def test_padding_never_wins() -> None:
    cold = np.array([[-3, -4]], float)
    assert pooled(MaxPool2d((1, 2), padding=(0, 1)), cold) == [[-3, -4]]


def test_padding_counts_in_the_mean_or_does_not() -> None:
    row = np.array([[6, 4, 2]], float)
    layer = AvgPool2d((1, 3), stride=2, padding=(0, 1))
    assert pooled(layer, row) == [[10 / 3, 2]]
    shy = AvgPool2d((1, 3), stride=2, padding=(0, 1), count_padding=False)
    assert pooled(shy, row) == [[5, 3]]


def test_in_ceil_mode_what_lies_beyond_the_padding_never_counts() -> None:
    row = np.array([[1, 2, 3, 4]], float)
    layer = AvgPool2d((1, 3), stride=(1, 2), padding=(0, 1), ceil=True)
    # Windows at -1, 1 and 3: the last sees pixel 3, one of padding, one beyond.
    assert pooled(layer, row) == [[1, 3, 2]]
    shy = AvgPool2d((1, 3), (1, 2), (0, 1), ceil=True, count_padding=False)
    assert pooled(shy, row) == [[1.5, 3, 4]]
    assert pooled(MaxPool2d((1, 3), (1, 2), (0, 1), ceil=True), row) == [[2, 4, 4]]


def test_pixels_that_no_window_reaches_get_nothing() -> None:
    row = np.array([[1, 2, 3, 4, 5]], float)
    assert pooled(MaxPool2d((1, 2)), row) == [[2, 4]]
    assert passed_back(AvgPool2d((1, 2)), row, [[2, 2]]) == [[1, 1, 1, 1, 0]]


def test_the_mean_of_a_whole_channel() -> None:
    assert pooled(GlobalAvgPool2d(), IMAGE) == [[IMAGE.sum() / 16]]


@given(networks(KINDS, most_layers=1), COUNTS, SEEDS)
def test_gradients_are_slopes(network: Network, count: int, seed: int) -> None:
    check_slopes(network, count, seed, training=True)


@given(networks(("avgpool", "globalavgpool"), most_layers=1), COUNTS, SEEDS)
def test_backward_is_the_adjoint(network: Network, count: int, seed: int) -> None:
    check_adjoint(network, count, seed)


@given(networks((*KINDS, "conv"), most_layers=2, scores=True), COUNTS, SEEDS)
def test_pytorch_agrees(network: Network, count: int, seed: int) -> None:
    check_peer(network, count, seed)


@given(SEEDS)
def test_the_largest_of_a_rising_function(seed: int) -> None:
    """Max pooling and a rising function may change places."""
    image = np.random.default_rng(seed).normal(size=(2, 3, 6, 7))
    layer = MaxPool2d(3, stride=2, padding=1)
    assert np.array_equal(
        computed(layer, np.tanh(image)), np.tanh(computed(layer, image))
    )


@given(SEEDS)
def test_the_mean_lies_below_the_largest(seed: int) -> None:
    image = np.random.default_rng(seed).normal(size=(2, 3, 6, 7))
    mean = computed(AvgPool2d(3, 2, 1, count_padding=False), image)
    assert (mean <= computed(MaxPool2d(3, 2, 1), image)).all()
