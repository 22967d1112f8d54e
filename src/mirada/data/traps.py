"""Images that are small and well formed, and made to keep a decoder busy for hours."""

import numpy as np

from mirada.errors import DataError, Phrase

__all__ = ["require_no_trap"]

_JPEG = b"\xff\xd8"
# Inside a scan a byte 255 is followed by 0, so these two are a marker.
_SCAN = b"\xff\xda"
_PLAIN = (b"P1", b"P2", b"P3")
_MOST_SCANS = 200  # encoders write about ten; each goes over the whole picture again
_PIECE = 2**18  # worked on at a time
_MOST_COMMENTS = 1000  # Pillow copies what follows a comment, for each of them


def require_no_trap(content: bytes) -> None:
    """Refuses what takes a decoder far longer than its size says.

    Raises DataError (`image-trap`).

    >>> require_no_trap(b"P3 1 1 255 # a comment")
    """
    if content.startswith(_JPEG):
        _require_few(_scans(content), _MOST_SCANS, Phrase("scans of the picture"))
    elif content.startswith(_PLAIN):
        _require_few(content.count(b"#"), _MOST_COMMENTS, Phrase("comments"))


def _scans(content: bytes) -> int:
    """`content.count(_SCAN)`, several times as fast."""
    values, count = np.frombuffer(content, np.uint8), 0
    for start in range(0, len(values), _PIECE):
        found = values[start : start + _PIECE + 1]
        both = (found[:-1] == _SCAN[0]) & (found[1:] == _SCAN[1])
        count += int(np.count_nonzero(both))
    return count


def _require_few(count: int, most: int, what: Phrase) -> None:
    if count > most:
        raise DataError(
            "image-trap",
            "It holds {count} {what}, which would keep a decoder busy for very long; "
            "at most {most} are accepted. Open it in an image program and save it "
            "again, or delete it.",
            count=count,
            what=what,
            most=most,
        )
