"""Small profiles mean what the numbers of a PNG say."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from mirada.data.icc import (
    SRGB_CHROMATICITY,
    SRGB_CURVE,
    colour_profile,
    gamma_curve,
    grey_profile,
)

LEVELS = np.arange(256, dtype=np.uint8)


def curved(light: np.ndarray) -> np.ndarray:
    """The curve of sRGB, IEC 61966-2-1, as levels."""
    low = 12.92 * light
    return 255 * np.where(light <= 0.0031308, low, 1.055 * light ** (1 / 2.4) - 0.055)


def through(profile: bytes, pixels: np.ndarray) -> np.ndarray:
    """RGB pixels as lcms brings them to its own sRGB."""
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    target = ImageCms.createProfile("sRGB")
    image = ImageCms.profileToProfile(
        Image.fromarray(pixels), source, target, outputMode="RGB"
    )
    return np.asarray(image).astype(float)


def test_the_gamma_of_srgb_gives_its_curve() -> None:
    assert gamma_curve(0.45455) == gamma_curve(0.44) == SRGB_CURVE
    assert gamma_curve(1.0) == (1.0,)
    assert gamma_curve(0.5556) == pytest.approx((1.8,), rel=1e-3)


def test_linear_light_becomes_srgb() -> None:
    grey = np.repeat(LEVELS[None, :, None], 3, axis=2)
    mapped = through(colour_profile((1.0,), SRGB_CHROMATICITY), grey)
    assert np.abs(mapped[0] - curved(LEVELS / 255)[:, None]).max() <= 1


def test_the_primaries_and_curve_of_srgb_change_nothing() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    mapped = through(colour_profile(SRGB_CURVE, SRGB_CHROMATICITY), pixels)
    assert np.abs(mapped - pixels).max() <= 1


def test_wider_primaries_are_brought_into_srgb() -> None:
    adobe = (0.3127, 0.329, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
    green = np.array([[[0, 255, 0], [255, 255, 255], [100, 200, 100]]], dtype=np.uint8)
    mapped = through(colour_profile((2.2,), adobe), green)
    assert mapped[0, 0].tolist() == [0, 255, 0]
    assert np.abs(mapped[0, 1] - 255).max() <= 1
    assert mapped[0, 2, 0] < 60  # by hand: 255 * 0.014 ** (1 / 2.4) and less


def test_another_white_stays_white() -> None:
    d50 = (0.3457, 0.3585, *SRGB_CHROMATICITY[2:])
    white = np.full((1, 1, 3), 255, dtype=np.uint8)
    assert np.abs(through(colour_profile((2.2,), d50), white) - 255).max() <= 1


@pytest.mark.parametrize("odd", [(0.0,) * 8, (0.3,) * 8, (0.3, 0.3) * 3])
def test_primaries_that_span_nothing_are_an_error(odd: tuple[float, ...]) -> None:
    with pytest.raises((ArithmeticError, ValueError)):
        colour_profile((2.2,), odd)


def test_a_grey_profile_is_read_by_lcms() -> None:
    source = ImageCms.ImageCmsProfile(BytesIO(grey_profile((1.8,))))
    assert source.profile.xcolor_space.strip() == "GRAY"
    assert source.profile.version == pytest.approx(4.4)
