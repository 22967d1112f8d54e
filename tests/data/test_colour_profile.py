"""Colours are brought to sRGB where a file says that they are others."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from mirada.data import colour_profile as room
from mirada.data.colour_profile import grey_levels, profile_of, to_srgb
from mirada.data.icc import SRGB_CHROMATICITY, SRGB_CURVE, grey_profile
from mirada.data.icc import colour_profile as made
from mirada.data.pixels import to_8bit, to_grey8, to_rgb8
from tests.data.hostile.png import chunk, png
from tests.data.hostile.profiles import printer, profiles
from tests.data.pictures import picture

SWAPPED = (*SRGB_CHROMATICITY[:2], 0.3, 0.6, 0.64, 0.33, 0.15, 0.06)  # red is green


def reopened(image: Image.Image, form: str, profile: bytes) -> Image.Image:
    """The image saved with a profile and opened again."""
    stream = BytesIO()
    image.save(stream, form, icc_profile=profile, lossless=True, quality=100)
    return Image.open(stream)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP", "AVIF"])
def test_a_profile_is_applied_in_every_format_that_holds_one(form: str) -> None:
    Image.init()
    if form not in Image.SAVE:
        pytest.skip(f"Pillow was built without {form}")
    red = Image.new("RGB", (16, 16), (200, 0, 0))
    with reopened(red, form, made(SRGB_CURVE, SWAPPED)) as image:
        r, g, b = to_rgb8(image)[8, 8].astype(int)
    assert abs(g - 200) <= 4 and r <= 6 and b <= 6


def test_transparency_and_palettes_have_profiles_too() -> None:
    profile = made(SRGB_CURVE, SWAPPED)
    clear = Image.new("RGBA", (2, 2), (200, 0, 0, 255))
    clear.putpixel((1, 1), (200, 0, 0, 0))
    with reopened(clear, "PNG", profile) as image:
        pixels = to_rgb8(image)
    assert pixels[0, 0].tolist() == [0, 200, 0]
    assert pixels[1, 1].tolist() == [255, 255, 255]
    with reopened(
        Image.new("RGB", (2, 2), (200, 0, 0)).convert("P"), "PNG", profile
    ) as image:
        assert to_rgb8(image)[0, 0].argmax() == 1


def test_grey_of_8_and_16_bits_is_brought_to_srgb() -> None:
    linear = grey_profile((1.0,))
    with reopened(Image.new("L", (2, 2), 55), "PNG", linear) as image:
        assert to_grey8(image)[0, 0, 0] == 128  # 255 * sRGB(55 / 255) = 127.8
    deep = Image.fromarray(np.full((2, 2), 55 * 257, dtype=np.uint16))
    with reopened(deep, "PNG", linear) as image:
        assert to_grey8(image)[0, 0, 0] == 128
    assert grey_levels(None, 256) is None
    levels = grey_levels(linear, 65536)
    assert levels is not None and levels[[0, 1, 65535]].tolist() == [0, 0, 255]


def test_a_colour_profile_holds_for_greys() -> None:
    linear = made((1.0,), SRGB_CHROMATICITY)
    with reopened(Image.new("L", (2, 2), 55), "JPEG", linear) as image:
        assert abs(int(to_grey8(image)[0, 0, 0]) - 128) <= 1
    deep = Image.fromarray(np.full((2, 2), 55 * 257, dtype=np.uint16))
    with reopened(deep, "PNG", linear) as image:
        assert abs(int(to_grey8(image)[0, 0, 0]) - 128) <= 1


def test_cmyk_goes_through_its_own_profile() -> None:
    ink = Image.new("CMYK", (2, 1), (0, 255, 255, 0))
    ink.putpixel((1, 0), (0, 0, 0, 0))
    ink.info["icc_profile"] = made(SRGB_CURVE, SRGB_CHROMATICITY)  # not for CMYK
    assert to_rgb8(ink).tolist() == [[[255, 0, 0], [255, 255, 255]]]
    ink.info["icc_profile"] = printer()
    ((half, white),) = to_rgb8(ink).astype(int)
    assert np.abs(half - 119).max() <= 2  # L* of 50 is level 119 of sRGB
    assert white.tolist() == [255, 255, 255]


def test_srgb_itself_is_not_touched() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = picture(1)
    assert to_srgb(image, profile) is image
    grey = image.convert("L")
    assert to_srgb(grey, grey_profile(SRGB_CURVE)) is grey


@pytest.mark.parametrize("space", [b"RGB ", b"GRAY"])
def test_a_broken_profile_hides_no_pixels(space: bytes) -> None:
    image = picture(2) if space == b"RGB " else picture(2).convert("L")
    count = 0
    for name, profile in profiles(space):
        shown = to_srgb(image, profile)
        assert shown.size == image.size and shown.mode == image.mode, name
        count += 1
    assert count == 10
    assert to_srgb(image, b"no profile") is image
    image.info["icc_profile"] = bytes(room._MOST_BYTES + 1)
    assert profile_of(image, grey=False) is None


def test_a_profile_for_other_samples_is_ignored() -> None:
    image = picture(2)
    assert to_srgb(image, grey_profile((1.0,))) is image
    assert to_srgb(image, printer()) is image
    assert to_srgb(image.convert("L"), printer()).mode == "L"
    assert to_srgb(image.convert("HSV"), grey_profile((1.0,))).mode == "HSV"


def with_gamma(*chunks: tuple[bytes, bytes]) -> int:
    """The red of a PNG of one pixel (55, 0, 0) with these chunks before its pixel."""
    stream = BytesIO()
    Image.new("RGB", (1, 1), (55, 0, 0)).save(stream, "PNG")
    content = stream.getvalue()
    extra = png(*chunks)[8:]
    with Image.open(BytesIO(content[:33] + extra + content[33:])) as image:
        return int(to_rgb8(image)[0, 0, 0])


def test_the_gamma_of_a_png_counts_unless_srgb_is_said() -> None:
    linear, nearly = (b"gAMA", (100_000).to_bytes(4)), (b"gAMA", (45_455).to_bytes(4))
    assert with_gamma() == with_gamma(nearly) == 55
    assert with_gamma(linear) == 128
    assert with_gamma(linear, (b"sRGB", b"\0")) == 55
    for odd in (0, 2**32 - 1):
        assert with_gamma((b"gAMA", odd.to_bytes(4))) == 55
    nothing = (b"cHRM", bytes(32))
    assert with_gamma(linear, nothing) == 55  # primaries that span nothing: untagged
    assert len(chunk(*linear)) == 16


def test_a_photo_is_brought_to_srgb_after_it_was_scaled() -> None:
    profile = made(SRGB_CURVE, SWAPPED)
    with reopened(picture(3, (64, 64)), "JPEG", profile) as image:
        whole = to_8bit(image)
        small = to_8bit(image, lambda found: found.resize((16, 16)))
    assert small.size == (16, 16)
    either = np.asarray(whole.resize((16, 16)), dtype=np.int64)
    assert np.abs(np.asarray(small) - either).max() <= 6
    assert np.abs(np.asarray(small)[..., ::-1] - either).max() > 6
