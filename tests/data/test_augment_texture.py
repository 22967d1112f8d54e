"""Blur, noise and cutout: what they keep, and what they are."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.data import augment_texture
from mirada.data.augment_draws import Draw
from mirada.data.augment_texture import blurred, cut_out, noisy

Pixels = NDArray[np.uint8]


def images(count: int, channels: int = 3) -> Pixels:
    shape = (count, 30, 40, channels)
    return np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)


def draws(count: int, **known: float) -> NDArray[np.float64]:
    found = np.random.default_rng(2).random((count, len(Draw)))
    for name, value in known.items():
        found[:, Draw[name]] = value
    return found


def test_a_blurred_point_is_a_gaussian() -> None:
    point = np.zeros((1, 31, 31, 1), np.uint8)
    point[0, 15, 15] = 255
    found = blurred(point, 4.0, draws(1, BLUR=0.5))[0, ..., 0].astype(np.float64)
    away = np.arange(-15, 16)
    bell = np.where(np.abs(away) <= 6, np.exp(-(away**2) / (2 * 2.0**2)), 0)
    bell /= bell.sum()
    assert np.abs(found - 255 * np.outer(bell, bell)).max() <= 0.51


@pytest.mark.parametrize("channels", [1, 3])
def test_a_blur_keeps_levels_and_the_mean(channels: int) -> None:
    flat = np.full((2, 9, 11, channels), 131, np.uint8)
    assert (blurred(flat, 8.0, draws(2, BLUR=0.99)) == 131).all()
    before = images(3, channels)
    found = blurred(before, 2.0, draws(3))
    assert found.std() < 0.7 * before.std()
    off = found.mean(axis=(1, 2, 3)) - before.mean(axis=(1, 2, 3))
    assert np.abs(off).max() < 1.5
    assert np.array_equal(blurred(before, 2.0, draws(3, BLUR=0.0)), before)


def test_noise_is_normal_with_its_deviation() -> None:
    flat = np.full((20, 30, 40, 3), 128, np.uint8)
    off = noisy(flat, 0.05, np.arange(20), 1, 2).astype(np.float64) - 128
    assert off.mean() == pytest.approx(0.0, abs=0.2)
    assert off.std() == pytest.approx(0.05 * 255, rel=0.02)
    assert (np.abs(off) < 12.75).mean() == pytest.approx(0.6827, abs=0.02)
    assert ((off / 12.75) ** 4).mean() == pytest.approx(3.0, abs=0.15)
    flat_off = off.reshape(20, -1)
    assert np.abs(np.corrcoef(flat_off) - np.eye(20)).max() < 0.1
    assert abs(np.corrcoef(flat_off[:, :-1].ravel(), flat_off[:, 1:].ravel())[0, 1]) < (
        0.02
    )


def test_noise_is_a_function_of_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    before, samples = images(5), np.array([7, 3, 9, 1, 100])
    whole = noisy(before, 0.1, samples, 4, 5)
    monkeypatch.setattr(augment_texture, "_BLOCK", 1)
    assert np.array_equal(noisy(before, 0.1, samples, 4, 5), whole)
    assert np.array_equal(noisy(before[2:3], 0.1, samples[2:3], 4, 5), whole[2:3])
    for other in ((4, 6), (5, 5)):
        assert not np.array_equal(noisy(before, 0.1, samples, *other), whole)
    assert not np.array_equal(noisy(before, 0.1, samples + 1, 4, 5), whole)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_square_of_the_mean_is_cut_out(channels: int) -> None:
    before, known = images(50, channels), draws(50)
    found = cut_out(before, 0.5, known)
    for image, old, at in zip(found, before, known, strict=True):
        top = int(at[Draw.CUT_DOWN] * 30) - 7
        left = int(at[Draw.CUT_RIGHT] * 40) - 7
        square = np.zeros((30, 40), bool)
        square[max(0, top) : max(0, top + 15), max(0, left) : max(0, left + 15)] = True
        assert np.array_equal(image[~square], old[~square])
        assert (image[square] == image[square][0]).all()
        assert np.abs(image[square][0] - old.mean(axis=(0, 1))).max() <= 0.5
    assert np.array_equal(cut_out(before, 0.01, known), before)
