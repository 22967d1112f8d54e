"""The record of one image: its kind, its size, what tells copies."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mirada.data import examine as examined
from mirada.data.encoded import Content
from mirada.data.examine import RECORD, examine, pixel_digest
from mirada.data.limits import Limits
from mirada.errors import DataError
from tests.data.copied import photo, recompressed
from tests.refusal import refuses


def record(image: Image.Image, kind: str = "PNG", **settings: Any) -> Any:
    """What is told of an image that is saved so."""
    stream = BytesIO()
    image.save(stream, kind, **settings)
    content = Content("some", stream.getvalue())
    (found,) = examine(content, Limits()).reshape(-1).view(RECORD)
    assert found["content"] == hashlib.sha256(content.data).digest().rstrip(b"\0")
    return found


def test_a_photo(tmp_path: Path) -> None:
    found = record(photo(1), "JPEG")
    assert (found["width"], found["height"], found["kind"]) == (120, 90, b"JPEG RGB")
    assert found["coloured"] and not found["constant"] and not found["turned"]
    decoded = np.asarray(recompressed(photo(1), 75))
    assert found["pixels"] == pixel_digest(decoded).rstrip(b"\0")


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "PPM"])
def test_equal_pixels_are_equal_in_every_format(kind: str) -> None:
    assert record(photo(2), kind)["pixels"] == record(photo(2), "PNG")["pixels"]
    assert record(photo(2), kind)["pixels"] != record(photo(3), "PNG")["pixels"]


def test_grey_pixels_are_equal_however_they_are_stored() -> None:
    grey = photo(2).convert("L")
    found = [record(grey), record(grey.convert("RGB")), record(grey.convert("RGBA"))]
    assert len({one["pixels"].tobytes() for one in found}) == 1
    assert not any(one["coloured"] for one in found)
    assert [one["kind"] for one in found] == [b"PNG L", b"PNG RGB", b"PNG RGBA"]


def test_sides_are_part_of_the_pixels() -> None:
    flat = np.zeros((4, 6, 1), dtype=np.uint8)
    assert pixel_digest(flat) != pixel_digest(flat.reshape(6, 4, 1))


def test_an_image_that_is_turned_by_its_exif() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = record(photo(1), "JPEG", exif=exif)
    assert (found["width"], found["height"], found["turned"]) == (90, 120, True)


def test_one_colour_throughout() -> None:
    assert record(Image.new("RGB", (9, 9), (1, 2, 3)))["constant"]
    almost = Image.new("RGB", (9, 9), (1, 2, 3))
    almost.putpixel((8, 8), (1, 2, 4))
    assert not record(almost)["constant"]
    assert record(Image.new("RGBA", (9, 9), (7, 7, 7, 0)))["constant"]


def test_large_images_are_read_in_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = record(photo(1))
    monkeypatch.setattr(examined, "_STRIP_PIXELS", 250)
    assert record(photo(1)) == whole


def test_what_cannot_be_decoded_is_refused() -> None:
    with refuses(DataError, "image-broken", "'some' is broken"):
        examine(Content("some", b"\x89PNG\r\n\x1a\n"), Limits())
    with refuses(DataError, "image-unusable", "more than the 100 pixels"):
        stream = BytesIO()
        photo(1).save(stream, "PNG")
        examine(Content("some", stream.getvalue()), Limits(pixels=100))
