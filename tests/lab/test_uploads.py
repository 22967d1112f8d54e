"""Images that a page sends: the pixels of training, or a plain refusal."""

import io

import numpy as np
import pytest
from PIL import Image

from mirada.data.encoded import Content
from mirada.data.pool import decoded
from mirada.errors import DataError
from mirada.lab.uploads import decoded_upload
from tests.refusal import refuses


def photo_bytes(height: int, width: int, kind: str = "PNG") -> bytes:
    """A photo of random pixels, as a file."""
    pixels = np.random.default_rng(5).integers(0, 256, (height, width, 3), np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind)
    return stream.getvalue()


def test_a_photo_keeps_its_pixels() -> None:
    content = photo_bytes(7, 11)
    wanted = np.asarray(Image.open(io.BytesIO(content)))
    assert np.array_equal(decoded_upload(content), wanted)


def test_a_large_photo_is_brought_down_in_its_own_shape() -> None:
    found = decoded_upload(photo_bytes(60, 120), most_pixels=1800)
    assert found.shape == (30, 60, 3)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_size_is_fitted_as_in_training(channels: int) -> None:
    content = photo_bytes(40, 60, "JPEG")
    image = Content("photo.jpg", content)
    wanted = next(decoded([image], (8, 8), channels=channels, workers=1))
    assert not isinstance(wanted, DataError)
    assert np.array_equal(decoded_upload(content, (8, 8), channels), wanted)


def test_what_is_no_image_is_called_by_its_name() -> None:
    with refuses(DataError, "image-unknown-format", "'paper.pdf'", "PNG or JPEG"):
        decoded_upload(b"%PDF-1.4 words", name="paper.pdf")
    with refuses(DataError, "file-empty", "'the image'"):
        decoded_upload(b"", (8, 8))
