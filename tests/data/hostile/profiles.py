"""Hostile colour profiles and EXIF blocks, put into files of several formats."""

import struct
from collections.abc import Iterator

from mirada.data.icc import SRGB_CHROMATICITY, colour_profile, grey_profile

__all__ = ["looping_exif", "printer", "profiles"]


def looping_exif() -> bytes:
    """A directory whose next directory, EXIF and GPS directories are itself."""
    entries = [
        (0x0112, 3, 1, 6 << 16),
        (0x8769, 4, 1, 8),
        (0x8825, 4, 1, 8),
        (0x010E, 2, 0xFFFFFFFF, 8),
        (0x014A, 4, 0x3FFFFFFF, 8),
    ]
    packed = b"".join(struct.pack(">HHII", *entry) for entry in entries)
    directory = struct.pack(">H", len(entries)) + packed + struct.pack(">I", 8)
    return b"MM\0\x2a" + struct.pack(">I", 8) + directory


def profiles(space: bytes) -> Iterator[tuple[str, bytes]]:
    """Profiles that lie about their length, their tags and their tables."""
    good = grey_profile((1.0,))
    if space == b"RGB ":
        good = colour_profile((1.0,), SRGB_CHROMATICITY)
    lie = struct.pack(">I", 0xFFFFFFFF)
    yield "says 4 GB", lie + good[4:]
    yield "cut in its tags", good[:140]
    yield "2**32 tags", good[:128] + lie + good[132:]
    yield "a tag behind the end", good[:136] + lie + good[140:]
    yield "a tag of 4 GB", good[:140] + lie + good[144:]
    yield "of another space", good[:16] + b"6CLR" + good[20:]
    curve = b"curv" + bytes(4) + lie
    yield "a curve of 2**32 points", good.replace(b"para\0\0\0\0\0\0\0\0", curve)
    yield "a curve of kind 9", good.replace(b"para\0\0\0\0\0\0", b"para\0\0\0\0\0\x09")
    table = b"A2B0" + struct.pack(">II", 156, 4096)
    grid = b"mft2" + bytes(4) + bytes([15, 15, 255, 0]) + bytes(4096)
    head = good[:128] + struct.pack(">I", 1) + table
    yield "a table of 255**15 points", head.ljust(156, b"\0") + grid
    yield "noise", bytes(k * 7 % 256 for k in range(3000))


def printer() -> bytes:
    """A profile of a printer: no ink is white, any ink at all is half as light."""
    white, half = bytes([255, 128, 128]), bytes([128, 128, 128])
    identity = b"".join(struct.pack(">i", 65536 * (k % 4 == 0)) for k in range(9))
    levels = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + identity
    table += levels * 4 + white + half * 15 + levels * 3
    tags = struct.pack(">I4sII", 1, b"A2B0", 144, len(table))
    head = bytearray(grey_profile((1.0,))[:128])
    head[:4] = struct.pack(">I", 144 + len(table))
    head[8:12], head[12:24] = b"\2\x40\0\0", b"prtrCMYKLab "
    return bytes(head) + tags + table
