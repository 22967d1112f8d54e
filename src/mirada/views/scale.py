"""Numbers to pixels, and the round numbers that stand beside an axis."""

import math
from dataclasses import dataclass
from itertools import pairwise

from mirada.views.numbers import decimal_mark, decimal_text, digits_text

__all__ = [
    "Scale",
    "round_range",
    "round_ticks",
    "share_text",
    "share_texts",
    "tick_texts",
]


@dataclass(frozen=True)
class Scale:
    """A straight line from the numbers [low, high] to the pixels [start, end].

    >>> Scale(0, 10, 100, 200)(2.5)
    125.0
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low
        share = (value - self.low) / span if span else 0.5
        return self.start + share * (self.end - self.start)


def _round_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5, 10, 20, ... that cuts `span` in at most `most` parts."""
    least = span / most
    magnitude = 10.0 ** math.floor(math.log10(least))
    return next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= least * 0.999)


def round_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """The round numbers within [low, high], at most `most` + 1 of them.

    Source: Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990.

    >>> round_ticks(1, 20, 4)
    [5.0, 10.0, 15.0, 20.0]
    """
    if high <= low:
        return [low]
    step = _round_step(high - low, most)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


def round_range(low: float, high: float, most: int = 6) -> tuple[float, float]:
    """The smallest range between round numbers that holds [low, high].

    >>> round_range(0.1, 2.3)
    (0.0, 2.5)
    """
    if high <= low:
        return low - 0.5 * (abs(low) or 1), low + 0.5 * (abs(low) or 1)
    step = _round_step(high - low, most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return first * step, last * step


def tick_texts(ticks: list[float]) -> list[str]:
    """The ticks with as many decimals as tell them apart.

    >>> tick_texts([0.0, 0.5, 1.0])
    ['0.0', '0.5', '1.0']
    """
    largest = max(map(abs, ticks), default=0.0)
    gap = min((b - a for a, b in pairwise(ticks)), default=largest or 1.0)
    place = math.floor(math.log10(gap) + 1e-9)
    if largest >= 1e5 or 0 < largest < 1e-4:
        digits = max(0, math.floor(math.log10(largest) + 1e-9) - place)
        return [decimal_mark(f"{t:.{digits}e}") if t else "0" for t in ticks]
    return [decimal_mark(f"{tick:.{max(0, -place)}f}") for tick in ticks]


def share_text(share: float) -> str:
    """A share in percent, as figures write it.

    >>> share_text(0.98765)
    '98.8 %'
    """
    return f"{decimal_text(100 * share, 1)} %"


def share_texts(ticks: list[float]) -> list[str]:
    """The ticks of an axis of shares, in percent.

    >>> share_texts([0.975, 1.0])
    ['97.5 %', '100 %']
    """
    return [f"{digits_text(100 * tick, 4)} %" for tick in ticks]
