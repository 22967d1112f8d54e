"""The bounds of networks: float32 stays inside, and a small mistake does not."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mirada.network import (
    SGD,
    AdamW,
    Conv2d,
    CrossEntropy,
    Flatten,
    Linear,
    MaxPool2d,
    MeanSquaredError,
    Network,
    Optimizer,
    ReLU,
)
from mirada.reference import first_memory, loss_and_gradients, optimizer_step
from tests.bounds import NetworkBounds, forward_bounds, network_bounds, step_bounds
from tests.peer import peer_knows, peer_step, tensors
from tests.strategies import batch, lively_parameters, networks
from tests.tolerance import assert_within

SEEDS = st.integers(0, 2**16)
LENET = Network(
    "small lenet",
    (1, 12, 12),
    (
        *(Conv2d(4, 5, padding=2), ReLU(), MaxPool2d(2)),
        *(Conv2d(6, 3), ReLU(), MaxPool2d(2)),
        *(Flatten(), Linear(10), ReLU(), Linear(5)),
    ),
)


def lenet_bounds(seed: int) -> NetworkBounds:
    images, labels = batch(LENET, 4, seed)
    own = lively_parameters(LENET, seed)
    return network_bounds(LENET, CrossEntropy(), own, images, labels, np.float32)


@given(
    networks(scores=True),
    st.sampled_from((CrossEntropy(), CrossEntropy(0.1), MeanSquaredError())),
    st.integers(1, 3),
    SEEDS,
)
def test_pytorch_in_float32_stays_inside(
    network: Network, loss: CrossEntropy, count: int, seed: int
) -> None:
    assume(peer_knows(network, count))
    own, (images, labels) = (
        lively_parameters(network, seed),
        batch(network, count, seed),
    )
    known = network_bounds(network, loss, own, images, labels, np.float32)
    single = tensors(network, own, np.float32)
    found = peer_step(network, loss, single, images, labels, dtype=np.float32)
    assert_within(found.loss, known.loss.value, known.loss.bound)
    for name, exact in known.activations.items():
        assert_within(found.activations[name], exact.value, exact.bound)
    for name, exact in known.gradients.items():
        assert_within(found.gradients[name], exact.value, exact.bound)


@pytest.mark.parametrize("seed", range(5))
def test_the_bounds_are_narrow(seed: int) -> None:
    """Beside the largest gradient of a parameter the bounds are small."""
    shares = [
        known.bound.ravel() / np.abs(known.value).max()
        for known in lenet_bounds(seed).gradients.values()
    ]
    assert np.median(np.concatenate(shares)) < 1e-3
    assert np.concatenate(shares).max() < 5e-2


@pytest.mark.parametrize(
    "name", ["conv1.weight", "conv2.bias", "linear2.weight", "input"]
)
def test_a_planted_mistake_is_outside(name: str) -> None:
    known = lenet_bounds(1).gradients[name]
    place = np.unravel_index(np.argmax(np.abs(known.value)), known.value.shape)
    wrong = known.value.copy()
    wrong[place] *= 1.001
    with pytest.raises(AssertionError, match="1 of"):
        assert_within(wrong, known.value, known.bound)


def test_inference_has_bounds_of_its_own() -> None:
    images, _ = batch(LENET, 3, 2)
    found = forward_bounds(LENET, lively_parameters(LENET, 2), images, np.float32)
    assert found["linear2"].value.shape == (3, 5)
    assert 0 < found["linear2"].bound.max() < 1e-4


@pytest.mark.parametrize(
    "optimizer", [SGD(0.1, 0.9, True, 0.01), SGD(0.1, 0.0), AdamW(0.01, epsilon=1e-3)]
)
def test_a_step_in_float32_stays_inside(optimizer: Optimizer) -> None:
    own = lively_parameters(LENET, 3)
    images, labels = batch(LENET, 4, 3)
    known = lenet_bounds(3)
    exact = loss_and_gradients(LENET, CrossEntropy(), own, images, labels)
    del exact.gradients["input"]
    learned = {name: own[name] for name in exact.gradients}
    memory = first_memory(optimizer, {n: v.astype(float) for n, v in learned.items()})
    stepped = step_bounds(
        optimizer, learned, known.gradients, memory, learning_rate=0.1, step=0
    )
    doubles = {name: value.astype(np.float64) for name, value in learned.items()}
    moved, _ = optimizer_step(
        optimizer, doubles, exact.gradients, memory, learning_rate=0.1, step=0
    )
    for name, bound in stepped.items():
        assert_within(moved[name].astype(np.float32), bound.value, bound.bound)
        assert np.median(bound.bound) < 1e-2
