"""What would keep a decoder busy for hours is refused by its bytes."""

from io import BytesIO

import pytest

from mirada.data import traps
from mirada.data.decoding import decode
from mirada.data.encoded import Content
from mirada.data.traps import require_no_trap
from mirada.errors import DataError
from tests.data.pictures import picture
from tests.refusal import refuses


def test_a_jpeg_of_very_many_scans_is_a_trap() -> None:
    stream = BytesIO()
    picture(1, (64, 64)).save(stream, "JPEG", progressive=True)
    require_no_trap(stream.getvalue())
    many = stream.getvalue() + b"\xff\xda" * 300
    with refuses(DataError, "image-trap", "scans of the picture", "at most 200"):
        require_no_trap(many)
    with pytest.raises(DataError, match="cannot be used") as caught:
        decode(Content("slow.jpg", many))
    assert caught.value.code == "image-unusable"


def test_a_plain_ppm_of_very_many_comments_is_a_trap() -> None:
    content = b"P3 1 1 255\n" + b"#x\n" * 1001 + b"1 2 3"
    with refuses(DataError, "image-trap", "1001 comments", "save it again"):
        require_no_trap(content)
    require_no_trap(b"P6 1 1 255\n" + b"#" * 2000)  # there they are pixels


def test_scans_are_counted_wherever_they_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traps, "_PIECE", 4)
    for before in range(9):
        content = b"\xff\xd8" + b"\xff" * before + b"\xff\xda\xda\xff\xda\xff"
        assert traps._scans(content) == content.count(b"\xff\xda") == 2
