"""Filters before and after: what they were follows from the seed."""

import numpy as np
import pytest

from mirada.inspection.filters import LayerFilters, convolutions, layer_filters
from mirada.network import Conv2d, Flatten, Linear, Network, ReLU
from mirada.reference import initial_parameters

NETWORK = Network("two", (1, 8, 8), (Conv2d(3, 3), ReLU(), Conv2d(2, 3)))


def test_how_far_a_filter_went() -> None:
    before = np.array([[[[3.0, 4.0]]], [[[1.0, 0.0]]], [[[0.0, 0.0]]]], np.float32)
    after = np.array([[[[6.0, 8.0]]], [[[0.0, 1.0]]], [[[1.0, 0.0]]]], np.float32)
    found = LayerFilters("conv1", after, before)
    assert found.moved is not None and found.cosine is not None
    np.testing.assert_allclose(found.moved[:2], [1.0, np.sqrt(2)])
    np.testing.assert_allclose(found.cosine[:2], [1.0, 0.0], atol=1e-12)
    assert np.isnan(found.moved[2]) and np.isnan(found.cosine[2])


def test_untrained_filters_have_not_moved() -> None:
    found = layer_filters(NETWORK, initial_parameters(NETWORK, 5), 5)
    assert [filters.layer for filters in found] == ["conv1", "conv2"]
    for filters in found:
        assert filters.moved is not None and not filters.moved.any()
        assert filters.cosine is not None
        np.testing.assert_allclose(filters.cosine, 1.0)


def test_another_seed_began_elsewhere() -> None:
    found = layer_filters(NETWORK, initial_parameters(NETWORK, 5), 6)
    assert all(f.moved is not None and f.moved.min() > 0.5 for f in found)


def test_without_a_seed_nothing_is_known_of_before() -> None:
    found = layer_filters(NETWORK, initial_parameters(NETWORK, 5), None)
    assert found[0].before is found[0].moved is found[0].cosine is None


@pytest.mark.parametrize("layers", [(Flatten(), Linear(2)), (ReLU(),)])
def test_a_network_without_convolutions(layers: tuple[ReLU, ...]) -> None:
    network = Network("plain", (1, 2, 2), layers)
    assert convolutions(network) == ()
    assert layer_filters(network, initial_parameters(network, 0), 0) == []
