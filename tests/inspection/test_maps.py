"""Feature maps and their numbers, by hand."""

import numpy as np
import pytest

from mirada.inspection.maps import LayerMaps, feature_maps, layer_maps
from mirada.network import Flatten, Linear, ReLU
from tests.inspection.hand_made import held, noise


def test_numbers_of_a_layer_and_of_each_map() -> None:
    values = np.array([[[-1, 0], [0, 5]], [[2, 2], [2, 2]]], np.float32)
    maps = LayerMaps("conv1", "conv", values)
    assert maps.numbers == (-1, 1.5, 5, 0.25)
    assert maps.each() == [(-1, 1, 5, 0.5), (2, 2, 2, 0)]
    assert maps.strongest == 1


def test_a_vector_is_a_map_a_number() -> None:
    maps = LayerMaps("linear1", "linear", np.array([3, -4, 0], np.float32))
    assert maps.each() == [(3, 3, 3, 0), (-4, -4, -4, 0), (0, 0, 0, 1)]
    assert maps.strongest == 0


def test_every_layer_in_order() -> None:
    engine = held((1, 2, 2), ReLU(), Flatten(), Linear(3))
    found = feature_maps(engine, noise(1, 2, 2))
    assert [maps.layer for maps in found] == ["input", "relu1", "flatten1", "linear1"]
    assert [maps.kind for maps in found] == ["input", "relu", "flatten", "linear"]
    assert [maps.shape for maps in found] == [(1, 2, 2), (1, 2, 2), (4,), (3,)]


def test_one_image_of_several() -> None:
    engine, images = held((1, 2, 2), ReLU()), noise(3, 1, 2, 2)
    values = engine.activations(images, ["relu1"])
    (found,) = layer_maps(engine.network, values, 2)
    np.testing.assert_array_equal(found.values, np.maximum(images[2], 0))
    assert found.numbers.mean == pytest.approx(float(found.values.mean()))
