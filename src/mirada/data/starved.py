"""Whether a decoder that failed was short of memory: not all of them say so.

libwebp and OpenJPEG answer to an allocation that fails as they do to a broken file. How
much memory they need at the very least follows from the size that the file announces.
"""

from typing import NamedTuple

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

__all__ = ["HEAD_BYTES", "is_starved"]

HEAD_BYTES = 512
_ANIMATED, _LOSSLESS, _LOSSY = b"VP8X", b"VP8L", b"VP8 "


class _Size(NamedTuple):
    pixels: int
    bytes_each: int
    """Libwebp has two canvases of 4 bytes a pixel, beside Pillow's; OpenJPEG 4 bytes
    for every channel."""


def is_starved(error: Exception, head: bytes, most_bytes: int) -> bool:
    """Whether `error` means that an image needs more than `most_bytes` of memory.

    `head` is how the file begins. Nothing is concluded from sizes where the memory of
    this process is not bounded.

    >>> is_starved(OSError("Out of memory"), b"", 2**29)
    True
    >>> is_starved(OSError("broken data stream"), b"", 2**29)
    False
    """
    if "memory" in str(error).lower():
        return True
    size = _webp(head) or _jpeg2000(head)
    return bool(size and _bounded() and size.pixels * size.bytes_each > most_bytes)


def _bounded() -> bool:
    if resource is None:
        return False
    return resource.getrlimit(resource.RLIMIT_DATA)[0] != resource.RLIM_INFINITY


def _webp(head: bytes) -> _Size | None:
    """The size in a WebP's header (RFC 9649, sections 2.5 to 2.7)."""
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP" or len(head) < 30:
        return None
    kind = head[12:16]
    if kind == _ANIMATED:
        wide, high = (int.from_bytes(head[at : at + 3], "little") for at in (24, 27))
        return _Size((wide + 1) * (high + 1), 12)
    if kind == _LOSSLESS:
        packed = int.from_bytes(head[21:25], "little")
        return _Size(((packed & 0x3FFF) + 1) * ((packed >> 14 & 0x3FFF) + 1), 12)
    if kind == _LOSSY:
        wide, high = (int.from_bytes(head[at : at + 2], "little") for at in (26, 28))
        return _Size((wide & 0x3FFF) * (high & 0x3FFF), 12)
    return None


def _jpeg2000(head: bytes) -> _Size | None:
    """The size in the `ihdr` box of a JP2 (ISO/IEC 15444-1, I.5.3.1)."""
    at = head.find(b"ihdr") + 4
    if head[4:8] != b"jP  " or at < 4 or len(head) < at + 10:
        return None
    high, wide = (int.from_bytes(head[k : k + 4]) for k in (at, at + 4))
    channels = int.from_bytes(head[at + 8 : at + 10])
    return _Size(wide * high, 4 * channels + (1 if channels == 1 else 4))
