"""Images of any size become images of one size."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from mirada.data.fitting import draft, fit, fit_all
from mirada.data.limits import Limits
from mirada.errors import MemoryLimitError
from tests.data.pictures import picture
from tests.refusal import refuses


def test_an_image_of_the_size_is_not_touched() -> None:
    image = picture(1, (7, 5))
    assert fit(image, (5, 7), "crop") is image


def test_crop_keeps_the_centre_and_the_aspect() -> None:
    pixels = np.zeros((4, 12, 3), dtype=np.uint8)
    pixels[:, 4:8] = 255
    cut = fit(Image.fromarray(pixels), (4, 4), "crop")
    assert np.asarray(cut).min() == 255
    tall = Image.fromarray(pixels.transpose(1, 0, 2).copy())
    assert np.asarray(fit(tall, (4, 4), "crop")).min() == 255


def test_squash_keeps_everything() -> None:
    pixels = np.zeros((4, 12, 3), dtype=np.uint8)
    pixels[:, 4:8] = 255
    squashed = np.asarray(fit(Image.fromarray(pixels), (4, 4), "squash"))
    assert 80 <= squashed.mean() <= 90  # a third of it is white, as before


def test_shrinking_averages_what_lies_between() -> None:
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    small = np.asarray(fit(Image.fromarray(board.astype(np.uint8)), (8, 8), "crop"))
    assert small.min() >= 120 and small.max() <= 135


def test_a_jpeg_is_decoded_at_twice_the_size_at_least() -> None:
    stream = BytesIO()
    picture(1, (640, 320)).save(stream, "JPEG")
    for size, wanted in (((20, 20), (80, 40)), ((40, 40), (160, 80))):
        with Image.open(stream) as image:
            draft(image, size)
            assert image.size == wanted
    with Image.open(stream) as image:
        draft(image, (100, 200))
        assert image.size == (640, 320)


@pytest.mark.parametrize("channels", [1, 3])
def test_arrays_take_the_same_way_as_images(channels: int) -> None:
    images = np.stack([np.asarray(picture(n, (9, 6))) for n in range(3)])
    found = fit_all(images, (4, 4), channels, "crop", Limits())
    mode = "L" if channels == 1 else "RGB"
    for number in range(3):
        wanted = fit(Image.fromarray(images[number]), (4, 4), "crop").convert(mode)
        assert np.array_equal(found[number].squeeze(), np.asarray(wanted))


def test_grey_arrays_become_three_equal_channels() -> None:
    images = np.arange(32, dtype=np.uint8).reshape(2, 4, 4, 1)
    found = fit_all(images, None, 3, "crop", Limits())
    assert np.array_equal(found, np.repeat(images, 3, axis=3))
    assert fit_all(images, (4, 4), 1, "crop", Limits()) is images


def test_arrays_that_would_grow_too_large_are_refused() -> None:
    images = np.zeros((2, 4, 4, 1), dtype=np.uint8)
    with refuses(MemoryLimitError, "dataset-memory", "2 images of 100x100"):
        fit_all(images, (100, 100), 1, "crop", Limits(dataset_bytes=10_000))


def test_no_size_of_an_image_leaves_its_edges_by_a_rounding() -> None:
    for width in range(100, 400):
        image = Image.new("L", (width, 175))
        for side in (32, 96, 224):
            assert fit(image, (side, side), "crop").size == (side, side)
