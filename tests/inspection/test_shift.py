"""Shifts: what moves along, what stays, and what answers say."""

import numpy as np
import pytest

from mirada.inspection.shift import DIRECTIONS, shift_effects, shifted
from mirada.network import Conv2d, Flatten, GlobalAvgPool2d, Linear, MaxPool2d, ReLU
from tests.inspection.hand_made import held, noise


def test_images_are_moved_and_borders_repeated() -> None:
    image = np.arange(9).reshape(3, 3)
    assert shifted(image, 1, 0).tolist() == [[0, 1, 2], [0, 1, 2], [3, 4, 5]]
    assert shifted(image, 0, -2).tolist() == [[2, 2, 2], [5, 5, 5], [8, 8, 8]]
    assert shifted(image, 0, 0).tolist() == image.tolist()
    assert shifted(image, 9, 0).tolist() == [[0, 1, 2]] * 3


def test_a_constant_image_changes_nothing() -> None:
    engine = held((1, 8, 8), Conv2d(2, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(3))
    outputs, found = shift_effects(engine, np.full((2, 1, 8, 8), 3, np.float32))
    assert len(found) == 16
    for effect in found:
        assert all(not layer.change and not layer.error for layer in effect.layers)
        np.testing.assert_array_equal(effect.outputs, outputs)


def test_a_convolution_moves_along() -> None:
    engine = held((1, 12, 12), Conv2d(2, 3), ReLU(), MaxPool2d(2))
    _, found = shift_effects(engine, noise(3, 1, 12, 12), (1, 2))
    for effect in found:
        image, conv, relu, pool = effect.layers
        assert image.error == conv.error == relu.error == 0
        assert conv.change is not None and conv.change > 0.5
        assert pool.error is not None
        assert (pool.error < 1e-6) == (effect.pixels == 2)


def test_padding_breaks_it_at_the_edge() -> None:
    engine = held((1, 12, 12), Conv2d(2, 3, padding=1))
    _, found = shift_effects(engine, noise(3, 1, 12, 12) + 3, (1,))
    assert all(0 < (effect.layers[1].error or 0) < 1 for effect in found)


def test_directions_and_outputs_are_those_of_moved_images() -> None:
    engine = held((1, 6, 6), Conv2d(2, 3), Flatten(), Linear(3))
    images = noise(40, 1, 6, 6)
    outputs, found = shift_effects(engine, images, (1, 3))
    np.testing.assert_array_equal(outputs, engine.predict(images))
    assert [(e.pixels, e.direction) for e in found] == [
        (pixels, direction) for pixels in (1, 3) for direction in DIRECTIONS
    ]
    moved = engine.predict(shifted(images, 0, -3))
    np.testing.assert_allclose(found[6].outputs, moved, atol=1e-6)
    wanted = np.linalg.norm(moved - outputs) / np.linalg.norm(outputs)
    assert found[6].layers[-1].change == pytest.approx(wanted, rel=1e-5)


def test_the_mean_of_a_map_stays_and_a_vector_has_no_error() -> None:
    engine = held((1, 9, 9), GlobalAvgPool2d(), Flatten())
    images = np.zeros((1, 1, 9, 9), np.float32)
    images[0, 0, 4, 4] = 1
    _, found = shift_effects(engine, images)
    for effect in found:
        _, pool, flat = effect.layers
        assert pool.change == flat.change == pytest.approx(0, abs=1e-6)
        assert flat.error is None


def test_what_was_nothing_has_no_share() -> None:
    engine = held((1, 3, 3), ReLU())
    images = np.zeros((1, 1, 3, 3), np.float32)
    images[0, 0, 1, 1] = -1
    _, found = shift_effects(engine, images, (1,))
    assert found[0].layers[1].change == 0


def test_only_the_layers_asked_for() -> None:
    engine = held((1, 6, 6), Conv2d(2, 3), ReLU())
    _, found = shift_effects(engine, noise(2, 1, 6, 6), (1,), names=["conv1"])
    assert [layer.layer for layer in found[0].layers] == ["conv1"]
    assert found[0].outputs.shape == (2, 2, 4, 4)


def test_a_shift_beyond_a_map_has_no_error() -> None:
    engine = held((1, 4, 4), Conv2d(1, 3))
    _, found = shift_effects(engine, noise(1, 1, 4, 4), (2,))
    assert found[0].layers[1].error is None
