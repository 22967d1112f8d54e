"""Hostile JPEG 2000 and AVIF files: boxes in boxes, and a coded stream."""

import struct
from collections.abc import Iterator
from io import BytesIO

from PIL import Image

from tests.data.hostile.changes import Case, cuts, words
from tests.data.pictures import picture

__all__ = ["encoded", "hostile_avif", "hostile_jp2"]

_HOLDERS = (b"jp2h", b"meta", b"iprp", b"ipco", b"moov", b"trak", b"mdia", b"minf")


def encoded(form: str, mode: str = "RGB") -> bytes:
    """A small valid file, or nothing where Pillow cannot write the format."""
    Image.init()
    if form not in Image.SAVE:
        return b""
    stream = BytesIO()
    picture(6, (40, 24)).convert(mode).save(stream, form)
    return stream.getvalue()


def _boxes(data: bytes, start: int = 0, end: int = 0) -> Iterator[tuple[int, bytes]]:
    """Where each box begins, and its kind, those within others too."""
    place, end = start, end or len(data)
    while place + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, place)
        yield place, kind
        if kind in _HOLDERS:
            inside = place + (12 if kind == b"meta" else 8)
            yield from _boxes(data, inside, place + size)
        if size < 8:
            return
        place += size


def _lying_boxes(data: bytes) -> Iterator[Case]:
    for place, kind in _boxes(data):
        name = kind.decode("latin-1")
        yield f"cut in {name}", data[: place + 9]
        for size in (0, 1, 7, 9, 0x7FFFFFFF):
            lie = data[:place] + struct.pack(">I", size) + data[place + 4 :]
            yield f"{name} of {size} bytes", lie
        yield f"{name} renamed", data[: place + 4] + b"free" + data[place + 8 :]


def hostile_jp2() -> Iterator[Case]:
    """Attacks on boxes, the header of the picture and the coded stream."""
    good = encoded("JPEG2000")
    if not good:
        return
    yield from _lying_boxes(good)
    header = good.index(b"ihdr") + 4
    for width, height in ((60_000, 60_000), (0, 0), (2**32 - 1, 2**32 - 1)):
        size = struct.pack(">II", height, width)
        yield f"header {width}x{height}", good[:header] + size + good[header + 8 :]
    for count in (0, 1, 2, 4, 16_384, 65_535):
        parts = struct.pack(">H", count)
        yield f"{count} parts", good[: header + 8] + parts + good[header + 10 :]
    yield "depth varies", good[: header + 10] + b"\xff" + good[header + 11 :]
    stream = good.index(b"\xff\x4f")
    yield from words("stream", good, range(stream + 8, stream + 44, 4))
    yield from cuts("stream", good, iter(range(stream + 2, len(good), 97)))
    raw = good[stream:]
    yield "raw stream", raw
    yield from words("raw stream", raw, range(8, 44, 4))
    for place in (42, 43, 44, 45, 50):
        yield (
            f"raw stream with 255 at {place}",
            raw[:place] + b"\xff" + raw[place + 1 :],
        )
    tile = raw.index(b"\xff\x90")
    yield "tile 65,535", raw[: tile + 4] + b"\xff\xff" + raw[tile + 6 :]
    yield "tile of 4 GB", raw[: tile + 6] + b"\xff" * 4 + raw[tile + 10 :]
    yield "the tile 2,000 times", raw[:tile] + raw[tile:-2] * 2000 + raw[-2:]


def hostile_avif() -> Iterator[Case]:
    """Attacks on boxes, the list of items and their properties."""
    good = encoded("AVIF")
    if not good:
        return
    yield from _lying_boxes(good)
    extent = good.index(b"ispe") + 8
    for width, height in ((60_000, 60_000), (0, 0), (2**32 - 1, 1), (8000, 8000)):
        size = struct.pack(">II", width, height)
        yield f"{width}x{height}", good[:extent] + size + good[extent + 8 :]
    for name in (b"iloc", b"iinf", b"ipma", b"av1C", b"pitm", b"colr"):
        if name in good:
            place = good.index(name) + 8
            yield from words(name.decode(), good, range(place, place + 16, 4))
    pixels = good.index(b"mdat") + 4
    noise = bytes(k * 37 % 256 for k in range(len(good) - pixels))
    yield "noise as pixels", good[:pixels] + noise
    yield from cuts("pixels", good, iter(range(pixels + 1, len(good), 61)))
    yield "only a brand", good[:32]
    yield "another brand", good.replace(b"avif", b"zzzz")
