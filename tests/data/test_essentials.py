"""A note in a PNG that cannot be read hides no pixels."""

import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mirada.data.decoding import decode, probe
from mirada.data.encoded import Content
from mirada.data.essentials import MARK, essentials
from mirada.errors import DataError
from tests.data.hostile.png import png
from tests.data.pictures import picture

LONG = b"workflow\0\0" + zlib.compress(bytes(range(256)) * 8000)


def with_note(kind: bytes, data: bytes, path: Path) -> bytes:
    """A PNG with one chunk more between its header and its pixels."""
    picture(1).save(path)
    content = path.read_bytes()
    return content[:33] + png((kind, data))[8:] + content[33:]


@pytest.mark.parametrize(
    ("kind", "data"), [(b"zTXt", LONG), (b"iCCP", b"p\0\x09packed"), (b"fcTL", b"ab")]
)
def test_the_pixels_are_used_without_the_note(
    kind: bytes, data: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(with_note(kind, data, path))
    with pytest.raises(Exception, match=r"too large|cannot identify|APNG"):
        Image.open(path).load()
    assert np.array_equal(decode(path), np.asarray(picture(1)))
    assert probe(path) == (10, 12, True)


def test_what_is_needed_is_kept_in_order() -> None:
    kept = [(b"IHDR", b"h"), (b"gAMA", b"g"), (b"tRNS", b"t"), (b"IDAT", b"p" * 9)]
    noted = [kept[0], (b"tEXt", b"x"), kept[1], (b"acTL", b"y"), *kept[2:]]
    assert essentials(png(*noted)) == png(*kept)
    assert essentials(b"\xff\xd8") == b""
    assert essentials(MARK + b"\xff\xff\xff\xffIDATx") == MARK


def test_what_is_broken_without_its_notes_too_is_refused() -> None:
    content = png((b"IHDR", b"short"), (b"zTXt", LONG), (b"IEND", b""))
    with pytest.raises(DataError, match="is broken") as caught:
        decode(Content("a.png", content))
    assert caught.value.code == "image-broken"
