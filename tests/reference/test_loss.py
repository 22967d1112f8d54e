"""Losses: hand-worked numbers, slopes, PyTorch."""

from math import log

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from mirada.network import (
    CrossEntropy,
    Flatten,
    Linear,
    Loss,
    MeanSquaredError,
    Network,
    Softmax,
)
from mirada.reference import loss_and_gradient, scored
from tests.peer import peer_loss
from tests.reference.laws import slope

SEEDS = st.integers(0, 2**16)


@st.composite
def losses(draw: st.DrawFn, classes: int = 4) -> Loss:
    if draw(st.integers(0, 3)) == 0:
        return MeanSquaredError()
    weight = st.sampled_from((0.0, 0.25, 1.0, 3.5))
    weights = draw(st.lists(weight, min_size=classes, max_size=classes) | st.just([]))
    return CrossEntropy(draw(st.sampled_from((0.0, 0.1, 0.75))), weights)


def value(loss: Loss, scores: object, labels: list[int]) -> float:
    found, _ = loss_and_gradient(loss, np.asarray(scores, float), np.asarray(labels))
    return found


def test_equal_scores_cost_the_logarithm_of_the_classes() -> None:
    assert value(CrossEntropy(), [[7, 7, 7, 7]], [2]) == pytest.approx(log(4))
    assert value(CrossEntropy(0.3), [[7, 7, 7, 7]], [2]) == pytest.approx(log(4))


def test_the_right_classes_logarithm() -> None:
    shares = [0.2, 0.5, 0.3]
    scores = [np.log(shares), np.log(shares)]
    assert value(CrossEntropy(), scores, [1, 2]) == pytest.approx(-log(0.5 * 0.3) / 2)


def test_smoothing_gives_every_class_a_part() -> None:
    """0.3 smoothed over three classes: 0.8 for the right one, 0.1 for the others."""
    expected = -(0.8 * log(0.5) + 0.1 * log(0.2) + 0.1 * log(0.3))
    found = value(CrossEntropy(0.3), [np.log([0.2, 0.5, 0.3])], [1])
    assert found == pytest.approx(expected)


def test_weights_count_and_divide() -> None:
    scores = [np.log([0.2, 0.8]), np.log([0.5, 0.5])]
    loss = CrossEntropy(class_weights=(1, 3))
    expected = -(3 * log(0.8) + 1 * log(0.5)) / (3 + 1)
    assert value(loss, scores, [1, 0]) == pytest.approx(expected)


def test_where_no_weight_counts_the_loss_is_zero() -> None:
    found, gradient = loss_and_gradient(
        CrossEntropy(class_weights=(0, 1)), np.ones((2, 2)), np.array([0, 0])
    )
    assert found == 0
    assert not gradient.any()


def test_scores_may_be_huge() -> None:
    assert value(CrossEntropy(), [[1e300, -1e300]], [0]) == 0
    assert value(CrossEntropy(), [[0, 1000]], [0]) == 1000


def test_squared_distance_from_the_one_hot_vector() -> None:
    found, gradient = loss_and_gradient(
        MeanSquaredError(), np.array([[1.0, 2.0], [0.0, 0.5]]), np.array([0, 1])
    )
    assert found == (0 + 4 + 0 + 0.25) / 4
    assert gradient.tolist() == [[0, 1], [0, -0.25]]


def test_outputs_may_still_be_one_pixel_images() -> None:
    scores = np.array([[1.0, 2.0, 3.0]])
    flat, by_flat = loss_and_gradient(CrossEntropy(), scores, np.array([1]))
    pixel = scores.reshape(1, 3, 1, 1)
    found, by_pixel = loss_and_gradient(CrossEntropy(), pixel, np.array([1]))
    assert flat == found
    assert by_pixel.shape == (1, 3, 1, 1)
    assert (by_pixel.ravel() == by_flat.ravel()).all()


def test_cross_entropy_reads_what_goes_into_the_softmax() -> None:
    network = Network("n", (2, 1, 1), (Flatten(), Linear(3), Softmax()))
    assert scored(network, CrossEntropy()) == "linear1"
    assert scored(network, MeanSquaredError()) == "softmax1"
    alone = Network("n", (3,), (Softmax(),))
    assert scored(alone, CrossEntropy()) == "input"


@given(losses(), st.integers(1, 5), SEEDS)
def test_the_gradient_is_the_slope(loss: Loss, count: int, seed: int) -> None:
    noise = np.random.default_rng(seed)
    scores, along = noise.normal(size=(2, count, 4))
    labels = noise.integers(0, 4, count)
    _, gradient = loss_and_gradient(loss, scores, labels)
    measured = slope(lambda at: value(loss, at, list(labels)), scores, along)
    assert measured == pytest.approx((gradient * along).sum(), rel=1e-9, abs=1e-10)


@given(losses(), st.integers(1, 5), SEEDS)
def test_pytorch_agrees(loss: Loss, count: int, seed: int) -> None:
    noise = np.random.default_rng(seed)
    scores, labels = 5 * noise.normal(size=(count, 4)), noise.integers(0, 4, count)
    weights = getattr(loss, "class_weights", ()) or np.ones(4)
    assume(np.asarray(weights)[labels].any())
    theirs = torch.tensor(scores, requires_grad=True)
    total = peer_loss(loss, theirs, torch.tensor(labels))
    total.backward()
    found, gradient = loss_and_gradient(loss, scores, labels)
    assert found == pytest.approx(float(total.detach()), rel=1e-13, abs=1e-14)
    np.testing.assert_allclose(gradient, theirs.grad.numpy(), rtol=1e-12, atol=1e-15)
