"""What roundings do to outputs, to first order: enough, and not too much."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.models import build
from mirada.network import Network
from mirada.reference import forward
from mirada.reference.first_order import first_order_bounds
from tests.bounds import forward_bounds
from tests.peer import peer_forward, peer_knows, tensors
from tests.strategies import batch, lively_parameters, networks

torch = pytest.importorskip("torch")


@settings(max_examples=60)
@given(network=networks(most_layers=6), seed=st.integers(0, 1000))
def test_another_s_float32_is_inside(network: Network, seed: int) -> None:
    """Twice the bound: what is left out is of second order, or at a kink of ReLU."""
    parameters, (images, _) = lively_parameters(network, seed), batch(network, 2, seed)
    if not peer_knows(network, 2):
        return
    last = network.nodes[-1].name
    given = tensors(network, parameters, np.float32)
    with torch.inference_mode():
        found = peer_forward(network, given, torch.from_numpy(images))[last]
    with np.errstate(all="ignore"):
        bounds = first_order_bounds(network, parameters, images, np.float32)
    away = np.abs(found.reshape(2, -1).numpy() - bounds.value)
    assert (away <= 2 * bounds.bound).all()


@settings(max_examples=30)
@given(network=networks(most_layers=4), seed=st.integers(0, 1000))
def test_it_is_never_much_more_than_the_worst_case(network: Network, seed: int) -> None:
    parameters, (images, _) = lively_parameters(network, seed), batch(network, 2, seed)
    with np.errstate(all="ignore"):
        bounds = first_order_bounds(network, parameters, images, np.float32)
        worst = forward_bounds(network, parameters, images, np.float32)
    most = worst[network.nodes[-1].name].bound.reshape(bounds.bound.shape)
    known = np.isfinite(bounds.bound)
    assert (bounds.bound <= 1.01 * most + 1e-12)[known].all()


def test_of_a_deep_network_it_still_says_something() -> None:
    network = build("resnet18_cifar", (3, 8, 8), 4)
    parameters, (images, _) = lively_parameters(network, 1), batch(network, 1, 1)
    bounds = first_order_bounds(network, parameters, images, np.float32, most=3)
    exact = forward(network, parameters, images)[network.nodes[-1].name]
    assert np.array_equal(bounds.value, exact)
    assert np.isfinite(bounds.bound).sum() == 3
    assert np.isinf(bounds.bound[0, exact[0].argmin()])
    largest = np.abs(exact).max()
    assert 1e-7 * largest < bounds.bound[0, exact[0].argmax()] < 0.1 * largest
