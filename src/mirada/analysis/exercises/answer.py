"""What an exercise asks for, and how leniently a person's writing of it is read.

`28x28x6` and `28 x 28 x 6`, `0.0900` and `0,0900` and `9 %`, `13/4`, `62,006` and
`62.006`, `6 8; 3 4` and `[[6, 8], [3, 4]]` are all understood. Where a text can be read
in two ways (`1.250`), an answer is right if one of them is.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

from mirada.analysis.arithmetic import number, plain_number
from mirada.analysis.number_reading import amounts
from mirada.analysis.size_reading import read_size
from mirada.errors import Phrase

__all__ = ["Answer", "Grid", "Number", "Rounded", "Size", "numbers"]

_LONGEST = 400


def numbers(text: str) -> tuple[Fraction, ...]:
    """The numbers that a text may stand for, the likeliest first; none if it is none.

    >>> [[str(n) for n in numbers(t)] for t in ("0,09", "13/4", "62.006", "9 %", "x")]
    [['9/100'], ['13/4'], ['62006', '31003/500'], ['9/100'], []]
    """
    return tuple(amount.value for amount in amounts(_result(text)))


def _result(text: str) -> str:
    """What stands behind the last equals sign."""
    return text[:_LONGEST].rpartition("=")[2]


@dataclass(frozen=True)
class Answer(ABC):
    """A right answer, or a wrong one that a known mistake leads to."""

    @property
    @abstractmethod
    def form(self) -> Phrase:
        """How such an answer is written."""

    @property
    @abstractmethod
    def text(self) -> str:
        """The answer as it is shown."""

    @property
    @abstractmethod
    def plain(self) -> Any:
        """The answer for JSON."""

    @abstractmethod
    def like(self, value: Any) -> Self:
        """An answer of the same kind."""

    @abstractmethod
    def readings(self, given: str) -> tuple[Self, ...]:
        """The answers of this kind that a text may be; none if it is none."""

    def agrees(self, other: Self) -> bool:
        """Whether another answer says the same."""
        return self == other

    def accepts(self, given: str) -> bool:
        """Whether a person's text says this."""
        return any(map(self.agrees, self.readings(given)))


@dataclass(frozen=True)
class Number(Answer):
    """An exact number.

    >>> Number(Fraction(13, 4)).text, Number(Fraction(62006)).accepts("62.006")
    ('3.25', True)
    """

    value: Fraction

    @property
    def form(self) -> Phrase:
        if self.value.denominator == 1:
            return Phrase("a number, as in 28")
        return Phrase("an exact number, as in 3.25 or 13/4")

    @property
    def text(self) -> str:
        return number(self.value)

    @property
    def plain(self) -> int | float:
        return plain_number(self.value)

    def like(self, value: Any) -> "Number":
        return Number(Fraction(value))

    def readings(self, given: str) -> "tuple[Number, ...]":
        return tuple(map(Number, numbers(given)))


@dataclass(frozen=True)
class Rounded(Answer):
    """A number asked for with so many decimals; half a unit of the last is allowed.

    >>> third = Rounded(1 / 3, 4)
    >>> third.text, third.accepts("0,3333"), third.accepts("1/3"), third.accepts("0.33")
    ('0.3333', True, True, False)
    """

    value: float
    decimals: int

    @property
    def form(self) -> Phrase:
        return Phrase("a number with {decimals} decimals", decimals=self.decimals)

    @property
    def text(self) -> str:
        return f"{self.value:.{self.decimals}f}"

    @property
    def plain(self) -> float:
        return round(self.value, self.decimals)

    def like(self, value: Any) -> "Rounded":
        return Rounded(float(value), self.decimals)

    def readings(self, given: str) -> "tuple[Rounded, ...]":
        return tuple(self.like(value) for value in numbers(given))

    def agrees(self, other: "Rounded") -> bool:
        allowed = 0.5 * 10.0**-self.decimals + 1e-9
        return abs(self.value - other.value) <= allowed


@dataclass(frozen=True)
class Size(Answer):
    """A size as height x width, or height x width x channels.

    One number stands for both sides of a square, and channels may come first.

    >>> [Size((28, 28, 6)).accepts(t) for t in ("28 x 28 x 6", "6×28×28", "28x28")]
    [True, True, False]
    """

    sides: tuple[Fraction | int, ...]

    @property
    def form(self) -> Phrase:
        if len(self.sides) == 2:
            return Phrase("a size, as in 28x28")
        return Phrase("height x width x channels, as in 28x28x6")

    @property
    def text(self) -> str:
        return "x".join(map(number, self.sides))

    @property
    def plain(self) -> list[int | float]:
        return [plain_number(Fraction(side)) for side in self.sides]

    def like(self, value: Any) -> "Size":
        return Size(value if isinstance(value, tuple) else (value, value))

    def readings(self, given: str) -> "tuple[Size, ...]":
        found = (reading.numbers for reading in read_size(_result(given)))
        return tuple(self._filled(sides) for sides in found if len(sides) < 4)

    def _filled(self, sides: tuple[Fraction, ...]) -> "Size":
        alone = len(sides) == 1 and len(self.sides) == 2
        return Size(sides * 2 if alone else sides)

    def agrees(self, other: "Size") -> bool:
        turned = (*self.sides[2:], *self.sides[:2])
        return other.sides in (self.sides, turned)


@dataclass(frozen=True)
class Grid(Answer):
    """Numbers in rows; a vector is one row.

    >>> [Grid.of([[6, 8], [3, 4]]).accepts(t) for t in ("6 8; 3 4", "[[6,8],[3,4]]")]
    [True, True]
    """

    rows: tuple[tuple[Fraction, ...], ...]

    @classmethod
    def of(cls, rows: Sequence[Sequence[Fraction | int]]) -> "Grid":
        """The grid of these numbers."""
        return cls(tuple(tuple(map(Fraction, row)) for row in rows))

    @property
    def form(self) -> Phrase:
        if len(self.rows) == 1:
            return Phrase("numbers with spaces between them, as in 6 8 3")
        return Phrase("rows with semicolons between them, as in 6 8; 3 4")

    @property
    def text(self) -> str:
        return "; ".join(" ".join(map(number, row)) for row in self.rows)

    @property
    def plain(self) -> list[Any]:
        rows = [[plain_number(value) for value in row] for row in self.rows]
        return rows if len(rows) > 1 else rows[0]

    def like(self, value: Any) -> "Grid":
        return Grid.of(value)

    def readings(self, given: str) -> "tuple[Grid, ...]":
        text = _result(given).strip()
        lines = re.sub(r"[\])]\s*[,;]?\s*[\[(]", ";", text).strip("[]() ;").split(";")
        found = []
        for apart in (r"[\s,]+", r"\s+"):
            cells = [re.split(apart, line.strip(" ,")) for line in lines]
            values = [[numbers(cell) for cell in row] for row in cells]
            if all(all(row) for row in values):
                found.append(self._shaped([[v[-1] for v in row] for row in values]))
        return tuple(found)

    def _shaped(self, rows: list[list[Fraction]]) -> "Grid":
        """The rows; where all stands in one, it is cut as this grid is."""
        width = len(self.rows[0])
        if len(rows) == 1 and len(rows[0]) == width * len(self.rows):
            flat = rows[0]
            rows = [flat[at : at + width] for at in range(0, len(flat), width)]
        return Grid.of(rows)
