"""What misunderstandings write in place of a number, and which explain the one written.

A `Slip` is what a person with one misunderstanding, or two, writes in place of the
right number, with the arithmetic that leads there. Every slip of a cell is computed;
those that give what was written explain it.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import chain
from math import prod
from typing import NamedTuple

from mirada.analysis.arithmetic import number
from mirada.analysis.mistakes import MISTAKE_NAMES, UNKNOWN
from mirada.analysis.number_reading import Amount
from mirada.analysis.size_reading import Amounts, Reading
from mirada.errors import Phrase

__all__ = [
    "Slip",
    "counted_batch",
    "likeliest",
    "size_fits",
    "substitution",
]

_BATCHES = (8, 10, 16, 20, 25, 32, 50, 64, 100, 128, 200, 256, 500, 512, 1000, 1024)
"""Batches that a count may have been multiplied by; smaller factors mean others."""

_LEAST_COUNT = 100
"""Multiples of what is smaller come about in too many ways to be called a batch."""


class Slip(NamedTuple):
    """What misunderstandings of these kinds write, with its arithmetic and the reasons.

    `value` is a shape (channels first), or one number for parameters. A size is only
    taken for it number by number where it `is_whole`.
    """

    kinds: tuple[str, ...]
    value: Amounts
    formula: str
    whys: tuple[Phrase, ...]
    is_whole: bool = False


def substitution(left: str, exact: Fraction | int, value: Fraction | int) -> str:
    """A formula with its exact value, and with what rounding made of it.

    >>> substitution("(32 - 5)/2 + 1", Fraction(29, 2), 15)
    '(32 - 5)/2 + 1 = 14.5 -> 15'
    """
    text = f"{left} = {number(exact)}"
    return text if exact == value else f"{text} -> {number(value)}"


def likeliest(slips: Iterable[Slip], first: str = "") -> tuple[Slip, ...]:
    """The slips that explain a number, one a mistake, the likeliest first.

    One mistake explains better than two; two count only where there is one such pair.
    `first` is a mistake that is likelier here than anywhere else.
    """
    found: dict[tuple[str, ...], Slip] = {}
    for slip in slips:
        found.setdefault(tuple(sorted(slip.kinds)), slip)
    singles = [slip for kinds, slip in found.items() if len(kinds) == 1]
    named = [slip for slip in singles if slip.kinds != (UNKNOWN,)]
    if named:
        return tuple(sorted(named, key=lambda slip: _rank(slip, first)))
    if singles:
        return tuple(singles)
    pairs = [slip for kinds, slip in found.items() if len(set(kinds)) == 2]
    return tuple(pairs) if len(pairs) == 1 and UNKNOWN not in pairs[0].kinds else ()


def _rank(slip: Slip, first: str) -> tuple[bool, int]:
    kind = slip.kinds[0]
    return kind != first, [*MISTAKE_NAMES].index(kind)


def size_fits(readings: Sequence[Reading], slips: Iterable[Slip]) -> Iterable[Slip]:
    """The slips that give one of the readings, a batch counted or not."""
    return chain.from_iterable(_fitting(readings, slip) for slip in slips)


def _fitting(readings: Sequence[Reading], slip: Slip) -> Iterable[Slip]:
    long = len(slip.value)
    for reading in readings:
        is_right_long = not slip.is_whole or len(reading.numbers) == long
        if slip.kinds and is_right_long and reading.fits(slip.value):
            yield slip
        rest = reading.without_batch()
        is_image = rest is not None and len(rest.numbers) == long == 3
        is_vector = rest is not None and len(rest.numbers) == long == 1
        if rest is not None and (is_image or is_vector) and rest.fits(slip.value):
            yield _batched(slip, reading.numbers[0])
        elif len(reading.numbers) == 1:
            yield from counted_batch(slip, Amount(reading.product))


def counted_batch(slip: Slip, amount: Amount) -> Iterable[Slip]:
    """The slip as it is with a usual batch multiplied in, where the amount is that."""
    count = prod(slip.value, start=Fraction(1))
    if count < _LEAST_COUNT:
        return
    batch = amount.value / count
    if batch.denominator == 1 and int(batch) in _BATCHES:
        formula = substitution(f"{number(count)}*{batch}", amount.value, amount.value)
        yield _batched(slip._replace(formula=formula), batch)


def _batched(slip: Slip, batch: Fraction) -> Slip:
    why = Phrase(
        "a batch of {count} is counted as a dimension, but sizes and parameters are "
        "those of one image",
        count=number(batch),
    )
    kinds, whys = (*slip.kinds, "batch-counted"), (*slip.whys, why)
    return slip._replace(kinds=kinds, whys=whys)
