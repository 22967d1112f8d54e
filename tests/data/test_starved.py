"""A decoder short of memory is told from a broken file."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from mirada.data import starved
from mirada.data.decoding import decode
from mirada.data.limits import Limits
from mirada.data.pool import Decoders
from mirada.data.starved import is_starved
from mirada.errors import DataError
from tests.refusal import refuses

FORMS: dict[str, dict[str, Any]] = {
    "lossless.webp": {"format": "WEBP", "lossless": True},
    "lossy.webp": {"format": "WEBP"},
    "wavelets.jp2": {"format": "JPEG2000"},
}
SILENT = OSError("could not create decoder object")


def encoded(name: str, mode: str = "RGB") -> bytes:
    """An image of 300x200 pixels as a file."""
    content = BytesIO()
    Image.new(mode, (300, 200)).save(content, **FORMS[name])
    return content.getvalue()


@pytest.fixture
def bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a decoder process."""
    monkeypatch.setattr(starved, "_bounded", lambda: True)


@pytest.mark.usefixtures("bounded")
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("name", FORMS)
def test_the_size_that_is_announced_decides(name: str, mode: str) -> None:
    head = encoded(name, mode)[: starved.HEAD_BYTES]
    least = 300 * 200 * (4 * len(mode) + 4 if name.endswith("jp2") else 12)
    assert is_starved(SILENT, head, least - 1)
    assert not is_starved(SILENT, head, least), "then the file is broken"


@pytest.mark.usefixtures("bounded")
def test_heads_that_are_cut_off_decide_nothing() -> None:
    for name in FORMS:
        head = encoded(name)
        for length in range(30):
            assert not is_starved(SILENT, head[:length], 1)


def test_nothing_follows_from_sizes_where_memory_is_not_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(starved, "_bounded", lambda: False)
    assert not is_starved(SILENT, encoded("lossy.webp"), 1)
    assert is_starved(OSError("Pixel allocation failed: Out of memory"), b"", 1)


def test_a_broken_file_stays_broken(tmp_path: Path) -> None:
    path = tmp_path / "cut.webp"
    path.write_bytes(encoded("lossy.webp")[:100])
    with refuses(DataError, "image-broken", "Copy it again"):
        decode(path)


@pytest.mark.parametrize("name", FORMS)
def test_a_bomb_is_refused_for_its_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    Image.new("RGB", (4000, 3000)).save(path, **FORMS[name])
    with Decoders(Limits(image_bytes=64 * 2**20), workers=1) as decoders:
        (answer,) = decoders.decode([str(path)], (8, 8), channels=3, rule="crop")
    assert isinstance(answer, DataError) and answer.code == "image-unusable"
    assert "not enough memory to decode it; save it smaller" in str(answer)
