"""The transforms of Winograd's convolution, as straight lines of vector operations.

F(m x m, 3x3) has tiles of m x m outputs, for which it reads (m + 2) x (m + 2) inputs:

    Y = A^T [ (G g G^T) * (B^T d B) ] A

with * element by element, summed over the input channels. The matrices belong to the
points 0, 1, -1, infinity for m = 2, and 2, -2 besides for m = 4.
Source: Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mirada.compiler.expression import add, fma, mul, number, sub
from mirada.compiler.ir import Expr, Get, Let, Register, Stmt

__all__ = ["FOUR", "TWO", "Lines", "Transforms", "both_sides", "of_size"]

Row = Sequence[Expr]


class Lines:
    """Statements in a row; every value kept in a register of its own."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.statements: list[Stmt] = []

    def keep(self, value: Expr) -> Expr:
        """The value, from now on in a register."""
        name = f"{self.prefix}{len(self.statements)}"
        register = Register(name, value.kind, value.lanes)
        self.statements.append(Let(register, value))
        return Get(register)


class Transforms(NamedTuple):
    """What a tile size does to one row: to inputs, filters, products and gradients."""

    size: int
    """Outputs along a side of a tile."""
    inputs: Callable[[Lines, Row], Row]
    """B^T d."""
    filters: Callable[[Lines, Row], Row]
    """G g."""
    outputs: Callable[[Lines, Row], Row]
    """A^T m."""
    gradients: Callable[[Lines, Row], Row]
    """A dy."""
    filter_gradients: Callable[[Lines, Row], Row]
    """G^T du."""

    @property
    def side(self) -> int:
        """Inputs along a side of a tile."""
        return self.size + 2

    @property
    def places(self) -> int:
        """Products of a tile."""
        return self.side * self.side


def both_sides(
    lines: Lines, transform: Callable[[Lines, Row], Row], tile: Sequence[Row]
) -> list[Row]:
    """T X T^T: first along the columns, then along the rows; rows of the result."""
    columns = [transform(lines, [row[j] for row in tile]) for j in range(len(tile[0]))]
    rows = range(len(columns[0]))
    return [transform(lines, [column[i] for column in columns]) for i in rows]


def of_size(size: int) -> Transforms:
    """The transforms of F(size x size, 3x3).

    >>> of_size(4).places
    36
    """
    return {2: TWO, 4: FOUR}[size]


def _times(lines: Lines, value: Expr, factor: float, more: Expr) -> Expr:
    return lines.keep(fma(value, number(factor, value.lanes), more))


def _scaled(lines: Lines, value: Expr, factor: float) -> Expr:
    return lines.keep(mul(value, number(factor, value.lanes)))


def _sum(lines: Lines, *values: Expr) -> Expr:
    total = values[0]
    for value in values[1:]:
        total = lines.keep(add(total, value))
    return total


def _less(lines: Lines, left: Expr, right: Expr) -> Expr:
    return lines.keep(sub(left, right))


def _inputs_of_four(lines: Lines, d: Row) -> Row:
    first = _times(lines, d[0], 4, _times(lines, d[2], -5, d[4]))
    last = _times(lines, d[1], 4, _times(lines, d[3], -5, d[5]))
    even, odd = _times(lines, d[2], -4, d[4]), _times(lines, d[1], -4, d[3])
    near, far = _less(lines, d[4], d[2]), _less(lines, d[3], d[1])
    return (
        first,
        _sum(lines, even, odd),
        _less(lines, even, odd),
        _times(lines, far, 2, near),
        _times(lines, far, -2, near),
        last,
    )


def _filters_of_four(lines: Lines, g: Row) -> Row:
    ends = _scaled(lines, _sum(lines, g[0], g[2]), -1 / 6)
    outer = _times(lines, g[2], 1 / 6, _scaled(lines, g[0], 1 / 24))
    return (
        _scaled(lines, g[0], 1 / 4),
        _times(lines, g[1], -1 / 6, ends),
        _times(lines, g[1], 1 / 6, ends),
        _times(lines, g[1], 1 / 12, outer),
        _times(lines, g[1], -1 / 12, outer),
        g[2],
    )


def _outputs_of_four(lines: Lines, m: Row) -> Row:
    near, far = _sum(lines, m[1], m[2]), _sum(lines, m[3], m[4])
    odd, wide = _less(lines, m[1], m[2]), _less(lines, m[3], m[4])
    return (
        _sum(lines, m[0], near, far),
        _times(lines, wide, 2, odd),
        _times(lines, far, 4, near),
        _sum(lines, _times(lines, wide, 8, odd), m[5]),
    )


def _gradients_of_four(lines: Lines, g: Row) -> Row:
    even, odd = _sum(lines, g[0], g[2]), _sum(lines, g[1], g[3])
    near, far = _times(lines, g[2], 4, g[0]), _times(lines, g[3], 4, g[1])
    return (
        g[0],
        _sum(lines, even, odd),
        _less(lines, even, odd),
        _times(lines, far, 2, near),
        _times(lines, far, -2, near),
        g[3],
    )


def _filter_gradients_of_four(lines: Lines, u: Row) -> Row:
    near, far = _sum(lines, u[1], u[2]), _sum(lines, u[3], u[4])
    odd, wide = _less(lines, u[2], u[1]), _less(lines, u[3], u[4])
    inner = _times(lines, near, -1 / 6, _scaled(lines, far, 1 / 24))
    return (
        _times(lines, u[0], 1 / 4, inner),
        _times(lines, odd, 1 / 6, _scaled(lines, wide, 1 / 12)),
        _times(lines, _less(lines, far, near), 1 / 6, u[5]),
    )


def _inputs_of_two(lines: Lines, d: Row) -> Row:
    return (
        _less(lines, d[0], d[2]),
        _sum(lines, d[1], d[2]),
        _less(lines, d[2], d[1]),
        _less(lines, d[1], d[3]),
    )


def _filters_of_two(lines: Lines, g: Row) -> Row:
    ends = _scaled(lines, _sum(lines, g[0], g[2]), 1 / 2)
    return (
        g[0],
        _times(lines, g[1], 1 / 2, ends),
        _times(lines, g[1], -1 / 2, ends),
        g[2],
    )


def _outputs_of_two(lines: Lines, m: Row) -> Row:
    odd = _less(lines, m[1], m[2])
    return _sum(lines, m[0], m[1], m[2]), _less(lines, odd, m[3])


def _gradients_of_two(lines: Lines, g: Row) -> Row:
    return (
        g[0],
        _sum(lines, g[0], g[1]),
        _less(lines, g[0], g[1]),
        _scaled(lines, g[1], -1),
    )


def _filter_gradients_of_two(lines: Lines, u: Row) -> Row:
    near, odd = _sum(lines, u[1], u[2]), _less(lines, u[1], u[2])
    return (
        _times(lines, near, 1 / 2, u[0]),
        _scaled(lines, odd, 1 / 2),
        _times(lines, near, 1 / 2, u[3]),
    )


TWO = Transforms(
    2,
    _inputs_of_two,
    _filters_of_two,
    _outputs_of_two,
    _gradients_of_two,
    _filter_gradients_of_two,
)
"""F(2x2, 3x3): 16 products where a direct convolution takes 36."""

FOUR = Transforms(
    4,
    _inputs_of_four,
    _filters_of_four,
    _outputs_of_four,
    _gradients_of_four,
    _filter_gradients_of_four,
)
"""F(4x4, 3x3): 36 products where a direct convolution takes 144."""
