"""Batch normalization: hand-worked numbers, algebra, slopes, PyTorch."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from mirada.network import BatchNorm2d, Network
from mirada.reference import Array, Moment, forward, statistics
from tests.peer import peer_forward, peer_knows, tensors
from tests.reference.laws import check_peer, check_slopes, computed
from tests.strategies import batch, lively_parameters, networks

NETWORKS = networks(("batchnorm",), most_layers=2)
SEEDS = st.integers(0, 2**16)
COUNTS = st.integers(1, 4)
OWN = {"weight": [2.0], "bias": [1.0], "running_mean": [10.0], "running_var": [4.0]}
PIXELS = np.array([1.0, 2.0, 3.0, 6.0]).reshape(2, 1, 1, 2)
"""One channel of mean 3, variance 14 / 4, unbiased 14 / 3."""


def own(**changes: object) -> dict[str, Array]:
    return {name: np.asarray(v, float) for name, v in {**OWN, **changes}.items()}


def test_training_takes_the_batchs_moments() -> None:
    layer = BatchNorm2d(epsilon=0.5)
    found = computed(layer, PIXELS, moment=Moment(training=True), **own())
    assert found.ravel().tolist() == [-1.0, 0.0, 1.0, 4.0]


def test_inference_takes_the_running_moments() -> None:
    layer, moments = BatchNorm2d(epsilon=0.5), own(running_var=[3.5])
    found = computed(layer, PIXELS, moment=Moment(), **moments)
    assert found.ravel().tolist() == [-8.0, -7.0, -6.0, -3.0]


def test_running_moments_move_towards_the_batchs() -> None:
    network = Network("norm", (1, 1, 2), (BatchNorm2d(momentum=0.25),))
    named = {f"batchnorm1.{name}": value for name, value in own().items()}
    moved = statistics(network, named, forward(network, named, PIXELS, training=True))
    assert moved["batchnorm1.running_mean"] == pytest.approx(0.75 * 10 + 0.25 * 3)
    assert moved["batchnorm1.running_var"] == pytest.approx(0.75 * 4 + 0.25 * 14 / 3)


def test_of_a_single_pixel_the_variance_is_zero() -> None:
    network = Network("norm", (1, 1, 1), (BatchNorm2d(momentum=0.5),))
    named = {f"batchnorm1.{name}": value for name, value in own().items()}
    found = forward(network, named, np.ones((1, 1, 1, 1)), training=True)
    assert found["batchnorm1"].item() == 1.0
    assert statistics(network, named, found)["batchnorm1.running_var"] == [2.0]


@given(NETWORKS, COUNTS, SEEDS, st.booleans())
def test_gradients_are_slopes(
    network: Network, count: int, seed: int, training: bool
) -> None:
    check_slopes(network, count, seed, training=training)


@given(networks(("batchnorm", "conv"), most_layers=3, scores=True), COUNTS, SEEDS)
def test_pytorch_agrees(network: Network, count: int, seed: int) -> None:
    check_peer(network, count, seed)


@given(NETWORKS, COUNTS, SEEDS)
def test_pytorch_keeps_the_same_running_moments(
    network: Network, count: int, seed: int
) -> None:
    assume(peer_knows(network, count))
    parameters, (images, _) = (
        lively_parameters(network, seed),
        batch(network, count, seed),
    )
    theirs = tensors(network, parameters)
    with torch.no_grad():
        peer_forward(network, theirs, torch.tensor(images).double(), training=True)
    found = forward(network, parameters, images, training=True)
    for name, value in statistics(network, parameters, found).items():
        np.testing.assert_allclose(value, theirs[name].numpy(), rtol=1e-12, atol=1e-14)


@given(SEEDS)
def test_training_forgets_scale_and_shift(seed: int) -> None:
    noise = np.random.default_rng(seed)
    images, moment = noise.normal(size=(4, 1, 3, 3)), Moment(training=True)
    layer = BatchNorm2d(epsilon=1e-12)
    plain = computed(layer, images, moment=moment, **own())
    moved = computed(layer, 5 * images - 7, moment=moment, **own())
    np.testing.assert_allclose(plain, moved, rtol=1e-9, atol=1e-9)
    assert plain.mean() == pytest.approx(1.0)
    assert plain.std() == pytest.approx(2.0)
