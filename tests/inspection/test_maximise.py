"""Activation maximisation: of a linear unit it is its filter, and it always climbs."""

import numpy as np
import pytest

from mirada.inspection.maximise import Ascent, ascent_for, maximise, middle
from mirada.inspection.trunk import trunk_engine
from mirada.network import Conv2d, Flatten, Linear, MaxPool2d, ReLU
from tests.inspection.hand_made import held, held_by, noise

BLACK, WHITE = np.array([-2.0]), np.array([3.0])


def test_a_linear_unit_likes_its_filter() -> None:
    weights = noise(1, 1, 5, 5)
    engine = held((1, 9, 9), Conv2d(1, 5), conv1_weight=weights)
    wide = np.array([1000.0])
    found = maximise(engine, [(0, 2, 2)], black=-wide, white=wide)
    patch = found.images[0, 0, 2:7, 2:7].ravel()
    likeness = np.corrcoef(np.sign(patch), np.sign(weights.ravel()))[0, 1]
    assert likeness > 0.9
    gentle = Ascent(steps=200, rate=0.01, decay=0.1)
    found = maximise(engine, [(0, 2, 2)], black=-wide, white=wide, ascent=gentle)
    patch = found.images[0, 0, 2:7, 2:7].ravel()
    assert np.corrcoef(patch, weights.ravel())[0, 1] > 0.999999
    outside = found.images[0, 0].copy()
    outside[2:7, 2:7] = 0
    assert np.abs(outside).max() < 1e-3 * np.abs(patch).max()


def test_pixels_stay_between_black_and_white_and_every_unit_climbs() -> None:
    engine = held((1, 12, 12), Conv2d(4, 3), ReLU(), MaxPool2d(2), Conv2d(4, 3))
    places = [middle(engine.network.output, unit) for unit in range(4)]
    found = maximise(engine, places, black=BLACK, white=WHITE)
    assert found.images.shape == (4, 1, 12, 12)
    assert found.images.min() >= -2 and found.images.max() <= 3
    assert (found.after > found.before + 0.1).all()
    values = engine.predict(found.images)
    np.testing.assert_allclose(
        found.after, [values[i][p] for i, p in enumerate(places)]
    )


def test_it_ends_in_the_same_bytes() -> None:
    engine = held((3, 8, 8), Conv2d(2, 3), ReLU(), Flatten(), Linear(2))
    sides = {"black": np.full(3, -1.0), "white": np.array([1.0, 2.0, 3.0])}
    ascent = Ascent(steps=10, jitter=2, smooths=True)
    found = [maximise(engine, [(0,), (1,)], ascent=ascent, **sides) for _ in "ab"]
    assert found[0].images.tobytes() == found[1].images.tobytes()
    assert found[0].images[:, 0].max() <= 1 and found[0].images[:, 2].max() > 1


def test_a_unit_that_cannot_be_woken_keeps_an_image() -> None:
    engine = held((1, 4, 4), Conv2d(1, 3), ReLU(), conv1_bias=[-1e6])
    found = maximise(engine, [(0, 1, 1)], black=BLACK, white=WHITE)
    assert found.after.tolist() == [0]
    assert np.isfinite(found.images).all()


def test_engines_agree() -> None:
    engine = held((1, 8, 8), Conv2d(2, 3), ReLU(), Conv2d(2, 3))
    places = [(0, 2, 2), (1, 2, 2)]
    native = trunk_engine(held_by("native", engine), "conv2")
    ascent = Ascent(steps=5)
    one, two = (
        maximise(e, places, black=BLACK, white=WHITE, ascent=ascent)
        for e in (engine, native)
    )
    np.testing.assert_allclose(one.images, two.images, atol=1e-3)


@pytest.mark.parametrize(
    ("field", "jitter"), [(7, 0), (8, 1), (31, 1), (32, 2), (999, 8)]
)
def test_wide_fields_are_moved_about(field: int, jitter: int) -> None:
    assert ascent_for(field).jitter == jitter
    assert ascent_for(field).smooths == (jitter > 0)
