"""A size as a person writes it: 28x28x6, 6x28x28, (28,28,6), 28, 400 and the like.

One text may be read in several ways; it is right where one of them is. Height comes
before width, or, as the lecture writes photos, width before height.
"""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import prod
from typing import NamedTuple

from mirada.analysis.arithmetic import number
from mirada.analysis.number_reading import plain_text, value_of

__all__ = ["Amounts", "Reading", "is_shape", "read_size", "size_text"]

Amounts = tuple[Fraction, ...]
"""(channels, height, width) or (features,), not always whole: 14.5 is written too."""

_BATCH = ("none", "n", "b", "batch", "lote", "?", "-1")
_SPACED = re.compile(r"[0-9]+( [0-9]+)+")


class Reading(NamedTuple):
    """One reading of a size: its numbers in the order they are written.

    `is_multiplied` where * stands between them, so that one number may be meant.
    """

    numbers: Amounts
    is_multiplied: bool = False

    @property
    def product(self) -> Fraction:
        """The numbers multiplied."""
        return prod(self.numbers, start=Fraction(1))

    def fits(self, shape: Sequence[Fraction | int]) -> bool:
        """Whether the reading says this shape: channels first or last, or in part.

        A number with decimals may be a longer one that was cut or rounded.
        """
        numbers = self.numbers
        if len(shape) == 1:
            long = tuple(n for n in numbers if n != 1) or (Fraction(1),)
            is_product = self.is_multiplied and self.product == shape[0]
            return is_product or _alike(long, shape)
        c, h, w = shape
        if len(numbers) == 1:
            is_side = h == w and _alike(numbers, (h,))
            return is_side or numbers[0] == c * h * w
        known = ((h, w), (w, h), (h, w, c), (w, h, c), (c, h, w), (c, w, h))
        return any(_alike(numbers, order) for order in known)

    def without_batch(self) -> "Reading | None":
        """The reading without its first number, where it may be one of images."""
        if len(self.numbers) < 2:
            return None
        return self._replace(numbers=self.numbers[1:])


def _alike(written: Amounts, true: Sequence[Fraction | int]) -> bool:
    """Whether numbers are the true ones, cut or rounded where they have decimals."""
    return len(written) == len(true) and all(
        one == other or abs(one - other) < _unit(one)
        for one, other in zip(written, true, strict=True)
    )


def _unit(value: Fraction) -> Fraction:
    """One of the last decimal of a number, 0 where it is whole or no decimal one."""
    for decimals in range(1, 9):
        if (value * 10**decimals).denominator == 1:
            return Fraction(value.denominator != 1, 10**decimals)
    return Fraction(0)


def is_shape(reading: Reading, shape: Sequence[Fraction | int]) -> bool:
    """Whether the reading is the whole shape of an image, number by number."""
    return len(reading.numbers) == len(shape) == 3 and reading.fits(shape)


def read_size(text: str) -> tuple[Reading, ...]:
    """Every reading of one size, the likeliest first; none where it cannot be read.

    >>> [tuple(map(int, reading.numbers)) for reading in read_size("28 × 28 x 6")]
    [(28, 28, 6)]
    >>> [tuple(map(str, reading.numbers)) for reading in read_size("14,5")]
    [('14', '5'), ('29/2',)]
    """
    plain = _unwrapped(plain_text(text))
    return tuple(dict.fromkeys(_readings(plain)))


def _readings(plain: str) -> Iterator[Reading]:
    plain = re.sub(r"\b(by|por)\b", "x", plain)
    for signs in ("x@", ",;", "*"):
        parts = _split(plain, signs)
        if len(parts) > 1:
            for decimal in (False, True):
                numbers = _values(parts, decimal)
                if numbers:
                    yield Reading(numbers, signs == "*")
            if signs != ",;":
                break
    if _SPACED.fullmatch(plain):
        yield Reading(tuple(Fraction(part) for part in plain.split()))
    if "x" not in plain:
        for decimal in (False, True):
            value = value_of(plain, decimal=decimal)
            if value is not None:
                yield Reading((value,))


def _values(parts: list[str], decimal: bool) -> Amounts:
    """The values of the parts, without a batch that is left open; none where unread."""
    if parts[0] in _BATCH:
        parts = parts[1:]
    values = [value_of(part, decimal=decimal) for part in parts]
    numbers = tuple(value for value in values if value is not None)
    return numbers if len(numbers) == len(values) <= 5 else ()


def _split(plain: str, signs: str) -> list[str]:
    """The text cut at the signs that stand outside brackets; empty parts left out."""
    parts, depth = [""], 0
    for letter in plain:
        depth += (letter == "(") - (letter == ")")
        if letter in signs and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts if part.strip()]


def _unwrapped(plain: str) -> str:
    """The text without brackets around the whole of it: (28,28,6)."""
    if not (plain.startswith("(") and plain.endswith(")")):
        return plain
    inner, depth = plain[1:-1], 0
    for letter in inner:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return plain
    return inner.strip().rstrip(",")


def size_text(shape: Sequence[Fraction | int], *, channels_first: bool = False) -> str:
    """A shape as the lecture writes it, height x width x channels, or channels first.

    >>> size_text((6, 28, 28)), size_text((6, 28, 28), channels_first=True)
    ('28x28x6', '6x28x28')
    """
    order = shape if channels_first or len(shape) == 1 else (*shape[1:], shape[0])
    return "x".join(map(number, order))
