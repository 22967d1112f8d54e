"""The draws of a sample, however many of them and of its neighbours are wanted."""

import numpy as np
import pytest

from mirada.data import augment_draws
from mirada.data.augment_draws import Draw, draw, either_way
from mirada.randomness import Purpose, uniform

SAMPLES = np.array([5, 0, 4000, 17])


def test_they_are_those_of_the_counter() -> None:
    wanted = uniform(3, Purpose.AUGMENT, 26, epoch=2, sample=SAMPLES)
    assert len(Draw) == 26 == max(Draw) + 1
    assert np.array_equal(draw(3, 2, SAMPLES, 26), wanted)
    assert np.array_equal(draw(3, 2, SAMPLES, 5), wanted[:, :5])


def test_a_large_dataset_has_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = draw(9, 1, SAMPLES, 5)
    monkeypatch.setattr(augment_draws, "_MOST_KEPT", 10)
    assert np.array_equal(draw(9, 1, SAMPLES, 5), kept)


def test_either_way_is_symmetric() -> None:
    assert either_way(np.array([0.0, 0.5, 0.75])).tolist() == [-1.0, 0.0, 0.5]
