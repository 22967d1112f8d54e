"""Enlarging: hand-worked numbers, slopes, PyTorch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.network import Network, Upsample
from mirada.reference.resize import mixture
from tests.reference.laws import check_adjoint, check_peer, check_slopes, computed
from tests.strategies import networks

SEEDS = st.integers(0, 2**16)
COUNTS = st.integers(1, 3)


def test_the_nearest_pixel() -> None:
    found = computed(Upsample((2, 3)), [[[[1, 2]]]])
    assert found[0, 0].tolist() == [[1, 1, 1, 2, 2, 2]] * 2


def test_between_pixel_centres() -> None:
    found = computed(Upsample(2, mode="bilinear"), [[[[0, 4], [8, 12]]]])
    assert found[0, 0].tolist() == [
        [0, 1, 3, 4],
        [2, 3, 5, 6],
        [6, 7, 9, 10],
        [8, 9, 11, 12],
    ]


@given(st.sampled_from(("nearest", "bilinear")), st.integers(1, 9), st.integers(1, 7))
def test_every_new_pixel_is_a_mean_of_old_ones(
    mode: str, length: int, scale: int
) -> None:
    shares = mixture(mode, length, scale)
    assert shares.shape == (length * scale, length)
    assert (shares >= 0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-14)
    # Turned around, the picture and its enlargement turn around together.
    np.testing.assert_allclose(shares, shares[::-1, ::-1], atol=1e-12)


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_a_scale_of_one_changes_nothing(mode: str) -> None:
    image = np.random.default_rng(2).normal(size=(1, 2, 3, 4))
    assert (computed(Upsample(1, mode=mode), image) == image).all()


@given(networks(("upsample",), most_layers=1), COUNTS, SEEDS)
def test_gradients_are_slopes(network: Network, count: int, seed: int) -> None:
    check_slopes(network, count, seed, training=True)
    check_adjoint(network, count, seed)


@given(networks(("upsample", "conv"), most_layers=2, scores=True), COUNTS, SEEDS)
def test_pytorch_agrees(network: Network, count: int, seed: int) -> None:
    check_peer(network, count, seed)
