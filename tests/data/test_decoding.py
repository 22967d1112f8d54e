"""Every file gives pixels or a refusal, never anything else."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mirada.data.decoding import FORMATS, decode, probe
from mirada.data.limits import Limits
from mirada.errors import DataError
from tests.data.pictures import picture
from tests.refusal import refuses


def test_a_file_is_recognized_by_its_content(tmp_path: Path) -> None:
    picture(1).save(tmp_path / "jpeg.png", "JPEG")
    picture(1).save(tmp_path / "none", "PNG")
    assert decode(tmp_path / "jpeg.png").shape == (10, 12, 3)
    assert np.array_equal(decode(tmp_path / "none"), np.asarray(picture(1)))


def test_what_is_no_image_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("shopping list")
    words = ("notes.jpg' is not an image", "PNG", "JPEG")
    with refuses(DataError, "image-unknown-format", *words):
        decode(tmp_path / "notes.jpg")


def test_postscript_is_not_handed_to_another_program(tmp_path: Path) -> None:
    picture(1).save(tmp_path / "drawing.eps")
    assert "EPS" not in FORMATS
    with refuses(DataError, "image-unknown-format", "drawing.eps"):
        decode(tmp_path / "drawing.eps")


def test_a_truncated_file_is_broken(tmp_path: Path) -> None:
    picture(1, (64, 64)).save(tmp_path / "cut.png")
    content = (tmp_path / "cut.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(content[:3000])
    with refuses(DataError, "image-broken", "cut.png' is broken (", "truncated"):
        decode(tmp_path / "cut.png")


@pytest.mark.parametrize(
    "start", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"8BPS", b"qoif"]
)
def test_what_begins_like_an_image_is_told_apart_from_a_text(
    start: bytes, tmp_path: Path
) -> None:
    (tmp_path / "half").write_bytes(start)
    with refuses(DataError, "image-broken", "half' is broken ("):
        decode(tmp_path / "half")
    with refuses(DataError, "image-broken", "half' is broken ("):
        probe(tmp_path / "half")


def test_the_reason_of_a_decoder_is_shown_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*args: object, **options: object) -> Image.Image:
        raise RuntimeError("bad\x1b[31m\n" + "x" * 1000)

    picture(1).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "open", failing)
    with refuses(DataError, "image-broken", "bad\\x1b[31m\\nxxx"):
        decode(tmp_path / "a.png")


def test_running_out_of_memory_blames_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*args: object, **options: object) -> Image.Image:
        raise MemoryError

    picture(1).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "open", failing)
    with refuses(DataError, "image-unusable", "a.png' cannot", "not enough memory"):
        decode(tmp_path / "a.png")


def test_bombs_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    Image.new("1", (9000, 9000)).save(tmp_path / "bomb.png")
    words = ("bomb.png' cannot be used", "more than the 64000000 pixels")
    with refuses(DataError, "image-unusable", *words):
        decode(tmp_path / "bomb.png")
    with refuses(DataError, "image-unusable", "more than the 100 pixels"):
        probe(tmp_path / "bomb.png", Limits(pixels=100))


def test_open_images_are_held_to_the_same_limit() -> None:
    with refuses(DataError, "image-unusable", "12 pixels wide and 10 high", "1 to 100"):
        decode(picture(1), limits=Limits(pixels=100))
    try:
        decode(Image.new("L", (0, 3)))
    except DataError as error:
        reason = error.values["reason"]
        assert isinstance(reason, DataError) and reason.code == "image-size-refused"
    else:
        pytest.fail("an image without pixels was accepted")


def test_the_file_is_named_once(tmp_path: Path) -> None:
    path = tmp_path / "deep.tiff"
    Image.new("F", (2, 2), -7.0).save(path)
    with refuses(DataError, "image-unusable", "deep.tiff' cannot be used. The samples"):
        decode(path)
    with refuses(DataError, "file-missing", "gone.png' does not exist"):
        decode(tmp_path / "gone.png")
    with refuses(DataError, "file-too-large", "at most 10"):
        decode(path, limits=Limits(file_bytes=10))


def test_a_hidden_direction_in_a_name_is_written_out(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9\n\xe2\x80\xae.png")
    (tmp_path / name).write_text("no image")
    with refuses(DataError, "image-unknown-format", "caf\\xe9\\n\\u202e.png'"):
        decode(tmp_path / name)


def test_size_channels_and_rule(tmp_path: Path) -> None:
    picture(1, (40, 20)).save(tmp_path / "a.png")
    assert decode(tmp_path / "a.png", (8, 6), channels=1).shape == (8, 6, 1)
    cut = decode(tmp_path / "a.png", (10, 10), rule="crop")
    squashed = decode(tmp_path / "a.png", (10, 10), rule="squash")
    assert not np.array_equal(cut, squashed)
    with Image.open(tmp_path / "a.png") as image:
        assert np.array_equal(decode(image, (10, 10)), cut)


def test_an_open_jpeg_keeps_its_size(tmp_path: Path) -> None:
    picture(1, (400, 400)).save(tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        assert decode(image, (10, 10)).shape == (10, 10, 3)
        assert image.size == (400, 400)


def test_a_header_is_read_without_pixels(tmp_path: Path) -> None:
    picture(1, (30, 20)).save(tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(content[:100])
    assert probe(tmp_path / "a.png") == (20, 30, True)
    picture(1, (30, 20)).convert("L").save(tmp_path / "b.png")
    assert probe(tmp_path / "b.png") == (20, 30, False)
