"""Hostile JPEG files."""

import struct
from collections.abc import Iterator
from io import BytesIO

from tests.data.hostile.changes import Case, cuts
from tests.data.hostile.profiles import looping_exif, profiles
from tests.data.pictures import picture

__all__ = ["hostile", "jpeg"]

_START, _END = b"\xff\xd8", b"\xff\xd9"


def jpeg(mode: str = "RGB", **options: object) -> bytes:
    """A small valid file."""
    stream = BytesIO()
    image = picture(3, (40, 24)).convert(mode)
    image.save(stream, "JPEG", **options)
    return stream.getvalue()


def segment(marker: int, data: bytes, *, length: int | None = None) -> bytes:
    """A segment; `length` lies about its size."""
    size = len(data) + 2 if length is None else length
    return struct.pack(">BBH", 0xFF, marker, size) + data


def _segments(data: bytes) -> list[tuple[int, int]]:
    """Where each segment begins, and its marker; the last is the scan."""
    found, place = [], 2
    while place < len(data) - 4:
        marker = data[place + 1]
        found.append((place, marker))
        if marker == 0xDA:
            break
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    return found


def hostile() -> Iterator[Case]:
    """Attacks on segments, frames, tables and scans."""
    good = jpeg()
    places = {marker: place for place, marker in _segments(good)}
    yield from cuts("JPEG", good, iter([p + 3 for p, _ in _segments(good)]))
    yield from cuts("scan", good, iter((places[0xDA] + 20, len(good) - 2)))
    yield from _frames(good, places[0xC0])
    yield from _missing(good)
    yield from _segments_that_lie(good)
    yield from _scans(good, places[0xDA])
    yield from _colours(good)


def _frames(good: bytes, frame: int) -> Iterator[Case]:
    def with_bytes(at: int, data: bytes) -> bytes:
        return good[: frame + at] + data + good[frame + at + len(data) :]

    for height, width in (
        (65_535, 65_535),
        (0, 40),
        (24, 0),
        (8000, 8000),
        (1, 65_500),
    ):
        size = struct.pack(">HH", height, width)
        yield f"{width}x{height}", with_bytes(5, size)
    for count in (0, 2, 4, 255):
        yield f"{count} components", with_bytes(9, bytes([count]))
    for sampling in (0x00, 0xFF, 0x14, 0x41):
        yield f"sampling {sampling:#x}", with_bytes(11, bytes([sampling]))
    for bits in (0, 2, 12, 16):
        yield f"{bits} bits", with_bytes(4, bytes([bits]))
    for kind in (0xC3, 0xC5, 0xC7, 0xC9, 0xCA, 0xCB, 0xCF):
        yield f"frame of kind {kind:#x}", with_bytes(1, bytes([kind]))
    yield "table 9 wanted", with_bytes(12, b"\x09")
    yield "one component twice", with_bytes(10, b"\x02")
    second = good[frame : frame + 19]
    huge = second[:5] + struct.pack(">HH", 60_000, 60_000) + second[9:]
    yield "a second frame", good[:frame] + second + huge + good[frame + 19 :]


def _missing(good: bytes) -> Iterator[Case]:
    for place, marker in _segments(good):
        length = 2 + int.from_bytes(good[place + 2 : place + 4], "big")
        yield f"without {marker:#x} at {place}", good[:place] + good[place + length :]


def _segments_that_lie(good: bytes) -> Iterator[Case]:
    rest = good[2:]
    for length in (0, 1, 2, 0xFFFF):
        lying = segment(0xE1, b"Exif\0\0MM", length=length)
        yield f"segment of {length} bytes", _START + lying + rest
    comments = segment(0xFE, b"x" * 65_000) * 300
    yield "20 MB of comments", _START + comments + rest
    yield "256 kB of fill bytes", _START + b"\xff" * 2**18 + rest
    yield "EXIF in a loop", _START + segment(0xE1, b"Exif\0\0" + looping_exif()) + rest
    full = segment(0xE1, b"Exif\0\0MM\0\x2a\0\0\0\x08" + b"\xff" * 65_000)
    yield "EXIF of 65,000 entries", _START + full + rest
    thumb = b"JFIF\0\1\1\0\0\1\0\1\xff\xff"
    yield (
        "JFIF with a thumbnail that is not there",
        _START + segment(0xE0, thumb) + rest,
    )
    yield "MPF that lies", _START + segment(0xE2, b"MPF\0" + looping_exif()) + rest
    counts = segment(0xC4, b"\0" + b"\xff" * 16 + bytes(4000))
    yield "Huffman table too full", _START + counts + rest
    table = segment(0xDB, b"\x0f" + bytes(64))
    yield "quantization table 15", _START + table + rest
    zero = segment(0xDB, b"\0" + bytes(64))
    yield "quantization by 0", _START + zero + rest
    yield (
        "Photoshop block that lies",
        _START
        + segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff")
        + rest,
    )


def _scans(good: bytes, scan: int) -> Iterator[Case]:
    start = scan + 14
    head, body = good[:start], good[start:-2]
    yield "noise in the scan", head + bytes(range(255)) * 9 + _END
    yield "restarts that nobody asked for", head + b"\xff\xd3".join([body] * 9) + _END
    every = segment(0xDD, b"\0\1")
    yield "restarts that do not come", good[:scan] + every + good[scan:]
    yield "the scan twice", head + body + good[scan:]
    yield "only an end", head + _END
    slow = jpeg(progressive=True)
    at = slow.index(b"\xff\xda")
    wide = slow.index(b"\xff\xc2")
    size = struct.pack(">HH", 8000, 8000)
    again = slow[at:-2] * 2000
    bomb = slow[: wide + 5] + size + slow[wide + 9 : at] + again + _END
    yield "2,000 progressive scans over 64 million pixels", bomb
    yield "2,000 progressive scans", slow[:at] + again + _END
    yield "150 progressive scans", slow[:at] + slow[at:-2] * 15 + _END
    yield from cuts("progressive", slow, iter((at + 30, len(slow) - 40)))


def _colours(good: bytes) -> Iterator[Case]:
    rest = good[2:]
    ink = jpeg("CMYK")
    adobe = ink.index(b"\xff\xee")
    yield "CMYK without a marker", ink[:adobe] + ink[adobe + 16 :]
    yield (
        "marker of transform 9",
        _START + segment(0xEE, b"Adobe\0d\0\0\0\0\x09") + rest,
    )
    yield "marker of 3 bytes", _START + segment(0xEE, b"Ado") + rest
    yield "YCCK of three", _START + segment(0xEE, b"Adobe\0d\0\0\0\0\x02") + rest
    for name, profile in profiles(b"RGB "):
        data = b"ICC_PROFILE\0\1\1" + profile
        yield f"ICC {name}", _START + segment(0xE2, data) + rest
    yield "ICC piece 9 of 255", _START + segment(0xE2, b"ICC_PROFILE\0\x09\xffx") + rest
