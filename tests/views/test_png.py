"""PNG files are read back, pixel by pixel, by another program."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from mirada.errors import UsageError
from mirada.views.png import data_uri, png_bytes
from tests.refusal import refuses


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (4, 7, 1), (4, 7, 3)])
def test_pixels_come_back(shape: tuple[int, ...]) -> None:
    count = int(np.prod(shape))
    image = (np.arange(count) * 37 % 256).astype(np.uint8).reshape(shape)
    with Image.open(io.BytesIO(png_bytes(image))) as read:
        read.load()
        back = np.asarray(read)
    assert np.array_equal(back, image.reshape(back.shape))


def test_a_data_address_holds_the_file() -> None:
    image = np.full((2, 2, 3), 9, np.uint8)
    head, body = data_uri(image).split(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(body) == png_bytes(image)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((2, 2), np.float32),
        np.zeros((2, 2, 2), np.uint8),
        np.zeros((0, 2), np.uint8),
        np.zeros(4, np.uint8),
    ],
    ids=["float", "two channels", "no rows", "flat"],
)
def test_other_arrays_are_refused(image: np.ndarray[tuple[int, ...]]) -> None:
    with refuses(UsageError, "png-image", "1 or 3 channels", str(image.dtype)):
        png_bytes(image)
