"""Hostile WebP files."""

import struct
from collections.abc import Iterator
from io import BytesIO

from tests.data.hostile.changes import Case, cuts, words
from tests.data.hostile.profiles import looping_exif, profiles
from tests.data.pictures import picture

__all__ = ["chunk", "hostile", "riff"]


def chunk(kind: bytes, data: bytes, *, length: int | None = None) -> bytes:
    """A chunk, padded to an even length; `length` lies about its size."""
    size = len(data) if length is None else length
    return kind + struct.pack("<I", size) + data + b"\0" * (len(data) % 2)


def riff(*chunks: bytes, length: int | None = None) -> bytes:
    """A file of these chunks."""
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if length is None else length) + body


def _still(*, lossless: bool) -> bytes:
    stream = BytesIO()
    picture(4, (20, 14)).save(stream, "WEBP", lossless=lossless)
    return stream.getvalue()[12:]


def _size(width: int, height: int) -> bytes:
    sides = ((side - 1) & 0xFFFFFF for side in (width, height))
    return b"".join(struct.pack("<I", side)[:3] for side in sides)


def _canvas(flags: int, width: int = 20, height: int = 14) -> bytes:
    return chunk(b"VP8X", bytes([flags, 0, 0, 0]) + _size(width, height))


def _frame(picture_: bytes, width: int = 20, height: int = 14, x: int = 0) -> bytes:
    place = struct.pack("<I", x)[:3] + bytes(3)
    return chunk(b"ANMF", place + _size(width, height) + bytes(4) + picture_)


def hostile() -> Iterator[Case]:
    """Attacks on chunks, canvases, frames and both kinds of pixels."""
    lossy, lossless = _still(lossless=False), _still(lossless=True)
    for name, still in (("lossy", lossy), ("lossless", lossless)):
        good = riff(still)
        yield from cuts(name, good, iter((8, 12, 16, 20, 24, 30, len(good) - 9)))
        yield from words(name, good, range(4, 44, 4), "<")
    yield from _canvases(lossy, lossless)
    yield from _animations(lossless)
    yield from _additions(lossy)


def _canvases(lossy: bytes, lossless: bytes) -> Iterator[Case]:
    for width, height in ((2**24, 2**24), (1, 1), (8000, 8000), (16_384, 1)):
        yield f"canvas {width}x{height}", riff(_canvas(0, width, height), lossy)
    for length in (0, 4, 0xFFFFFFFF):
        yield f"file of {length:#x} bytes", riff(lossy, length=length)
    wide = chunk(b"VP8L", b"\x2f" + struct.pack("<I", 0x0FFFFFFF) + bytes(40))
    yield "16384x16384 lossless", riff(wide)
    yield "version 7 lossless", riff(chunk(b"VP8L", b"\x2f\0\0\0\xe0" + bytes(40)))
    yield "noise lossless", riff(lossless[:13] + bytes(k * 7 % 256 for k in range(300)))
    yield "noise lossy", riff(lossy[:18] + bytes(k * 7 % 256 for k in range(300)))
    yield "canvas without pixels", riff(_canvas(0))
    yield "pixels twice", riff(lossy, lossless)
    yield "alpha of noise", riff(_canvas(0x10), chunk(b"ALPH", b"\x01" * 99), lossy)
    yield "nothing", riff()


def _animations(lossless: bytes) -> Iterator[Case]:
    head = chunk(b"ANIM", bytes(6))
    for width, height, x in ((2**24, 2**24, 0), (20, 14, 2**23), (1, 1, 0)):
        frame = _frame(lossless, width, height, x)
        yield f"frame {width}x{height} at {x}", riff(_canvas(2), head, frame)
    yield "no frames", riff(_canvas(2), head)
    yield "20,000 frames", riff(_canvas(2), head, _frame(lossless[:60]) * 20_000)
    yield "frame without pixels", riff(_canvas(2), head, _frame(b""))
    yield "frame in a frame", riff(_canvas(2), head, _frame(_frame(lossless)))
    large = _canvas(2, 8000, 8000)
    yield "large canvas, small frame", riff(large, head, _frame(lossless))


def _additions(lossy: bytes) -> Iterator[Case]:
    for name, profile in profiles(b"RGB "):
        extra = chunk(b"ICCP", profile)
        yield f"ICC {name}", riff(_canvas(0x20), extra, lossy)
    exif = chunk(b"EXIF", looping_exif())
    yield "EXIF in a loop", riff(_canvas(8), lossy, exif)
    yield (
        "EXIF of 4 GB",
        riff(_canvas(8), lossy, chunk(b"EXIF", b"MM", length=2**32 - 1)),
    )
    yield "20,000 unknown chunks", riff(_canvas(0), chunk(b"ABCD", b"") * 20_000, lossy)
