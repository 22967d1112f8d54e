"""Images that a page sends: the pixels of training, or a plain refusal."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from mirada.data.encoded import Content
from mirada.data.pool import Decoders, decoded
from mirada.errors import DataError
from mirada.lab.uploads import decoded_upload
from tests.refusal import refuses


def photo_bytes(height: int, width: int, kind: str = "PNG") -> bytes:
    """A photo of random pixels, as a file."""
    pixels = np.random.default_rng(5).integers(0, 256, (height, width, 3), np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind)
    return stream.getvalue()


@pytest.fixture(scope="module")
def decoders() -> Iterator[Decoders]:
    with Decoders(workers=1) as found:
        yield found


def test_a_photo_keeps_its_pixels(decoders: Decoders) -> None:
    content = photo_bytes(7, 11)
    wanted = np.asarray(Image.open(io.BytesIO(content)))
    assert np.array_equal(decoded_upload(decoders, content), wanted)


def test_a_large_photo_is_brought_down_in_its_own_shape(
    decoders: Decoders,
) -> None:
    found = decoded_upload(decoders, photo_bytes(60, 120), most_pixels=1800)
    assert found.shape == (30, 60, 3)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_size_is_fitted_as_in_training(decoders: Decoders, channels: int) -> None:
    content = photo_bytes(40, 60, "JPEG")
    image = Content("photo.jpg", content)
    wanted = next(decoded([image], (8, 8), channels=channels, workers=1))
    assert not isinstance(wanted, DataError)
    assert np.array_equal(decoded_upload(decoders, content, (8, 8), channels), wanted)


def test_what_is_no_image_is_called_by_its_name(decoders: Decoders) -> None:
    with refuses(DataError, "image-unknown-format", "'paper.pdf'", "PNG or JPEG"):
        decoded_upload(decoders, b"%PDF-1.4 words", name="paper.pdf")
    with refuses(DataError, "file-empty", "'the image'"):
        decoded_upload(decoders, b"", (8, 8))
