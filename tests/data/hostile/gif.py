"""Hostile GIF files."""

import struct
from collections.abc import Iterator

from tests.data.hostile.changes import Case, cuts

__all__ = ["gif", "hostile"]

_PALETTE = bytes(range(24))
_PIXELS = b"\x02\x05\x84\x8f\xa9\xcb\x05\0"  # a few codes, and the end of the data


def _head(width: int, height: int, flags: int = 0x82, clear: int = 0) -> bytes:
    screen = struct.pack("<HHBBB", width, height, flags, clear, 0)
    return b"GIF89a" + screen + (_PALETTE if flags & 0x80 else b"")


def _frame(
    width: int = 4, height: int = 4, x: int = 0, y: int = 0, flags: int = 0
) -> bytes:
    return b"," + struct.pack("<HHHHB", x, y, width, height, flags)


def _control(flags: int = 1, clear: int = 0) -> bytes:
    return b"!\xf9\x04" + struct.pack("<BHB", flags, 0, clear) + b"\0"


def gif(*blocks: bytes) -> bytes:
    """A 4x4 file of these blocks."""
    return _head(4, 4) + b"".join(blocks) + b";"


def hostile() -> Iterator[Case]:
    """Attacks on the screen, the frames, the codes and the extensions."""
    good = gif(_control(), _frame(), _PIXELS)
    yield from cuts("GIF", good, iter(range(3, len(good), 6)))
    yield from _sizes()
    yield from _codes()
    yield from _extensions()


def _sizes() -> Iterator[Case]:
    for width, height in ((65_535, 65_535), (0, 0), (0, 4), (8000, 8000), (1, 65_535)):
        head = _head(width, height)
        yield f"screen {width}x{height}", head + _frame() + _PIXELS + b";"
    for width, height, x, y in (
        *((65_535, 65_535, 0, 0), (4, 4, 65_000, 65_000), (0, 0, 0, 0)),
        *((4, 0, 0, 0), (8000, 8000, 0, 0), (60_000, 1, 60_000, 0)),
    ):
        block = _frame(width, height, x, y)
        yield f"frame {width}x{height} at {x}, {y}", gif(block, _PIXELS)
    yield "no palette", _head(4, 4, 0) + _frame() + _PIXELS + b";"
    yield (
        "palette that is not there",
        b"GIF89a" + struct.pack("<HHBBB", 4, 4, 0xF7, 0, 0),
    )
    yield "background 255 of 8", _head(4, 4, 0x82, 255) + _frame() + _PIXELS + b";"
    for flags in (0x40, 0x87, 0x78, 0xFF):
        yield f"frame flags {flags:#x}", gif(_frame(flags=flags), _PIXELS)


def _codes() -> Iterator[Case]:
    for bits in (0, 1, 8, 9, 11, 12, 13, 255):
        yield f"codes of {bits} bits", gif(_frame(), bytes([bits]) + _PIXELS[1:])
    noise = bytes([8, 255]) + bytes(k * 31 % 256 for k in range(255)) + b"\0"
    yield "noise", gif(_frame(), noise)
    yield "noise over 64 million pixels", _head(8000, 8000) + _frame(8000, 8000) + noise
    yield "no codes", gif(_frame(), b"\x08\0")
    yield "codes beyond the palette", gif(_frame(), b"\x08\x04\x00\xff\xfd\x03\0")
    yield (
        "1 MB of full blocks",
        gif(_frame(), b"\x08" + (b"\xff" + b"\xaa" * 255) * 4096),
    )
    yield "a block that lies", gif(_frame(), b"\x08\xff\x01\x02")
    zeros = b"\x08" + (b"\xff" + bytes(255)) * 40_000 + b"\0"
    yield "10 MB of zeros", _head(8000, 8000) + _frame(8000, 8000) + zeros + b";"


def _extensions() -> Iterator[Case]:
    tail = (_frame(), _PIXELS)
    yield "no frame", gif()
    yield "noise between blocks", gif(b"\x01\x02\x03" * 99, *tail)
    yield "1 MB of noise between blocks", gif(b"\x55" * 2**20, *tail)
    for clear in (7, 255):
        yield f"clear level {clear}", gif(_control(1, clear), *tail)
    yield "control of 1 byte", gif(b"!\xf9\x01\x01\0", *tail)
    yield "control of 255 bytes", gif(b"!\xf9\xff" + bytes(255) + b"\0", *tail)
    yield "control without an end", gif(b"!\xf9\x04\x01")
    yield "loops of 1 byte", gif(b"!\xff\x0bNETSCAPE2.0\x01\x01\0", *tail)
    comment = b"!\xfe" + (b"\xff" + b"x" * 255) * 4000 + b"\0"
    yield "1 MB of comments", gif(comment, *tail)
    yield "comment without an end", gif(b"!\xfe" + (b"\xff" + b"x" * 255) * 400)
    yield "unknown extension", gif(b"!\x99\x03abc\0", *tail)
    frames = (_control(8) + _frame() + _PIXELS) * 100_000
    yield "100,000 frames", gif(frames)
    yield "100,000 empty extensions", gif(b"!\xfe\0" * 100_000, *tail)
    for method in (3, 7):
        block = _control(method << 2) + _frame() + _PIXELS
        yield f"disposal {method}", gif(block, block)
    icc = b"!\xff\x0bICCRGBG1012" + (b"\xff" + b"x" * 255) * 9 + b"\0"
    yield "profile of noise", gif(icc, *tail)
