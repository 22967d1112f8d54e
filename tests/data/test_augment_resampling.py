"""Resampling against its definition, pixel by pixel."""

from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirada.data import augment_resampling
from mirada.data.augment_resampling import Affine, resampled

Pixels = NDArray[np.uint8]


def images(count: int, h: int, w: int, channels: int, seed: int = 0) -> Pixels:
    shape = (count, h, w, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def reflected(place: int, size: int) -> int:
    """Back and forth between the first and the last, as in a hall of mirrors."""
    path = [*range(size), *range(size - 2, 0, -1)]
    found: int = path[place % len(path)]
    return found


def by_hand(
    image: Pixels, linear: NDArray[np.float64], offset: NDArray[np.float64], fill: int
) -> NDArray[np.float64]:
    """Bilinear interpolation in real numbers; `fill` -1 asks for the reflection."""
    h, w, _ = image.shape
    out = np.zeros(image.shape)

    def level(y: int, x: int) -> NDArray[np.float64]:
        if fill < 0:
            y, x = reflected(y, h), reflected(x, w)
        elif not (0 <= y < h and 0 <= x < w):
            return np.full(image.shape[2], float(fill))
        return np.asarray(image[y, x], dtype=np.float64)

    for v in range(h):
        for u in range(w):
            at = linear @ [u - (w - 1) / 2, v - (h - 1) / 2] + offset
            x, y = at + np.array([(w - 1) / 2, (h - 1) / 2])
            x0, y0 = floor(x), floor(y)
            fx, fy = x - x0, y - y0
            out[v, u] = (
                level(y0, x0) * (1 - fy) * (1 - fx)
                + level(y0, x0 + 1) * (1 - fy) * fx
                + level(y0 + 1, x0) * fy * (1 - fx)
                + level(y0 + 1, x0 + 1) * fy * fx
            )
    return out


@settings(max_examples=20)
@given(
    size=st.tuples(st.integers(2, 9), st.integers(2, 9)),
    channels=st.sampled_from((1, 3)),
    fill=st.sampled_from((-1, 0, 77, 255)),
    numbers=st.lists(st.floats(-1.5, 1.5), min_size=4, max_size=4),
    move=st.lists(st.floats(-12.0, 12.0), min_size=2, max_size=2),
    slanted=st.booleans(),
    together=st.booleans(),
)
def test_it_is_bilinear_interpolation(
    size: tuple[int, int],
    channels: int,
    fill: int,
    numbers: list[float],
    move: list[float],
    slanted: bool,
    together: bool,
) -> None:
    """To within 1/256 of the range for each weight, and half a level of rounding."""
    given_ = images(2, *size, channels)
    linear = np.array(numbers).reshape(2, 2)
    if not slanted:
        linear *= np.eye(2)
    affine = Affine(
        np.stack([linear, np.eye(2)]), np.stack([np.array(move), np.zeros(2)])
    )
    with pytest.MonkeyPatch.context() as patched:
        if not together:
            patched.setattr(augment_resampling, "_SMALL", 0)
        found = resampled(given_, affine, None if fill < 0 else fill)
    wanted = by_hand(given_[0], linear, np.array(move), fill)
    assert np.abs(found[0] - wanted).max() <= 3.5
    assert np.array_equal(found[1], given_[1])


@pytest.mark.parametrize("size", [(7, 9), (60, 50)])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("fill", [None, 200])
def test_what_is_of_one_level_stays_so(
    size: tuple[int, int], channels: int, fill: int | None
) -> None:
    flat = np.full((3, *size, channels), 200, np.uint8)
    angles = np.array([0.0, 0.3, 2.0])
    cosine, sine = np.cos(angles), np.sin(angles)
    linear = np.stack([cosine, -sine, sine, cosine], 1).reshape(3, 2, 2) * 1.3
    offset = np.array([[0.4, 9.7], [30.0, 0.0], [0.1, -44.4]])
    assert (resampled(flat, Affine(linear, offset), fill) == 200).all()


@pytest.mark.parametrize("size", [(7, 9), (60, 50)])
def test_mirrors_and_whole_steps_copy_pixels(size: tuple[int, int]) -> None:
    before = images(4, *size, 3)
    signs = np.array([[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])
    linear, still = signs[:, :, None] * np.eye(2), np.zeros((4, 2))
    found = resampled(before, Affine(linear, still), 0)
    for image, old, (across, down) in zip(found, before, signs, strict=True):
        assert np.array_equal(image, old[:: int(down), :: int(across)])
    assert np.array_equal(resampled(found, Affine(linear, still), 0), before)
    turned = np.tile(np.eye(2), (4, 1, 1))
    moved = resampled(before, Affine(turned, np.tile([2.0, -1.0], (4, 1))), 9)
    assert np.array_equal(moved[:, 1:, :-2], before[:, :-1, 2:])
    assert (moved[:, 0] == 9).all() and (moved[:, :, -2:] == 9).all()


def test_a_quarter_turn_moves_pixels_only() -> None:
    before = images(1, 50, 50, 3)
    quarter = np.array([[[0.0, -1.0], [1.0, 0.0]]])
    found = resampled(before, Affine(quarter, np.zeros((1, 2))), 0)
    assert np.array_equal(found[0], np.rot90(before[0], -1)) or np.array_equal(
        found[0], np.rot90(before[0])
    )
