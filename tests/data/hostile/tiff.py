"""Hostile TIFF files."""

import struct
import zlib
from collections.abc import Iterator

from tests.data.hostile.changes import Case, cuts
from tests.data.hostile.profiles import looping_exif, profiles

__all__ = ["hostile", "tiff"]

_BYTE, _ASCII, _SHORT, _LONG, _RATIO, _FLOAT, _LONG8 = 1, 2, 3, 4, 5, 11, 16
_PIXELS = bytes(range(64))

Entry = tuple[int, int, int]  # type, count, value or place
Entries = dict[int, Entry]


def _plain() -> Entries:
    return {
        256: (_SHORT, 1, 8),
        257: (_SHORT, 1, 8),
        258: (_SHORT, 1, 8),
        259: (_SHORT, 1, 1),
        262: (_SHORT, 1, 1),
        273: (_LONG, 1, 8),
        277: (_SHORT, 1, 1),
        278: (_LONG, 1, 8),
        279: (_LONG, 1, 64),
    }


def tiff(
    changes: Entries | None = None,
    pixels: bytes = _PIXELS,
    *,
    without: int = 0,
    order: str = "<",
    following: int = 0,
) -> bytes:
    """An 8x8 grey file with other entries: pixels at 8, the directory after them."""
    entries = {**_plain(), **(changes or {})}
    entries.pop(without, None)
    place = 8 + len(pixels)
    packed = b"".join(_entry(order, tag, *entries[tag]) for tag in sorted(entries))
    directory = struct.pack(order + "H", len(entries)) + packed
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, place)
    return head + pixels + directory + struct.pack(order + "I", following or 0)


def _entry(order: str, tag: int, kind: int, count: int, value: int) -> bytes:
    short = kind == _SHORT and count == 1 and value < 65_536
    tail = struct.pack(order + ("HH" if short else "I"), *((value, 0)[: 1 + short]))
    return struct.pack(order + "HHI", tag, kind, count) + tail


def hostile() -> Iterator[Case]:
    """Attacks on directories, fields, strips, tiles and every compression."""
    good = tiff()
    yield from cuts("TIFF", good, iter((4, 8, 40, 72, 74, 90, len(good) - 4)))
    yield from _sizes()
    yield from _directories(good)
    yield from _strips()
    yield from _types()
    yield from _meanings()
    yield from _packed()


def _sizes() -> Iterator[Case]:
    for width, height in (
        *((2**32 - 1, 2**32 - 1), (0, 8), (8, 0), (60_000, 60_000), (8000, 8000)),
        *((2**31, 1), (1, 64_000_001)),
    ):
        sides = {256: (_LONG, 1, width), 257: (_LONG, 1, height)}
        yield f"{width}x{height}", tiff(sides)
    for tag in (256, 257, 258, 262, 273, 277, 278, 279):
        yield f"without {tag}", tiff(without=tag)


def _directories(good: bytes) -> Iterator[Case]:
    yield "directory that is its own next", tiff(following=72)
    yield "directory behind the end", good[:4] + b"\xff\xff\xff\x7f" + good[8:]
    yield "directory in the header", good[:4] + bytes(4) + good[8:]
    yield "65,535 entries", good[:72] + b"\xff\xff" + good[74:]
    yield "no entries", good[:72] + bytes(6)
    for tag in (330, 34665, 34853):
        yield f"{tag} points to its own directory", tiff({tag: (_LONG, 1, 72)})
    pages = b"".join(
        struct.pack("<H", 0) + struct.pack("<I", 78 + 6 * k) for k in range(20_000)
    )
    yield "20,000 empty pages", good[:72] + pages
    big = b"II+\0\x08\0\0\0" + struct.pack("<Q", 2**63) + bytes(64)
    yield "BigTIFF at 2**63", big
    many = b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 2**63) + bytes(64)
    yield "BigTIFF of 2**63 entries", many
    yield "EXIF in a loop", looping_exif()


