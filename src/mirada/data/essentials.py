"""A PNG file without the notes in it, for when one of them cannot be read.

Pillow refuses a whole file for a text that is too long (pictures of generators carry
megabytes of it) or a colour profile packed in an unknown way; viewers show the pixels.
"""

import struct

__all__ = ["MARK", "essentials"]

MARK = b"\x89PNG\r\n\x1a\n"

_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_MEANING = (b"gAMA", b"cHRM", b"sRGB", b"eXIf")
_LONGEST_MEANING = 2**16


def essentials(content: bytes) -> bytes:
    """The chunks of a PNG file that say what is seen; empty if it is no PNG.

    >>> essentials(MARK + b"\\0\\0\\0\\1tEXtx" + bytes(4)) == MARK
    True
    """
    if not content.startswith(MARK):
        return b""
    parts, place = [MARK], len(MARK)
    while place + 12 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        end = place + 12 + length
        small = kind in _MEANING and length <= _LONGEST_MEANING
        if kind in _PIXELS or small:
            parts.append(content[place:end])
        place = end
    return b"".join(parts)
