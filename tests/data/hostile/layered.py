"""Hostile PSD files."""

import struct
from collections.abc import Iterator

from tests.data.hostile.changes import Case, cuts

__all__ = ["hostile", "psd"]

_SIGNED = (-(2**15), -1, 2**15 - 1)


def psd(
    width: int = 8,
    height: int = 8,
    channels: int = 3,
    depth: int = 8,
    mode: int = 3,
    *,
    colours: bytes = b"",
    resources: bytes = b"",
    layers: bytes = b"",
    packing: int = 0,
    pixels: bytes = bytes(192),
    lies: tuple[int | None, int | None, int | None] = (None, None, None),
    version: int = 1,
) -> bytes:
    """A file of these sections; `lies` are said to be their lengths."""
    head = struct.pack(
        ">4sH6xHIIHH", b"8BPS", version, channels, height, width, depth, mode
    )
    for section, lie in zip((colours, resources, layers), lies, strict=True):
        head += struct.pack(">I", len(section) if lie is None else lie) + section
    return head + struct.pack(">H", packing) + pixels


def _resource(
    number: int, data: bytes, length: int | None = None, name: bytes = b"\0\0"
) -> bytes:
    size = len(data) if length is None else length
    return b"8BIM" + struct.pack(">H", number) + name + struct.pack(">I", size) + data


def _layer(box: tuple[int, int, int, int], channels: int, extra: int) -> bytes:
    planes = struct.pack(">hI", 0, 66) * min(channels, 60)
    tail = b"8BIMnorm" + bytes(4) + struct.pack(">I", extra)
    return struct.pack(">4iH", *box, channels) + planes + tail


def hostile() -> Iterator[Case]:
    """Attacks on the header, the sections, the layers and the runs."""
    good = psd(resources=_resource(1005, bytes(16)))
    yield from cuts("PSD", good, iter((4, 6, 14, 25, 26, 30, 34, 60, len(good) - 9)))
    for width, height in (
        *((60_000, 60_000), (0, 0), (8, 0), (0, 8), (2**32 - 1, 2**32 - 1)),
        *((8000, 8000), (300_000, 1)),
    ):
        yield f"{width}x{height}", psd(width, height)
    for channels in (0, 1, 2, 4, 5, 56, 57, 65_535):
        yield f"{channels} channels", psd(channels=channels)
    for depth in (0, 1, 2, 16, 32, 65_535):
        yield f"depth {depth}", psd(depth=depth)
    for mode in (0, 1, 2, 4, 5, 7, 8, 9, 99):
        yield f"mode {mode}", psd(mode=mode)
        yield f"mode {mode} with a palette", psd(mode=mode, colours=bytes(768))
    yield "version 2", psd(version=2)
    for section in range(3):
        for length in (1, 2**31, 2**32 - 1):
            lies: list[int | None] = [None, None, None]
            lies[section] = length
            yield f"section {section} of {length} bytes", psd(lies=tuple(lies))  # type: ignore[arg-type]
    yield from _resources()
    yield from _layers()
    yield from _runs()


def _resources() -> Iterator[Case]:
    for length in (0, 1, 2**31, 2**32 - 1):
        lying = _resource(1039, b"profile", length)
        yield f"resource of {length} bytes", psd(resources=lying)
    yield "20,000 resources", psd(resources=_resource(1, b"") * 20_000)
    named = _resource(1039, b"x", name=b"\xff" + b"n" * 9)
    yield "a name of 255", psd(resources=named)
    yield "resources of noise", psd(resources=bytes(range(200)))


def _layers() -> Iterator[Case]:
    box = (0, 0, 8, 8)
    for count in (*_SIGNED, 0, 1):
        data = struct.pack(">Ih", 200, count) + _layer(box, 3, 0)
        yield f"{count} layers", psd(layers=data)
    for wrong in ((8, 8, 0, 0), (-(2**31), -(2**31), 2**31 - 1, 2**31 - 1)):
        data = struct.pack(">Ih", 200, 1) + _layer(wrong, 3, 0)
        yield f"layer in {wrong}", psd(layers=data)
    for channels in (0, 57, 65_535):
        data = struct.pack(">Ih", 200, 1) + _layer(box, channels, 0)
        yield f"layer of {channels} channels", psd(layers=data)
    data = struct.pack(">Ih", 200, 1) + _layer(box, 3, 2**32 - 1)
    yield "layer of 4 GB of extras", psd(layers=data)
    yield "layers of 4 GB", psd(layers=struct.pack(">I", 2**32 - 1) + bytes(40))


def _runs() -> Iterator[Case]:
    for packing in (1, 2, 3, 99):
        yield f"packing {packing} of zeros", psd(packing=packing)
    counts = struct.pack(">H", 2) * 24
    yield "runs over the edge", psd(packing=1, pixels=counts + b"\x81\xff" * 24)
    yield "runs of 128", psd(packing=1, pixels=counts + b"\x80\xff" * 24)
    lying = struct.pack(">H", 65_535) * 24
    yield "lines of 65,535", psd(packing=1, pixels=lying + b"\xf9\x01" * 24)
    wide = struct.pack(">H", 0) * 24_000
    yield "64 million pixels of empty lines", psd(8000, 8000, packing=1, pixels=wide)
    yield "no pixels", psd(pixels=b"")