def _strips() -> Iterator[Case]:
    for rows in (0, 1, 2**32 - 1):
        yield f"{rows} rows a strip", tiff({278: (_LONG, 1, rows)})
    for count in (0, 1_000_000_000, 2**32 - 1):
        lists = {273: (_LONG, count, 8), 279: (_LONG, count, 8)}
        yield f"{count} strips", tiff({**lists, 278: (_LONG, 1, 1)})
    yield "strip behind the end", tiff({273: (_LONG, 1, 2**31)})
    for length in (0, 2**32 - 1):
        yield f"strip of {length} bytes", tiff({279: (_LONG, 1, length)})
    for side in (0, 16, 2**31):
        tiles: Entries = {322: (_LONG, 1, side), 323: (_LONG, 1, side)}
        tiles |= {324: (_LONG, 1, 8), 325: (_LONG, 1, 64)}
        yield f"tiles of {side}", tiff(tiles, without=273)
    yield "planes apart", tiff({284: (_SHORT, 1, 2), 277: (_SHORT, 1, 3)})


def _types() -> Iterator[Case]:
    for kind in (0, _BYTE, _ASCII, _RATIO, 6, _FLOAT, 12, 13, _LONG8, 99):
        yield f"width of type {kind}", tiff({256: (kind, 1, 8)})
    yield "10**9 widths", tiff({256: (_LONG, 10**9, 8)})
    yield "orientation as text", tiff({274: (_ASCII, 3, 0x313233)})
    yield "orientation 255", tiff({274: (_SHORT, 1, 255)})
    yield "1000 depths", tiff({258: (_SHORT, 1000, 8)})


def _meanings() -> Iterator[Case]:
    for bits in (0, 1, 7, 12, 16, 32, 33, 64, 65_535):
        yield f"{bits} bits", tiff({258: (_SHORT, 1, bits)})
    for count in (0, 2, 4, 65_535):
        yield f"{count} samples", tiff({277: (_SHORT, 1, count)})
    for meaning in (0, 2, 3, 5, 6, 8, 9, 10, 32_844, 60_000):
        yield f"photometric {meaning}", tiff({262: (_SHORT, 1, meaning)})
    for form in (2, 3, 5, 7):
        deep = {339: (_SHORT, 1, form), 258: (_SHORT, 1, 32), 279: (_LONG, 1, 256)}
        yield f"sample format {form}", tiff(deep, b"\x7f\xc0\0\0" * 64)
    yield "palette of 3", tiff({262: (_SHORT, 1, 3), 320: (_SHORT, 3, 8)})
    yield "palette of 2**32", tiff({262: (_SHORT, 1, 3), 320: (_SHORT, 2**32 - 1, 8)})
    for name, profile in profiles(b"GRAY"):
        place = {34675: (7, len(profile), 72)}
        yield f"ICC {name}", tiff(place, _PIXELS + profile)
    yield "ICC of 4 GB", tiff({34675: (7, 2**32 - 1, 8)})


def _packed() -> Iterator[Case]:
    for method in (
        *(2, 3, 4, 5, 6, 7, 8, 9, 99, 32_771, 32_773, 32_809, 32_909),
        *(32_946, 34_661, 34_676, 34_677, 34_712, 34_887, 34_925, 50_000, 50_001),
    ):
        yield f"compression {method}", tiff({259: (_SHORT, 1, method)})
    bomb = zlib.compress(bytes(64_000_000), 9)
    sides: Entries = {
        256: (_LONG, 1, 8000),
        257: (_LONG, 1, 8000),
        278: (_LONG, 1, 8000),
    }
    sides |= {279: (_LONG, 1, len(bomb)), 259: (_SHORT, 1, 8)}
    yield "64 million packed pixels", tiff(sides, bomb)
    yield "100 times too much", tiff({**sides, 257: (_LONG, 1, 80)}, bomb)
    runs = b"\x81\0" * 500_000
    sides |= {279: (_LONG, 1, len(runs)), 259: (_SHORT, 1, 32_773)}
    yield "64 million pixels of runs", tiff(sides, runs)
    for predictor in (2, 3, 9):
        changes = {259: (_SHORT, 1, 8), 317: (_SHORT, 1, predictor)}
        yield f"predictor {predictor}", tiff(changes, zlib.compress(_PIXELS))
    tables = {259: (_SHORT, 1, 7), 347: (7, 60, 8)}
    yield "JPEG tables of noise", tiff(tables)
    for method in (5, 8, 32_773):
        yield (
            f"big-endian compression {method}",
            tiff({259: (_SHORT, 1, method)}, order=">"),
        )
