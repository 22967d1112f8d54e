"""One cell held against what is right there, and against what the person has before."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import prod
from typing import NamedTuple, TypeVar

from mirada.analysis.checking.cell import Cell
from mirada.analysis.checking.slip import (
    Slip,
    counted_batch,
    likeliest,
    size_fits,
)
from mirada.analysis.checking.words import rounding
from mirada.analysis.mistakes import UNKNOWN
from mirada.analysis.number_reading import Amount, amounts, plain_text
from mirada.analysis.size import WindowSize
from mirada.analysis.size_reading import Amounts, Reading, read_size
from mirada.errors import Phrase

__all__ = [
    "Judged",
    "Place",
    "World",
    "is_left_open",
    "is_readable",
    "judge_count",
    "judge_size",
]

T = TypeVar("T")

_ARROW = re.compile("->|=>|→|⇒")
_BESIDE = re.compile(r"([0-9][0-9.,' ]*) (\(.*)")
_OPEN = ("", "-", "--", "—", "n/a", "?", "...")


class World(NamedTuple):
    """What arrives at a layer, truly or as the person has it: the slips made on it."""

    sizes: list[Slip]
    counts: list[Slip]


@dataclass(frozen=True)
class Place:
    """A layer, what is right there, and what the person has before it.

    `arriving` are the shapes of its inputs, true ones and the person's, which may stand
    before an arrow. `worlds` holds the true inputs and, where the person has others,
    theirs: `origin` is then the wrong layer they come from, `own_size` and `own_count`
    what follows.
    """

    name: str
    truth: Amounts
    count: int
    right_size: Phrase
    right_count: Phrase
    worlds: Sequence[World] = field(default_factory=list)
    sizes: Sequence[WindowSize] = ()
    likely: str = ""
    is_pooling: bool = False
    origin: str = ""
    own_size: Amounts | None = None
    own_count: int | None = None
    arriving: Sequence[Amounts] = ()


class Judged(NamedTuple):
    """A judged cell, and the number that it was judged by where it could be read."""

    cell: Cell
    size: Amounts | None = None
    amount: Fraction | None = None


def is_left_open(text: str) -> bool:
    """Whether a cell says nothing, so that it is not judged."""
    return plain_text(text) in _OPEN


def is_readable(column: str, text: str) -> bool:
    """Whether a cell of this column can be read as a size or a number.

    >>> is_readable("size", "28x28x6"), is_readable("parameters", "many")
    (True, False)
    """
    parts = _parts(text)
    if column == "size":
        return bool(parts) and all(read_size(part) for part in parts)
    return bool(parts) and all(amounts(part) for part in parts)


def _parts(text: str) -> list[str]:
    """What stands between the equals signs: (32 - 5)/1 + 1 = 28.

    Also of a number with its formula in brackets behind it: 456 (5*5*3*6 + 6).
    """
    parts = [part for part in plain_text(text).split("=") if part.strip()]
    found = _BESIDE.fullmatch(parts[0]) if len(parts) == 1 else None
    if found is None:
        return parts
    number, formula = found.groups()
    is_same = set(amounts(number)) & set(amounts(formula))
    return [formula, number] if is_same else parts


def _without_input(place: Place, text: str) -> str:
    """The size after the arrow, where the layer's input stands before: 32x32 -> 28x28.

    Only a size that is written out is taken for it, and no formula.
    """
    before, arrow, after = _ARROW.sub("\0", text, count=1).partition("\0")
    if not arrow or re.search(r"[-+*/=]", plain_text(before)):
        return text
    readings = read_size(plain_text(before))
    is_input = any(r.fits(shape) for r in readings for shape in place.arriving)
    return after if is_input else text


def judge_size(place: Place, text: str) -> Judged:
    """Judges the size that is written for a layer."""
    cell = Cell(place.name, "size", text, place.truth, False, place.right_size)
    if not is_readable("size", text):
        told = Phrase(
            "This cannot be read as a size; write it as in 28x28x6, (28, 28, 6) or 400."
        )
        return Judged(replace(cell, remark=told))
    parts = [read_size(part) for part in _parts(_without_input(place, text))]
    exact = {size.exact for size in place.sizes}
    truth = place.truth

    def supports(reading: Reading) -> bool:
        is_exact = len(reading.numbers) == 1 and reading.numbers[0] in exact
        return is_exact or reading.product == prod(truth) or reading.fits(truth)

    wrong = _wrong_part(parts, lambda reading: reading.fits(truth), supports)
    if wrong is None:
        return Judged(replace(cell, ok=True, remark=rounding(place.sizes)), truth)
    if place.own_size is not None and any(r.fits(place.own_size) for r in wrong):
        return Judged(replace(cell, follows=place.origin), place.own_size)
    slips, is_own = _explained(
        [size_fits(wrong, world.sizes) for world in place.worlds], place.likely
    )
    follows = place.origin if is_own else None
    size = _shape(wrong[0], truth)
    judged = replace(cell, slips=slips, follows=follows)
    if not slips and size is not None and len(truth) == 3 and size[1:] == truth[1:]:
        sides = Phrase("Height and width are right; only the channels are not.")
        judged = replace(judged, remark=sides)
    return Judged(judged, size)


def judge_count(place: Place, text: str) -> Judged:
    """Judges the parameters that are written for a layer."""
    expected = (Fraction(place.count),)
    cell = Cell(place.name, "parameters", text, expected, False, place.right_count)
    if not is_readable("parameters", text):
        told = Phrase(
            "This cannot be read as a number; write it as in 456, 62,006 or "
            "(5*5*3 + 1)*6."
        )
        return Judged(replace(cell, remark=told))
    parts = [amounts(part) for part in _parts(text)]

    def right(amount: Amount) -> bool:
        return amount.is_near(place.count)

    wrong = _wrong_part(parts, right, right)
    if wrong is None:
        return Judged(replace(cell, ok=True), amount=expected[0])
    amount, own = wrong[0].value, place.own_count
    if own is not None and any(reading.is_near(own) for reading in wrong):
        return Judged(replace(cell, follows=place.origin), amount=amount)
    slips, is_own = _explained(
        [_count_fits(wrong, world.counts) for world in place.worlds], place.likely
    )
    if not slips and place.is_pooling and amount > 0:
        why = Phrase("pooling has nothing to learn, whatever its window")
        slips = (Slip(("pooling-has-parameters",), (amount,), "", (why,)),)
    remark = None
    if len(parts) > 1 and any(map(right, parts[0])):
        remark = Phrase("The formula is right; only what it comes to is not.")
    follows = place.origin if is_own else None
    judged = replace(cell, slips=slips, follows=follows, remark=remark)
    return Judged(judged, amount=amount)


def _wrong_part(
    parts: Sequence[tuple[T, ...]],
    right: Callable[[T], bool],
    supports: Callable[[T], bool],
) -> tuple[T, ...] | None:
    """The readings of the part that is wrong: the result, else what leads to it."""
    if not any(map(right, parts[-1])):
        return parts[-1]
    return next((part for part in parts[:-1] if not any(map(supports, part))), None)


def _count_fits(wrong: Sequence[Amount], slips: Sequence[Slip]) -> Iterable[Slip]:
    for slip in slips:
        for amount in wrong:
            if slip.kinds and amount.is_near(slip.value[0]):
                yield slip
            yield from counted_batch(slip, amount)


def _explained(
    fitting: Sequence[Iterable[Slip]], likely: str
) -> tuple[tuple[Slip, ...], bool]:
    """The clearest explanation, and whether it is one on the person's own inputs."""
    found = [likeliest(slips, likely) for slips in fitting]
    best = max(map(_clearness, found), default=0)
    place = next((n for n, slips in enumerate(found) if _clearness(slips) == best), 0)
    return (found[place], place > 0) if best else ((), False)


def _clearness(slips: tuple[Slip, ...]) -> int:
    """One known mistake is clearer than an unnamed slip, and that than two at once."""
    if not slips:
        return 0
    if len(slips[0].kinds) > 1:
        return 1
    return 2 if slips[0].kinds == (UNKNOWN,) else 3


def _shape(reading: Reading, truth: Amounts) -> Amounts | None:
    """The shape a wrong size says, with what it leaves open as it truly is."""
    numbers = reading.numbers
    if len(truth) == 1:
        return (reading.product,) if len(numbers) == 1 else None
    match numbers:
        case (side,):
            return truth[0], side, side
        case (height, width):
            return truth[0], height, width
        case (first, middle, last):
            is_first = middle == last != first or (first == truth[0] != last)
            return numbers if is_first else (last, first, middle)
    return None
