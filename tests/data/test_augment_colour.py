"""Colours against Pillow's enhancers, colorsys, and what must not change."""

import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from mirada.data import augment_colour
from mirada.data.augment_colour import Colours, coloured, grey_level, hue_turned
from mirada.data.augment_draws import Draw

Pixels = NDArray[np.uint8]


def photos(count: int, channels: int = 3) -> Pixels:
    """Gradients with noise: all levels, and neighbours that are alike."""
    rng = np.random.default_rng(6)
    rows, columns = np.mgrid[0:24, 0:32]
    base = (rows * 5 + columns * 3)[None, :, :, None]
    noise = rng.integers(-40, 80, (count, 24, 32, channels))
    return np.asarray(np.clip(base + noise, 0, 255), dtype=np.uint8)


def draws(count: int, **known: float) -> NDArray[np.float64]:
    found = np.random.default_rng(2).random((count, len(Draw)))
    for name, value in known.items():
        found[:, Draw[name]] = value
    return found


ENHANCERS = {
    "brightness": ImageEnhance.Brightness,
    "contrast": ImageEnhance.Contrast,
    "saturation": ImageEnhance.Color,
}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ENHANCERS)
def test_the_factor_is_that_of_pillow(name: str, channels: int) -> None:
    """Pillow cuts fractions off, here and in its grey levels; we round once."""
    before, known = photos(20, channels), draws(20)
    found = coloured(before, Colours(**{name: 0.8}), known)
    factors = 1.0 + 0.8 * (2.0 * known[:, Draw[name.upper()]] - 1.0)
    assert factors.min() < 0.5 and factors.max() > 1.5
    for image, old, factor in zip(found, before, factors, strict=True):
        picture = Image.fromarray(old if channels == 3 else old[..., 0])
        wanted = np.asarray(ENHANCERS[name](picture).enhance(float(factor)))
        off = np.abs(image.astype(int) - wanted.reshape(image.shape).astype(int))
        assert off.max() <= 2


def test_the_middle_of_a_strength_changes_nothing() -> None:
    before = photos(5)
    middle = np.full((5, len(Draw)), 0.5)
    colours = Colours(0.5, 0.5, 0.5, 0.25, 0.5)
    assert np.array_equal(coloured(before, colours, middle), before)


def test_the_ends_are_black_grey_and_level() -> None:
    before = photos(3)
    black = coloured(before, Colours(brightness=1.0), draws(3, BRIGHTNESS=0.0))
    assert not black.any()
    level = coloured(before, Colours(contrast=1.0), draws(3, CONTRAST=0.0))
    assert (level == level[:, :1, :1, :1]).all()
    planes = np.moveaxis(before.astype(np.float32), -1, 0)
    mean = np.rint(grey_level(planes)).mean(axis=(1, 2))
    assert np.abs(level[:, 0, 0, 0] - mean).max() <= 0.5
    grey = coloured(before, Colours(saturation=1.0), draws(3, SATURATION=0.0))
    assert np.array_equal(grey, coloured(before, Colours(grey=1.0), draws(3)))
    assert (grey == grey[..., :1]).all()
    for image, old in zip(grey, before, strict=True):
        wanted = np.asarray(Image.fromarray(old).convert("L")).astype(int)
        assert np.abs(image[..., 0] - wanted).max() <= 1


def test_contrast_keeps_the_mean() -> None:
    before = np.clip(photos(8, 1), 90, 160)
    found = coloured(before, Colours(contrast=0.5), draws(8))
    off = found.mean(axis=(1, 2, 3)) - before.mean(axis=(1, 2, 3))
    assert np.abs(off).max() <= 0.75  # the level is whole, and so is every pixel


@given(
    colour=st.tuples(*[st.integers(0, 255)] * 3),
    turns=st.floats(-1.0, 1.0, width=32),
)
def test_hue_is_that_of_colorsys(colour: tuple[int, ...], turns: float) -> None:
    planes = np.array(colour, np.float32)[:, None]
    hue, saturation, value = colorsys.rgb_to_hsv(*colour)
    wanted = colorsys.hsv_to_rgb((hue + turns) % 1.0, saturation, value)
    found = hue_turned(planes, np.float32(turns))[:, 0]
    assert found == pytest.approx(wanted, abs=0.01)


def test_a_hue_goes_around_and_back() -> None:
    before = photos(4)
    there = coloured(before, Colours(hue=0.5), draws(4, HUE=0.7))
    again = coloured(there, Colours(hue=0.5), draws(4, HUE=0.3))
    assert not np.array_equal(there, before)
    assert np.abs(again.astype(int) - before.astype(int)).max() <= 2
    assert np.array_equal(there.max(axis=3), before.max(axis=3))
    assert np.array_equal(there.min(axis=3), before.min(axis=3))


def test_grey_is_for_its_share() -> None:
    before, known = photos(200), draws(200)
    found = coloured(before, Colours(grey=0.25), known)
    chosen = (found == found[..., :1]).all(axis=(1, 2, 3))
    assert np.array_equal(chosen, known[:, Draw.GREY] < 0.25)
    assert 25 < chosen.sum() < 75
    assert np.array_equal(found[~chosen], before[~chosen])


def test_grey_images_have_no_colours_to_change() -> None:
    before = photos(4, 1)
    assert np.array_equal(coloured(before, Colours(0, 0, 1, 0.5, 1), draws(4)), before)


def test_the_pieces_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    before, known = photos(9), draws(9)
    colours = Colours(0.4, 0.4, 0.4, 0.1, 0.2)
    whole = coloured(before, colours, known)
    monkeypatch.setattr(augment_colour, "_BLOCK", 1)
    assert np.array_equal(coloured(before, colours, known), whole)
