"""Which size and how many channels a folder of images is read at, and why."""

from collections.abc import Sequence
from statistics import median_low

from mirada.data.decoding import Header
from mirada.errors import Phrase

__all__ = ["SIDES", "choose_channels", "choose_size"]

SIDES = (32, 64)
"""Squares that halve well five times over, and that a laptop trains in minutes."""

_KEPT = 96
"""Up to this side images that are all of one size keep it."""


def choose_size(headers: Sequence[Header]) -> tuple[tuple[int, int], Phrase]:
    """The size (height, width) at which to read images, and the reason.

    Images that are all of one size of up to 96x96 keep it. Else the size is a square:
    the larger of 32 and 64 that is not above the median of the shorter sides, and at
    least 32.

    >>> choose_size([Header(240, 320, True), Header(80, 90, True)])[0]
    (64, 64)
    """
    sizes = {(header.height, header.width) for header in headers}
    if len(sizes) == 1 and max(max(size) for size in sizes) <= _KEPT:
        height, width = next(iter(sizes))
        why = Phrase(
            "Image size {height}x{width}: all images have it.",
            height=height,
            width=width,
        )
        return (height, width), why
    middle = median_low([min(h.height, h.width) for h in headers] or [SIDES[0]])
    side = max([SIDES[0], *(side for side in SIDES if side <= middle)])
    return (side, side), Phrase(
        "Image size {side}x{side}: the largest of {sides} not above {middle}, the "
        "median of the shorter sides.",
        side=side,
        sides=", ".join(map(str, SIDES)),
        middle=middle,
    )


def choose_channels(headers: Sequence[Header]) -> tuple[int, Phrase]:
    """1 when no image is stored in colour, else 3, and the reason."""
    if headers and not any(header.colour for header in headers):
        return 1, Phrase("Grey (1 channel): no image is stored in colour.")
    return 3, Phrase("Colour (3 channels): there are images stored in colour.")
