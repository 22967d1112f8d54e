"""Hostile PPM, QOI, PCX and TGA files."""

import struct
from collections.abc import Iterator

from tests.data.hostile.changes import Case, cuts

__all__ = ["hostile_pcx", "hostile_ppm", "hostile_qoi", "hostile_tga"]

_SIZES = (
    *((65_535, 65_535), (0, 0), (0, 8), (8, 0), (8000, 8000), (1, 65_535)),
    *((60_000, 60_000), (2, 3)),
)
_NOISE = bytes(k * 37 % 256 for k in range(700))


def hostile_ppm() -> Iterator[Case]:
    """Attacks on the numbers of the header and on what follows them."""
    pixels = bytes(range(192))
    yield from cuts("PPM", b"P6 8 8 255\n" + pixels, iter((1, 2, 4, 7, 11, 100)))
    for kind in ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "Pf", "PF", "Py", "PyP"):
        yield f"{kind} of noise", f"{kind} 8 8 255\n".encode() + _NOISE
        for width, height in ((8000, 8000), (60_000, 60_000)):
            head = f"{kind} {width} {height} 255\n"
            yield f"{kind} {width}x{height}", head.encode() + pixels
    for numbers in (
        *("-8 8 255", "8 -8 255", "0 8 255", "8 0 255", "8 8 0", "8 8 -1", "8 8 65536"),
        *(
            "8 8 99999999999999999999",
            "99999999999999999999 8 255",
            "8",
            "8 8",
            "a b c",
        ),
        *("1e9 8 255", "0x8 8 255", "8.5 8 255", "+8 8 255", "8 8 255 8 8 255"),
    ):
        yield f"P6 {numbers}", f"P6 {numbers}\n".encode() + pixels
        yield f"P3 {numbers}", f"P3 {numbers}\n".encode() + b"1 2 3 " * 64
    yield "a comment without an end", b"P6 #" + b"x" * 2**18
    yield "a number of 250,000 digits", b"P3 8 8 255 " + b"9" * 2**18
    yield "250,000 blanks", b"P3" + b" " * 2**18 + b"8 8 255 " + b"1 " * 192
    yield "a million comments", b"P3 8 8 255 " + b"#x\n" * 2**20 + b"1 " * 192
    yield "900 comments", b"P3 8 8 255 " + b"#x\n" * 900 + b"1 " * 192
    yield "plain numbers above the most", b"P3 8 8 255 " + b"999 " * 192
    yield "plain numbers below 0", b"P3 8 8 255 " + b"-1 " * 192
    yield "plain words", b"P3 8 8 255 " + b"one " * 192
    yield "plain bits of 7", b"P1 8 8 " + b"7 " * 64
    for scale in ("0", "-0", "nan", "inf", "1e39", "-1", ""):
        floats = f"Pf 8 8 {scale}\n".encode() + struct.pack("<f", 0.5) * 64
        yield f"floats scaled by {scale!r}", floats
    for value in (float("nan"), float("inf"), -1.0, 1e38):
        floats = b"Pf 8 8 -1\n" + struct.pack("<f", value) * 64
        yield f"floats of {value}", floats


def hostile_qoi() -> Iterator[Case]:
    """Attacks on the header and the operations."""

    def qoi(
        width: int, height: int, body: bytes, kind: int = 4, space: int = 0
    ) -> bytes:
        head = b"qoif" + struct.pack(">IIBB", width, height, kind, space)
        return head + body

    good = qoi(8, 8, b"\xff\1\2\3\4" * 64 + bytes(7) + b"\1")
    yield from cuts("QOI", good, iter(range(2, len(good), 24)))
    for width, height in (*_SIZES, (2**32 - 1, 2**32 - 1), (2**31, 2)):
        yield f"{width}x{height}", qoi(width, height, good[14:])
    for kind in (0, 1, 2, 3, 5, 9, 255):
        yield f"{kind} channels", qoi(8, 8, good[14:], kind)
    for space in (1, 2, 255):
        yield f"colour space {space}", qoi(8, 8, good[14:], 4, space)
    for operation in (0x00, 0x3F, 0x40, 0x7F, 0x80, 0xBF, 0xC0, 0xFD, 0xFE, 0xFF):
        for count in (1, 64, 2000):
            body = bytes([operation]) * count
            yield f"{count} times {operation:#x}", qoi(8, 8, body)
    yield "noise", qoi(8, 8, _NOISE)
    yield "runs over 64 million pixels", qoi(8000, 8000, b"\xfd" * 1000)
    yield "runs over a million pixels", qoi(1000, 1000, b"\xfd" * 20_000)
    yield "an end in front", qoi(8, 8, bytes(7) + b"\1" + good[14:])


