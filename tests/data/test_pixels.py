"""Pixels mean what a viewer shows."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mirada.data.pixels import has_colour, to_grey8, to_rgb8, upright
from mirada.errors import DataError
from tests.data.pictures import picture
from tests.refusal import refuses
from tests.shared import shared_data

WHITE = [255, 255, 255]


def tricky(name: str) -> NDArray[np.uint8]:
    """The pixels of one of the awkward files."""
    with Image.open(shared_data("tricky-images") / name) as image:
        return to_rgb8(image)


def distance(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
    """The mean difference in levels."""
    assert first.shape == second.shape
    return float(np.abs(first.astype(int) - second.astype(int)).mean())


def test_an_rgb_image_is_itself_and_grey_is_its_luma() -> None:
    image = picture(1)
    assert np.array_equal(to_rgb8(image), np.asarray(image))
    r, g, b = np.moveaxis(np.asarray(image).astype(int), -1, 0)
    luma = (19595 * r + 38470 * g + 7471 * b + 32768) >> 16
    assert np.array_equal(to_grey8(image)[..., 0], luma)


def test_every_grey_level_comes_back_from_colour() -> None:
    image = Image.fromarray(np.arange(256, dtype=np.uint8)[None])
    assert to_grey8(image)[0, :, 0].tolist() == list(range(256))
    assert to_grey8(image.convert("RGB"))[0, :, 0].tolist() == list(range(256))


@pytest.mark.parametrize(
    ("mode", "colour", "wanted"),
    [
        ("1", 1, WHITE),
        ("RGBA", (255, 0, 0, 255), [255, 0, 0]),
        ("RGBA", (255, 0, 0, 0), WHITE),
        ("RGBA", (255, 0, 0, 51), [255, 204, 204]),
        ("LA", (0, 0), WHITE),
        ("LA", (0, 255), [0, 0, 0]),
        ("RGBa", (0, 0, 0, 0), WHITE),
        ("CMYK", (0, 0, 0, 0), WHITE),
        ("CMYK", (0, 255, 255, 0), [255, 0, 0]),
        ("YCbCr", (255, 128, 128), WHITE),
        ("HSV", (0, 0, 255), WHITE),
        ("I;16", 65535, WHITE),
        ("I;16B", 32896, [128, 128, 128]),
        ("I", 32896, [128, 128, 128]),
        ("F", 0.5, [128, 128, 128]),
    ],
)
def test_each_mode_has_its_meaning(
    mode: str, colour: float | tuple[int, ...], wanted: list[int]
) -> None:
    image = Image.new(mode, (3, 2), colour)
    assert to_rgb8(image).shape == (2, 3, 3)
    assert to_rgb8(image)[1, 2].tolist() == wanted


def test_a_palette_with_transparency_lies_over_white() -> None:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    assert to_rgb8(image).tolist() == [[[10, 20, 30], [40, 50, 60]]]
    image.info["transparency"] = 1
    assert to_rgb8(image).tolist() == [[[10, 20, 30], WHITE]]


def test_a_clear_level_among_16_bits_is_white() -> None:
    image = Image.new("I;16", (2, 1), 257)
    image.putpixel((1, 0), 300)
    image.info["transparency"] = 300
    assert to_grey8(image)[0, :, 0].tolist() == [1, 255]


def test_sixteen_bits_are_scaled_where_pillow_cuts() -> None:
    levels = np.array([[0, 300, 30000, 65535]], dtype=np.uint16)
    stream = BytesIO()
    Image.fromarray(levels).save(stream, "PNG")
    with Image.open(stream) as image:
        assert to_grey8(image)[0, :, 0].tolist() == [0, 1, 117, 255]


def test_a_tiff_says_which_level_is_white() -> None:
    stream = BytesIO()
    levels = np.array([[0, 65535]], dtype=np.uint16)
    Image.fromarray(levels).save(stream, "TIFF", tiffinfo={262: 0})
    with Image.open(stream) as image:
        assert getattr(image, "tag_v2", {})[262] == 0
        assert to_grey8(image)[0, :, 0].tolist() == [255, 0]


def test_the_eight_orientations_bring_one_image_back() -> None:
    image = picture(2, (3, 2))
    stored = {
        1: image,
        2: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: image.transpose(Image.Transpose.ROTATE_180),
        4: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: image.transpose(Image.Transpose.TRANSPOSE),
        6: image.transpose(Image.Transpose.ROTATE_90),
        7: image.transpose(Image.Transpose.TRANSVERSE),
        8: image.transpose(Image.Transpose.ROTATE_270),
    }
    for orientation, seen in stored.items():
        assert upright(seen, orientation) == image, orientation
        stream = BytesIO()
        exif = Image.Exif()
        exif[0x0112] = orientation
        seen.save(stream, "PNG", exif=exif)
        with Image.open(stream) as opened:
            assert np.array_equal(to_rgb8(opened), np.asarray(image)), orientation


def test_unknown_orientations_and_broken_exif_hide_no_pixels() -> None:
    image = picture(3)
    assert upright(image, 0) is image and upright(image, 99) is image
    image.info["exif"] = b"Exif\0\0broken"
    assert np.array_equal(to_rgb8(image), np.asarray(image))


def test_only_the_first_frame_counts() -> None:
    frames = [Image.new("RGB", (2, 2), colour) for colour in ("red", "blue")]
    for form in ("GIF", "PNG", "TIFF", "WEBP"):
        stream = BytesIO()
        frames[0].save(
            stream, form, save_all=True, append_images=frames[1:], lossless=True
        )
        with Image.open(stream) as image:
            assert to_rgb8(image)[0, 0].tolist() in ([255, 0, 0], [254, 0, 0]), form


def test_the_still_picture_of_an_animated_png_is_not_its_first_frame() -> None:
    still, *frames = (Image.new("RGB", (2, 2), c) for c in ("red", "lime", "blue"))
    stream = BytesIO()
    still.save(stream, "PNG", save_all=True, append_images=frames, default_image=True)
    with Image.open(stream) as image:
        assert to_rgb8(image)[0, 0].tolist() == [0, 255, 0]
        assert to_rgb8(image)[0, 0].tolist() == [0, 255, 0]
    cut = stream.getvalue()[: stream.getvalue().index(b"fcTL") + 20]
    with Image.open(BytesIO(cut)) as image:
        assert to_rgb8(image)[0, 0].tolist() == [255, 0, 0]


def test_a_png_that_is_broken_after_its_last_pixel_is_whole() -> None:
    stream = BytesIO()
    picture(4).save(stream, "PNG")
    content = stream.getvalue()
    for tail in (b"", b"\0\0\0\x09noise", b"\0\0\xff\xfftEXtcut"):
        with Image.open(BytesIO(content[:-12] + tail)) as image:
            assert np.array_equal(to_rgb8(image), np.asarray(picture(4)))
    with (
        Image.open(BytesIO(content[:-40])) as image,
        pytest.raises(OSError, match="truncated"),
    ):
        to_rgb8(image)


def test_the_largest_picture_of_an_icon_counts() -> None:
    stream = BytesIO()
    picture(5, (64, 64)).save(stream, "ICO", sizes=[(16, 16), (64, 64), (32, 32)])
    with Image.open(stream) as image:
        assert to_rgb8(image).shape == (64, 64, 3)


def test_a_fourth_byte_that_nobody_filled_is_no_transparency() -> None:
    stream = BytesIO()
    Image.new("RGBA", (2, 2), (10, 20, 30, 0)).save(stream, "TGA")
    with Image.open(stream) as image:
        assert to_rgb8(image)[0, 0].tolist() == [10, 20, 30]


def test_16_bit_grey_with_alpha_is_grey() -> None:
    with Image.open(shared_data("tricky-images") / "pngsuite/basn4a16.png") as image:
        assert image.mode == "RGBA" and not has_colour(image)


def test_a_mode_without_colours_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_way(self: Image.Image, mode: str) -> Image.Image:
        raise ValueError("conversion not supported")

    monkeypatch.setattr(Image.Image, "convert", no_way)
    with refuses(DataError, "image-mode", "stored as 'HSV'", "PNG or JPEG"):
        to_rgb8(Image.new("HSV", (1, 1)))


def test_colour_is_known_from_the_mode() -> None:
    assert has_colour(Image.new("P", (1, 1))) and has_colour(Image.new("CMYK", (1, 1)))
    assert not any(has_colour(Image.new(m, (1, 1))) for m in ("1", "L", "LA", "I;16"))


def test_real_files_of_one_picture_look_alike() -> None:
    hopper = tricky("pillow/hopper.ppm")
    for name in ("hopper.bmp", "hopper.webp", "hopper.jpg", "hopper_lzw.tif"):
        assert distance(tricky(f"pillow/{name}"), hopper) < 6, name
    assert distance(tricky("pillow/hopper.Lab.tif"), hopper) < 3
    grey = to_grey8(Image.fromarray(hopper))
    for name in ("hopper_16bit.pgm", "hopper_16bit_plain.pgm", "hopper_gray.jpg"):
        assert distance(tricky(f"pillow/{name}")[..., :1], grey) < 6, name


def test_cmyk_files_have_their_colours() -> None:
    rgb = tricky("pillow/pil_sample_rgb.jpg")
    assert distance(tricky("pillow/pil_sample_cmyk.jpg"), rgb) < 30
    assert distance(tricky("pillow/tiff_strip_cmyk_jpeg.tif"), rgb) < 30


def test_real_photos_stand_upright() -> None:
    first = tricky("exif-orientation/Portrait_1.jpg")
    for number in (3, 6, 8):
        assert distance(tricky(f"exif-orientation/Portrait_{number}.jpg"), first) < 12
    second = tricky("pillow/hopper_orientation_2.jpg")
    for number in range(3, 9):
        for ending in ("jpg", "webp"):
            name = f"pillow/hopper_orientation_{number}.{ending}"
            assert distance(tricky(name), second) < 6, name
    assert tricky("pillow/orientation_rectangle.jpg").shape == (2, 1, 3)
    assert tricky("pillow/g4_orientation_6.tif").shape == (88, 590, 3)


def test_the_range_of_12_bits_is_its_own() -> None:
    folder: Path = shared_data("tricky-images")
    with Image.open(folder / "pillow/12bit.cropped.tif") as image:
        levels = np.asarray(image)
        wanted = np.floor(levels * (255 / 4095) + 0.5)
        assert np.array_equal(to_grey8(image)[..., 0], wanted)
