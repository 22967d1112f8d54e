"""Zips made to do harm: directories that lie, entries that share bytes, bombs."""

import struct

from tests.data.outcome import GOOD_ZIP, Hostile, refused, zip_without
from tests.data.packing import Piece, zip_file, zip_of

__all__ = ["ZIPS"]

_ZEROS = bytes(2**24)
_OUTSIDE, _REFUSED = "archive-name-outside", "archive-name-refused"


def _overlapping() -> bytes:
    """Two entries of the directory that lie at the same place."""
    return zip_file([Piece(b"cat/1.png"), Piece(b"cat/2.png", at=0, local_name=b"")])


def _nested_overlap() -> bytes:
    """An entry whose content is the next entry, as in the bombs of D. Fifield."""
    inner = zip_file([Piece(b"dog/1.png")])
    inner = inner[: inner.index(b"PK\1\2")]
    outer = Piece(b"cat/1.png", inner)
    at = 30 + len(outer.name)
    return zip_file([outer, Piece(b"dog/1.png", at=at)])


def _wide_end(entries: int, where: int) -> bytes:
    """The records of the end with 64 bits."""
    end = struct.pack(
        "<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, 0, 0
    )
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, where, 1)
    last = struct.pack(
        "<4sHHHHIIH", b"PK\5\6", 0, 0, *[0xFFFF] * 2, *[2**32 - 1] * 2, 0
    )
    return end + locator + last


ZIPS = (
    zip_without("zip: slip", Piece(b"../evil.png"), "../evil.png", _OUTSIDE),
    zip_without("zip: absolute", Piece(b"/evil.png"), "/evil.png", _OUTSIDE),
    zip_without(
        "zip: drive", Piece(b"D:\\evil.png", system=0), r"D:\\evil.png", _OUTSIDE
    ),
    zip_without(
        "zip: backslash slip",
        Piece(b"..\\evil.png", system=0),
        r"..\\evil.png",
        _OUTSIDE,
    ),
    zip_without("zip: no name", Piece(b""), "''", _REFUSED),
    zip_without(
        "zip: a link",
        Piece(b"cat/l.png", b"/etc/passwd", mode=0o120777),
        "cat/l.png",
        "file-not-plain",
    ),
    zip_without(
        "zip: a pipe",
        Piece(b"cat/p.png", b"x", mode=0o010644),
        "cat/p.png",
        "file-not-plain",
    ),
    zip_without(
        "zip: encrypted",
        Piece(b"cat/e.png", flags=1),
        "cat/e.png",
        "archive-entry-encrypted",
    ),
    zip_without(
        "zip: packed by bzip2",
        Piece(b"cat/b.png", method=12),
        "cat/b.png",
        "archive-entry-packing",
    ),
    zip_without(
        "zip: packed by nothing known",
        Piece(b"cat/x.png", method=99),
        "cat/x.png",
        "archive-entry-packing",
    ),
    zip_without(
        "zip: another checksum",
        Piece(b"cat/c.png", crc=1),
        "cat/c.png",
        "archive-entry-damaged",
    ),
    zip_without(
        "zip: gives more than it says",
        Piece(b"cat/m.png", bytes(10**6), 8, size=10),
        "cat/m.png",
        "archive-entry-damaged",
    ),
    zip_without(
        "zip: gives less than it says",
        Piece(b"cat/l.png", bytes(10), 8, size=10**6),
        "cat/l.png",
        "archive-entry-damaged",
    ),
    zip_without(
        "zip: stored in another size",
        Piece(b"cat/s.png", size=10**6),
        "cat/s.png",
        "archive-entry-sizes",
    ),
    zip_without(
        "zip: no deflate at all",
        Piece(b"cat/n.png", method=12, local_name=None),
        "cat/n.png",
        "archive-entry-packing",
    ),
    zip_without(
        "zip: in itself",
        Piece(b"cat/r.zip", zip_of(("r.zip", b"PK"))),
        "cat/r.zip",
        "archive-nested",
    ),
    Hostile(
        "zip: twice the same name",
        lambda: zip_file([GOOD_ZIP, Piece(b"cat/./good.png", b"other")]),
        skipped={"cat/good.png": "archive-name-twice"},
    ),
    Hostile(
        "zip: folders of backslashes",
        lambda: zip_file(
            [Piece(b"cat\\good.png", system=0), Piece(b"cat\\", b"", system=0)]
        ),
    ),
    Hostile(
        "zip: a name said to be UTF-8",
        lambda: zip_file([Piece(b"cat/\xff.png", flags=0x800)]),
        used=("cat/\\xff.png",),
    ),
    refused(
        "zip: a bomb",
        "archive-bomb",
        lambda: zip_file([GOOD_ZIP, Piece(b"cat/big.png", _ZEROS * 4, 8)]),
    ),
    refused(
        "zip: announces four gigabytes",
        "archive-bomb",
        lambda: zip_file([Piece(b"cat/b.png", size=2**32 - 2)]),
    ),
    refused("zip: two at one place", "archive-overlap", _overlapping),
    refused("zip: one within another", "archive-overlap", _nested_overlap),
    refused(
        "zip: two names",
        "archive-damaged",
        lambda: zip_file([Piece(b"cat/1.png", local_name=b"../1.png0")]),
    ),
    refused(
        "zip: fewer than there are",
        "archive-damaged",
        lambda: zip_file([GOOD_ZIP, Piece(b"d/1")], count=1),
    ),
    refused(
        "zip: more than there are",
        "archive-damaged",
        lambda: zip_file([GOOD_ZIP], count=60_000),
    ),
    refused(
        "zip: outside the file",
        "archive-damaged",
        lambda: zip_file([GOOD_ZIP, Piece(b"d/1", at=10**9)]),
    ),
    refused(
        "zip: one of several volumes",
        "archive-damaged",
        lambda: zip_file([GOOD_ZIP], disk=1),
    ),
    refused(
        "zip: cut off", "archive-truncated-zip", lambda: zip_file([GOOD_ZIP])[:-30]
    ),
    refused(
        "zip: something added",
        "archive-truncated-zip",
        lambda: zip_file([GOOD_ZIP]) + b"added",
    ),
    refused(
        "zip: one after another", "archive-damaged", lambda: zip_file([GOOD_ZIP]) * 2
    ),
    refused(
        "zip: something before",
        "archive-damaged",
        lambda: zip_file([GOOD_ZIP], prefix=b"PK\3\4before"),
    ),
    refused(
        "zip: two ends",
        "archive-damaged",
        lambda: zip_file([GOOD_ZIP], remark=zip_file([])[:-2] + b"\0\0"),
    ),
    refused(
        "zip: 64-bit end that lies of its place",
        "archive-damaged",
        lambda: b"PK\3\4" + _wide_end(1, 2**63),
    ),
    refused(
        "zip: 64-bit end that lies of its count",
        "archive-damaged",
        lambda: b"PK\3\4" + _wide_end(2**62, 4),
    ),
    refused(
        "zip: a 64-bit size that is not there",
        "archive-damaged",
        lambda: zip_file([Piece(b"cat/b.png", size=2**32 - 1)]),
    ),
)