def hostile_pcx() -> Iterator[Case]:
    """Attacks on the header, the runs and the palette."""

    def pcx(
        right: int = 7,
        bottom: int = 7,
        bits: int = 8,
        planes: int = 1,
        stride: int = 8,
        *,
        left: int = 0,
        version: int = 5,
        packing: int = 1,
        body: bytes = bytes(range(64)),
        palette: bytes = b"\x0c" + bytes(768),
    ) -> bytes:
        box = (left, left, right, bottom)
        head = struct.pack("<4B4H2H", 10, version, packing, bits, *box, 72, 72)
        tail = struct.pack("<BBHH", 0, planes, stride, 1)
        return (head + bytes(48) + tail).ljust(128, b"\0") + body + palette

    yield from cuts("PCX", pcx(), iter((1, 4, 12, 64, 66, 100, 128, 200, 900)))
    for width, height in _SIZES:
        yield f"{width}x{height}", pcx((width - 1) & 0xFFFF, (height - 1) & 0xFFFF)
    yield "right of its right", pcx(left=9)
    for bits in (0, 1, 2, 3, 4, 8, 16, 255):
        for planes in (0, 1, 2, 3, 4, 255):
            yield f"{bits} bits, {planes} planes", pcx(bits=bits, planes=planes)
    for stride in (0, 1, 7, 65_535):
        yield f"lines of {stride}", pcx(stride=stride)
        yield f"colour lines of {stride}", pcx(planes=3, stride=stride)
    for version in (0, 1, 2, 3, 4, 9):
        yield f"version {version}", pcx(version=version)
    yield "not packed", pcx(packing=0)
    yield "no palette", pcx(palette=b"")
    yield "palette of 5", pcx(palette=b"\x0c12345")
    yield "runs of 0", pcx(body=b"\xc0\xff" * 400)
    yield "runs over the edge", pcx(body=b"\xff\x01" * 400)
    yield "a run without its value", pcx(body=b"\xff", palette=b"")


def hostile_tga() -> Iterator[Case]:
    """Attacks on the header, the map, the runs and the footer."""

    def tga(
        kind: int = 2,
        width: int = 8,
        height: int = 8,
        depth: int = 24,
        flags: int = 0,
        *,
        name: int = 0,
        mapped: int = 0,
        colours: tuple[int, int, int] = (0, 0, 0),
        body: bytes = _NOISE,
    ) -> bytes:
        fields = (name, mapped, kind, *colours, 0, 0, width, height, depth, flags)
        return struct.pack("<3B2HB4H2B", *fields) + body

    yield from cuts("TGA", tga(), iter((2, 8, 12, 17, 18, 40, 100)))
    for width, height in _SIZES:
        yield f"{width}x{height}", tga(2, width, height)
        yield f"packed {width}x{height}", tga(10, width, height)
    for kind in (0, 1, 3, 4, 9, 10, 11, 32, 33, 128, 255):
        yield f"kind {kind}", tga(kind)
    for depth in (0, 1, 7, 8, 15, 16, 32, 255):
        yield f"depth {depth}", tga(2, depth=depth)
        yield f"packed depth {depth}", tga(10, depth=depth)
    for flags in (0x08, 0x0F, 0x10, 0x20, 0x30, 0xC0, 0xFF):
        yield f"flags {flags:#x}", tga(flags=flags)
    for first, count, bits in (
        *((0, 0, 24), (0, 65_535, 24), (65_535, 2, 24), (0, 4, 0), (0, 4, 7)),
        *((0, 4, 16), (0, 4, 32), (250, 4, 24)),
    ):
        colours = (first, count, bits)
        yield f"map of {colours}", tga(1, depth=8, mapped=1, colours=colours)
    yield "a name of 255 that is not there", tga(name=255, body=b"x")
    yield "map for true colour", tga(mapped=1, colours=(0, 4, 24))
    yield "map wanted and not there", tga(1, depth=8)
    yield "runs over the edge", tga(10, body=b"\xff\1\2\3" * 99)
    yield "a run without its value", tga(10, body=b"\xff")
    foot = b"TRUEVISION-XFILE.\0"
    for place in (1, 600, 2**31, 2**32 - 1):
        extension = struct.pack("<II", place, place) + foot
        yield f"extension at {place}", tga(depth=32, body=_NOISE + extension)
