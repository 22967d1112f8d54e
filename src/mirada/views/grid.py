"""A matrix of numbers as cells, with windows marked on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mirada.views.svg import Element, element, text_width

__all__ = ["Box", "Grid", "grid_panel", "number_label"]

Box = tuple[float, float, float, float]
"""x, y, width and height."""

_CAPTION = 22.0
_FAINTEST, _STRONGEST = 0.1, 0.5


def number_label(value: float) -> str:
    """A number as a cell has room for: four digits.

    >>> number_label(4), number_label(-0.33333), number_label(267960)
    ('4', '-0.3333', '267960')
    """
    exact = float(value)
    if exact.is_integer() and abs(exact) < 1e7:
        return str(int(exact))
    return f"{exact:.4g}"


@dataclass(frozen=True, eq=False)
class Grid:
    """A matrix (rows, columns) drawn from (x, y) on: a caption, then its cells.

    A cell is at least `least` pixels wide and has room for the longest number.
    `padding` is how many rows and columns of zeros are drawn around it: top, bottom,
    left, right. `largest` is the size of a number that has the strongest colour; else
    the largest of the matrix. Negative numbers and positive ones differ in colour.
    """

    values: NDArray[np.number]
    x: float
    y: float
    caption: str = ""
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    largest: float | None = None
    least: float = 30.0

    @cached_property
    def labels(self) -> list[list[str]]:
        """What stands in the cells."""
        return [[number_label(value) for value in row] for row in self.values]

    @cached_property
    def cell(self) -> float:
        """The side of a cell: room for the longest number."""
        widest = max(
            (text_width(word) for row in self.labels for word in row), default=0
        )
        return max(self.least, float(round(widest + 12)))

    @property
    def counts(self) -> tuple[int, int]:
        """Rows and columns, the padding's included."""
        top, bottom, left, right = self.padding
        rows, columns = self.values.shape
        return top + rows + bottom, left + columns + right

    @property
    def top(self) -> float:
        """Where the cells begin, under the caption."""
        return self.y + (_CAPTION if self.caption else 0.0)

    @property
    def width(self) -> float:
        """How wide it is; the caption may be wider."""
        return self.counts[1] * self.cell

    @property
    def height(self) -> float:
        """How high it is, with its caption."""
        return self.top - self.y + self.counts[0] * self.cell

    def box(self, row: int, column: int, height: int = 1, width: int = 1) -> Box:
        """Where a window lies; row and column count from 0, negative in the padding."""
        top, _, left, _ = self.padding
        x = self.x + (column + left) * self.cell
        y = self.top + (row + top) * self.cell
        return x, y, width * self.cell, height * self.cell


def grid_panel(grid: Grid, key: str = "") -> Element:
    """The grid as a group; `key` gives the number of cell (r, c) the class key-r-c."""
    caption = []
    if grid.caption:
        words = element("text", grid.caption, class_="soft", x=grid.x, y=grid.y + 12)
        caption = [words]
    return element("g", *caption, *_padding(grid), *_cells(grid, key), *_lines(grid))


def _padding(grid: Grid) -> Iterator[Element]:
    """The zeros around the matrix, soft on a panel of their own."""
    if not any(grid.padding):
        return
    top, _, left, _ = grid.padding
    rows, columns = grid.counts
    x, y, width, height = grid.box(-top, -left, rows, columns)
    yield element("rect", class_="panel", x=x, y=y, width=width, height=height)
    inner = grid.values.shape
    for row, column in np.ndindex(rows, columns):
        at = row - top, column - left
        if not all(
            0 <= place < length for place, length in zip(at, inner, strict=True)
        ):
            yield _number(grid, *at, "0", "soft")


def _cells(grid: Grid, key: str) -> Iterator[Element]:
    finite = np.abs(grid.values[np.isfinite(grid.values)])
    most = grid.largest or float(finite.max(initial=0)) or 1.0
    for (row, column), value in np.ndenumerate(grid.values):
        x, y, width, height = grid.box(row, column)
        share = min(abs(float(value)) / most, 1.0) if np.isfinite(value) else 0.0
        parts = [_number(grid, row, column, grid.labels[row][column], "ink")]
        if share:
            shade = element(
                "rect",
                class_="negative" if value < 0 else "positive",
                x=x,
                y=y,
                width=width,
                height=height,
                fill_opacity=_FAINTEST + (_STRONGEST - _FAINTEST) * share,
            )
            parts.insert(0, shade)
        yield element("g", *parts, class_=f"{key}-{row}-{column}" if key else None)


def _number(grid: Grid, row: int, column: int, text: str, ink: str) -> Element:
    x, y, width, height = grid.box(row, column)
    place = {"x": x + width / 2, "y": y + height / 2 + 4}
    return element("text", text, class_=f"{ink} number", text_anchor="middle", **place)


def _lines(grid: Grid) -> Iterator[Element]:
    """The lines between the cells; a firmer one around the matrix itself."""
    top, _, left, _ = grid.padding
    rows, columns = grid.counts
    x, y, width, height = grid.box(-top, -left, rows, columns)
    steps = [f"M{x:.2f} {y + i * grid.cell:.2f}h{width:.2f}" for i in range(rows + 1)]
    steps += [
        f"M{x + i * grid.cell:.2f} {y:.2f}v{height:.2f}" for i in range(columns + 1)
    ]
    yield element("path", class_="grid", d="".join(steps))
    x, y, width, height = grid.box(0, 0, *grid.values.shape)
    yield element("rect", class_="axis", x=x, y=y, width=width, height=height)
