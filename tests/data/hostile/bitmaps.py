"""Hostile BMP, DIB and ICO files."""

import struct
from collections.abc import Iterator

from tests.data.hostile.changes import Case, cuts
from tests.data.hostile.png import chunk, png

__all__ = ["bmp", "dib", "hostile_bmp", "hostile_dib", "hostile_ico"]

_PIXELS = bytes(range(192))


def dib(
    width: int = 8,
    height: int = 8,
    bits: int = 24,
    packing: int = 0,
    colours: int = 0,
    pixels: bytes = _PIXELS,
    *,
    head: int = 40,
    planes: int = 1,
    masks: bytes = b"",
) -> bytes:
    """A bitmap as it lies in a file; sides may be negative."""
    fields = (width & 0xFFFFFFFF, height & 0xFFFFFFFF, planes, bits, packing, 0)
    start = struct.pack("<I2I2H2I", head, *fields)
    return start + struct.pack("<4I", 0, 0, colours & 0xFFFFFFFF, 0) + masks + pixels


def bmp(data: bytes, place: int = 54) -> bytes:
    """The file around a bitmap; its pixels are said to lie at `place`."""
    return b"BM" + struct.pack("<IHHI", 14 + len(data), 0, 0, place) + data


def hostile_dib() -> Iterator[Case]:
    """Attacks on the header, the palette and the runs."""
    good = dib()
    yield from cuts("bitmap", good, iter((4, 12, 20, 39, 40, 60, len(good) - 1)))
    for width, height in (
        *((2**31 - 1, 2**31 - 1), (-(2**31), -(2**31)), (0, 8), (8, 0), (-8, 8)),
        *((8, -8), (60_000, 60_000), (8000, 8000), (1, 64_000_001)),
    ):
        yield f"{width}x{height}", dib(width, height)
    for bits in (0, 1, 2, 3, 4, 8, 15, 16, 32, 33, 64, 65_535):
        yield f"{bits} bits", dib(bits=bits)
    for packing in (1, 2, 3, 4, 5, 6, 11, 99):
        yield f"packing {packing}", dib(packing=packing)
    for head in (0, 12, 16, 52, 56, 64, 108, 124, 2**32 - 1):
        yield f"header of {head}", dib(head=head)
    for colours in (1, 256, 257, 2**31, -1):
        yield f"palette of {colours}", dib(bits=8, colours=colours)
    for planes in (0, 9):
        yield f"{planes} planes", dib(planes=planes)
    for masks in (bytes(16), b"\xff" * 16, b"\0\0\xff\0\0\xff\0\0\xff\0\0\0\0\0\0\xff"):
        yield f"masks {masks[:4].hex()}", dib(bits=32, packing=3, masks=masks)
    yield from _runs()


def _runs() -> Iterator[Case]:
    for bits, packing in ((8, 1), (4, 2)):
        for name, runs in (
            ("noise", bytes(k * 37 % 256 for k in range(999))),
            ("jumps out", b"\0\2\xff\xff" * 999),
            ("200,000 lines", b"\0\0" * 200_000),
            ("literals that are not there", b"\0\xff"),
            ("runs over the edge", b"\xff\x01" * 999),
            ("no end", b"\x08\x01"),
        ):
            data = dib(bits=bits, packing=packing, colours=4, pixels=bytes(16) + runs)
            yield f"runs of {bits} bits: {name}", data
    wide = dib(8000, 8000, 8, 1, 4, bytes(16) + b"\0\2\xff\xff" * 99_999)
    yield "jumps over 64 million pixels", wide


def hostile_bmp() -> Iterator[Case]:
    """The same in a file with a header, and lies about where the pixels are."""
    for name, data in hostile_dib():
        yield name, bmp(data, 54 + (16 if "runs" in name or "jumps" in name else 0))
    for place in (0, 2, 53, 2**31, 2**32 - 1):
        yield f"pixels at {place}", bmp(dib(), place)


def _icon(*entries: tuple[int, int, int, int], count: int | None = None) -> bytes:
    """The head of an icon: width, height, length and place of each picture."""
    number = len(entries) if count is None else count
    packed = (
        struct.pack("<4B2H2I", width, height, 0, 0, 1, 32, length, place)
        for width, height, length, place in entries
    )
    return struct.pack("<3H", 0, 1, number) + b"".join(packed)


def hostile_ico() -> Iterator[Case]:
    """Attacks on the directory, and bombs as the picture."""
    for name, data in (*hostile_dib(), *_pictures()):
        yield name, _icon((8, 8, len(data), 22)) + data
    good = dib(8, 16, 32, pixels=bytes(300))
    yield from cuts("icon", _icon((8, 8, 340, 22)) + good, iter((3, 6, 21, 22, 60)))
    for count in (0, 2, 65_535):
        yield f"{count} pictures", _icon((8, 8, 340, 22), count=count) + good
    for place in (0, 2**31, 2**32 - 1):
        yield f"picture at {place}", _icon((8, 8, 340, place)) + good
    for length in (0, 2**32 - 1):
        yield f"picture of {length} bytes", _icon((8, 8, length, 22)) + good
    same = _icon(*[(8, 8, 340, 6 + 16 * 20_000)] * 20_000)
    yield "20,000 pictures", same + good
    itself = _icon((8, 8, 362, 0)) + good
    yield "a picture that is the icon", itself


def _pictures() -> Iterator[Case]:
    for width, height in ((60_000, 60_000), (8000, 8000), (0, 0)):
        head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
        tail = chunk(b"IDAT", b"\x78\x9c\x03\0\0\0\0\x01") + chunk(b"IEND")
        yield f"PNG of {width}x{height}", png((b"IHDR", head)) + tail
