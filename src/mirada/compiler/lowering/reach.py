"""Which windows reach a pixel: sliding windows seen from the image they slide over.

A window of stride s starts at o * s - padding. Pixels are taken in runs of s: pixel
q * s + r - padding is reached by window q + d through tap k wherever k * dilation +
d * s is r; which taps these are depends on r, and near the ends on q.
"""

from dataclasses import dataclass
from itertools import groupby

from mirada.network.window import Window

__all__ = ["Reach", "Reached", "reaches"]


@dataclass(frozen=True)
class Reached:
    """A pixel of a run: its place `at` from the run's start; its taps, in order.

    Each tap with the window that reaches it, from the run's number.
    """

    at: int
    taps: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Reach:
    """The runs from `first` on, `turns` of them, whose pixels are reached alike."""

    first: int
    turns: int
    pixels: tuple[Reached, ...]


def reaches(window: Window, length: int) -> tuple[Reach, ...]:
    """All pixels of an image of this length, each in one run.

    >>> reaches(Window(2, 2), 4)[0].pixels[1]
    Reached(at=1, taps=((1, 0),))
    >>> [(reach.first, reach.turns) for reach in reaches(Window(3, 2, 1, 1), 8)]
    [(0, 1), (1, 3), (4, 1)]
    """
    runs = range((length - 1 + window.start) // window.stride + 1)
    alike = groupby(runs, key=lambda run: _pixels(window, length, run))
    found = ((pixels, list(group)) for pixels, group in alike)
    return tuple(Reach(group[0], len(group), pixels) for pixels, group in found)


def _pixels(window: Window, length: int, run: int) -> tuple[Reached, ...]:
    start = run * window.stride - window.start
    return tuple(
        Reached(at, _taps(window, length, run, at))
        for at in range(window.stride)
        if 0 <= start + at < length
    )


def _taps(
    window: Window, length: int, run: int, at: int
) -> tuple[tuple[int, int], ...]:
    found = []
    for tap in range(window.size):
        moved, odd = divmod(at - tap * window.dilation, window.stride)
        if not odd and 0 <= run + moved < window.output(length):
            found.append((tap, moved))
    return tuple(found)
