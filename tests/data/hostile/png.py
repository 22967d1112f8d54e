"""Hostile PNG files."""

import struct
import zlib
from collections.abc import Iterator

from tests.data.hostile.changes import Case, cuts
from tests.data.hostile.profiles import looping_exif, profiles

__all__ = ["MARK", "chunk", "hostile", "png", "summed"]

MARK = b"\x89PNG\r\n\x1a\n"
_END = (b"IEND", b"")
_PIECE = 2**20


def chunk(kind: bytes, data: bytes = b"", *, length: int | None = None) -> bytes:
    """A chunk with its checksum; `length` lies about its size."""
    size = len(data) if length is None else length
    sum_ = zlib.crc32(kind + data)
    return struct.pack(">I", size) + kind + data + struct.pack(">I", sum_)


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A file of these chunks."""
    return MARK + b"".join(chunk(kind, data) for kind, data in chunks)


def summed(data: bytes) -> bytes:
    """The file with every checksum made right, so that damage is believed."""
    out, place = bytearray(data), 8
    while place + 12 <= len(data):
        end = place + 8 + int.from_bytes(data[place : place + 4], "big")
        if end + 4 > len(data):
            break
        sum_ = zlib.crc32(data[place + 4 : end])
        out[end : end + 4] = struct.pack(">I", sum_)
        place = end + 4
    return bytes(out)


def _head(
    width: int, height: int, depth: int = 8, colour: int = 2, *last: int
) -> tuple[bytes, bytes]:
    flags = (*last, 0, 0, 0)[:3]
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, *flags)


def _rows(width: int, height: int, samples: int = 3) -> tuple[bytes, bytes]:
    row = b"\0" + bytes(k % 251 for k in range(width * samples))
    return b"IDAT", zlib.compress(row * height)


def _zeros(count: int) -> bytes:
    """So many zeros, packed; made of one piece that is repeated as it is."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(_PIECE)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = zlib.compressobj(9, zlib.DEFLATED, -15)
    last = rest.compress(bytes(count % _PIECE)) + rest.flush()
    check = ((count % 65_521) << 16) | 1  # Adler-32 of zeros
    return b"\x78\x9c" + piece * (count // _PIECE) + last + struct.pack(">I", check)


def hostile() -> Iterator[Case]:
    """Attacks on each field and chunk, then on the space behind them."""
    yield from _dimensions()
    yield from _chunks()
    yield from _palettes()
    yield from _colours()
    yield from _animations()
    yield from _streams()


def _dimensions() -> Iterator[Case]:
    body = _rows(8, 8)
    for width, height in (
        *((60_000, 60_000), (2**31 - 1, 2**31 - 1), (2**32 - 1, 1), (2**31, 2**31)),
        *((0, 0), (0, 5), (5, 0), (1, 64_000_001), (8000, 8000)),
    ):
        yield f"{width}x{height}", png(_head(width, height), body, _END)
    for depth, colour in ((3, 0), (16, 3), (1, 2), (255, 6), (8, 5), (0, 0)):
        head = _head(8, 8, depth, colour)
        yield f"depth {depth} colour {colour}", png(head, body, _END)
    for place, name in enumerate(("compression", "filter", "interlace")):
        flags = [0, 0, 0]
        flags[place] = 7
        yield f"{name} 7", png(_head(8, 8, 8, 2, *flags), body, _END)
    wide = _head(8000, 8000, 1, 0)
    yield "64 million pixels of 1 bit", png(wide, (b"IDAT", _zeros(8_008_000)), _END)
    deep = _head(8000, 8000, 16, 6, 0, 0, 1)
    bomb = (b"IDAT", _zeros(520_000_000))
    yield "interlaced 16-bit bomb", png(deep, bomb, _END)


def _chunks() -> Iterator[Case]:
    head, body = _head(8, 8), _rows(8, 8)
    whole = png(head, body, _END)
    yield from cuts("PNG", whole, iter((4, 8, 16, 28, 33, 41, 50, len(whole) - 12)))
    for size in (0, 5, 0x7FFFFFFF, 0xFFFFFFFF):
        lying = chunk(*body, length=size)
        yield f"IDAT of {size:#x} bytes", MARK + chunk(*head) + lying + chunk(*_END)
    for place, name in ((29, "IHDR"), (len(whole) - 16, "IDAT")):
        wrong = whole[:place] + b"\0\0\0\0" + whole[place + 4 :]
        yield f"{name} with a wrong sum", wrong
    yield "no header", png(body, _END)
    yield "header twice", png(head, _head(60_000, 60_000), body, _END)
    yield "pixels before the header", png(body, head, _END)
    yield "no pixels", png(head, _END)
    yield "no end", png(head, body)
    yield "a chunk of noise names", png(head, (b"\xff\0\x01\x80", b"x" * 9), body)
    yield "20,000 empty chunks", png(head, *[(b"IDAT", b"")] * 20_000, body, _END)
    text = [(b"tEXt", b"k\0v")] * 20_000
    yield "20,000 texts", png(head, *text, body, _END)


def _palettes() -> Iterator[Case]:
    head, body = _head(8, 8, 8, 3), _rows(8, 8, 1)
    yield "no palette", png(head, body, _END)
    yield "palette of 2 for 8 levels", png(head, (b"PLTE", b"abcdef"), body, _END)
    yield "palette of 7 bytes", png(head, (b"PLTE", b"abcdefg"), body, _END)
    yield "palette of 400", png(head, (b"PLTE", bytes(1200)), body, _END)
    clear = (b"tRNS", bytes(400))
    yield "400 clear levels", png(head, (b"PLTE", bytes(768)), clear, body, _END)
    yield "clear colour of 1 byte", png(_head(8, 8), (b"tRNS", b"x"), _rows(8, 8), _END)


def _colours() -> Iterator[Case]:
    head, body = _head(8, 8), _rows(8, 8)
    packed = zlib.compress(b"profile" * 10)
    for name, kind, data in (
        ("profile bomb", b"iCCP", b"p\0\0" + _zeros(300_000_000)),
        ("text bomb", b"zTXt", b"t\0\0" + _zeros(300_000_000)),
        ("international text bomb", b"iTXt", b"t\0\1\0\0\0" + _zeros(300_000_000)),
        ("profile packed by 9", b"iCCP", b"p\0\x09" + packed),
        ("profile without a name", b"iCCP", packed),
        ("gamma 0", b"gAMA", bytes(4)),
        ("gamma of 2**32", b"gAMA", b"\xff" * 4),
        ("gamma of 1 byte", b"gAMA", b"x"),
        ("chromaticity 0", b"cHRM", bytes(32)),
        ("chromaticity of 2**32", b"cHRM", b"\xff" * 32),
        ("chromaticity of 3 bytes", b"cHRM", b"abc"),
        ("EXIF in a loop", b"eXIf", looping_exif()),
        ("EXIF of 1 byte", b"eXIf", b"M"),
        ("resolution of 1 byte", b"pHYs", b"x"),
    ):
        linear = (b"gAMA", struct.pack(">I", 100_000))
        first = (linear,) if kind == b"cHRM" else ()
        yield name, png(head, *first, (kind, data), body, _END)
    for name, profile in profiles(b"RGB "):
        data = b"p\0\0" + zlib.compress(profile)
        yield f"ICC {name}", png(head, (b"iCCP", data), body, _END)


def _frame(number: int, width: int, height: int, x: int, y: int) -> tuple[bytes, bytes]:
    return b"fcTL", struct.pack(">5I2H2B", number, width, height, x, y, 1, 10, 0, 0)


def _animations() -> Iterator[Case]:
    head, body = _head(8, 8), _rows(8, 8)
    for count in (0, 100_000, 2**32 - 1):
        many = (b"acTL", struct.pack(">II", count, 0))
        yield f"{count} frames", png(head, many, _frame(0, 8, 8, 0, 0), body, _END)
    two = (b"acTL", struct.pack(">II", 2, 0))
    for width, height, x, y in ((60_000, 60_000, 0, 0), (8, 8, 2**31, 1), (0, 0, 0, 0)):
        data = (b"fdAT", struct.pack(">I", 1) + body[1])
        frame = _frame(0, width, height, x, y)
        moving = png(head, two, body, frame, data, _END)
        yield f"still, then a frame {width}x{height} at {x}", moving
    yield "a frame of 2 bytes", png(head, two, body, (b"fcTL", b"ab"), _END)


def _streams() -> Iterator[Case]:
    head = _head(8, 8)
    row = b"\0" + bytes(24)
    streams = {
        "noise": b"\x78\x9c" + bytes(range(200)),
        "one row of eight": zlib.compress(row),
        "300 MB too much": _zeros(300_000_000),
        "filter 9": zlib.compress((b"\x09" + bytes(24)) * 8),
        "no stream": b"",
        "stored block that lies": b"\x78\x01\x01\xff\xff\0\0",
    }
    for name, data in streams.items():
        yield f"pixels: {name}", png(head, (b"IDAT", data), _END)
