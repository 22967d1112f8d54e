"""Losses: hand-worked numbers, slopes, PyTorch."""

from math import log

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.nn import functional

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
from mirada.reference.loss import Mixed
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


@st.composite
def mixes(draw: st.DrawFn, count: int) -> Mixed:
    """Second labels of four classes, and shares of nothing and all among them."""
    share = st.sampled_from((0.0, 1.0)) | st.floats(0.0, 1.0)
    labels = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    shares = draw(st.lists(share, min_size=count, max_size=count))
    return np.array(labels), np.array(shares)


@given(losses(), mixes(3), SEEDS)
def test_a_mixed_image_counts_for_both_labels(
    loss: Loss, mixed: Mixed, seed: int
) -> None:
    """Its loss is (1 - s) L(a) + s L(b); with weights the divisor is mixed as well."""
    noise = np.random.default_rng(seed)
    scores, along = noise.normal(size=(2, 3, 4))
    labels, (others, shares) = noise.integers(0, 4, 3), mixed
    weights = np.array(getattr(loss, "class_weights", ()) or np.ones(4))
    counted = (1 - shares) * weights[labels] + shares * weights[others]
    assume(counted.sum() > 1e-3)
    wanted = 0.0
    for image, (own, other, share) in enumerate(zip(labels, *mixed, strict=True)):
        for label, part in ((own, 1 - share), (other, share)):
            one = value(loss, scores[image : image + 1], [label])
            wanted += part * one * (weights[label] if weights[label] else 1.0)
    if (weights > 0).all():
        divisor = 3 if isinstance(loss, MeanSquaredError) else counted.sum()
        found, _ = loss_and_gradient(loss, scores, labels, mixed)
        assert found == pytest.approx(wanted / divisor, rel=1e-12)
    _, gradient = loss_and_gradient(loss, scores, labels, mixed)
    measured = slope(
        lambda at: loss_and_gradient(loss, at, labels, mixed)[0], scores, along
    )
    assert measured == pytest.approx((gradient * along).sum(), rel=1e-8, abs=1e-9)


@given(losses(), mixes(3), SEEDS)
def test_pytorch_agrees_on_targets_that_are_vectors(
    loss: Loss, mixed: Mixed, seed: int
) -> None:
    """It divides by n where we divide by what the weights of the labels add up to."""
    assume(isinstance(loss, CrossEntropy))
    assert isinstance(loss, CrossEntropy)
    noise = np.random.default_rng(seed)
    scores, labels = noise.normal(size=(3, 4)), noise.integers(0, 4, 3)
    share = mixed[1][:, None]
    target = (1 - share) * np.eye(4)[labels] + share * np.eye(4)[mixed[0]]
    weights = np.array(loss.class_weights or np.ones(4))
    total = (target @ weights).sum()
    assume(total > 1e-3)
    theirs = torch.tensor(scores, requires_grad=True)
    peer = functional.cross_entropy(
        theirs,
        torch.tensor(target),
        weight=torch.tensor(weights),
        label_smoothing=loss.label_smoothing,
    )
    peer = peer * 3 / total
    peer.backward()
    found, gradient = loss_and_gradient(loss, scores, labels, mixed)
    assert found == pytest.approx(float(peer.detach()), rel=1e-12, abs=1e-14)
    np.testing.assert_allclose(gradient, theirs.grad.numpy(), rtol=1e-11, atol=1e-14)
