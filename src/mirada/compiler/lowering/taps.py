"""Where the taps of a convolution lie, and walks over all of them in blocks.

A tap row is a run of numbers that lie side by side in the image and in the weights:
a whole row of the kernel, kw * ic numbers, or ic numbers when columns are dilated.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mirada.compiler.expression import add, mul
from mirada.compiler.ir import Const, Expr, For, Stmt
from mirada.compiler.lowering.blocks import blocked, even
from mirada.compiler.lowering.layout import Image
from mirada.network.window import Window

__all__ = ["Block", "Taps", "Vector", "walks"]

_MOST = 1536
"""Vectors of taps that are written out: those of 512 channels by 3x3, pooled 2x2."""


@dataclass(frozen=True)
class Taps:
    """Where the taps of a kernel lie in the image it slides over."""

    vertical: Window
    horizontal: Window
    image: Image

    @property
    def step(self) -> tuple[int, int]:
        """Elements from one window to the next, down and across."""
        image, across = self.image, self.horizontal.stride * self.image.channels
        return self.vertical.stride * image.columns * image.channels, across

    @property
    def start(self) -> int:
        """The element of the first tap of the first window."""
        image = self.image
        row, column = (
            image.top - self.vertical.start,
            image.left - self.horizontal.start,
        )
        return (row * image.columns + column) * image.channels

    @property
    def length(self) -> int:
        """Numbers in a tap row."""
        dense = self.horizontal.dilation == 1
        return self.image.channels * (self.horizontal.size if dense else 1)

    @property
    def rows(self) -> tuple[int, ...]:
        """The element each tap row starts at, from the window's first."""
        image = self.image
        down = self.vertical.dilation * image.columns * image.channels
        across = self.horizontal.dilation * image.channels
        columns = 1 if self.horizontal.dilation == 1 else self.horizontal.size
        return tuple(
            ky * down + kx * across
            for ky in range(self.vertical.size)
            for kx in range(columns)
        )

    def window(self, m: Expr, oy: Expr, ox: Expr) -> Expr:
        """The element of the first tap of a window."""
        image = self.image
        down, across = self.step
        block = image.rows * image.columns * image.channels
        place = add(mul(oy, down), mul(ox, across))
        return add(mul(m, block), place, self.start)


class Vector(NamedTuple):
    """A vector of a tap row: the row, its first tap, elements from the window's first.

    A part of the row's last vector is `active`, all of it where that is 0.
    """

    row: Expr
    first: Expr
    far: Expr
    name: str
    active: int


class Block(NamedTuple):
    """Vectors that are summed together."""

    vectors: tuple[Vector, ...]
    name: str
    first: bool
    """Whether no other block comes before it."""


def walks(
    taps: Taps,
    lanes: int,
    most: int,
    copies: int,
    make: Callable[[Block], list[Stmt]],
) -> list[Stmt]:
    """`make` for all vectors of the tap rows, at most `most` at a time.

    Written out, or in loops where there would be too many of them in `copies`; each
    vector is summed for itself, so that both give the same bits.
    """
    vectors = len(taps.rows) * -(-taps.length // lanes)
    if vectors * copies <= _MOST:
        return [stmt for block in _written(taps, lanes, most) for stmt in make(block)]
    return [*make(Block((), "none", True)), *_looped(taps, lanes, most, make)]


def _written(taps: Taps, lanes: int, most: int) -> Iterator[Block]:
    vectors = [
        (row, first)
        for row in range(len(taps.rows))
        for first in range(0, taps.length, lanes)
    ]
    blocks = -(-len(vectors) // most)
    size = -(-len(vectors) // blocks)
    for start in range(0, len(vectors), size):
        found = tuple(
            Vector(
                Const(row),
                Const(first),
                Const(taps.rows[row] + first),
                f"{row}.{first}",
                min(taps.length - first, lanes) % lanes,
            )
            for row, first in vectors[start : start + size]
        )
        row, first = vectors[start]
        yield Block(found, f"{row}.{first}", start == 0)


def _looped(
    taps: Taps, lanes: int, most: int, make: Callable[[Block], list[Stmt]]
) -> tuple[Stmt, ...]:
    """Blocks of rows one below the other, or one behind the other where dilated."""
    image, dilated = taps.image, taps.horizontal.dilation > 1
    down = taps.vertical.dilation * image.columns * image.channels
    across = taps.horizontal.dilation * image.channels
    held = -(-taps.length // lanes)
    wide = even(held, most)
    tall = max(most // held, 1)
    before = mul("ky", taps.horizontal.size) if dilated else Const(0)
    above = mul("ky", down) if dilated else Const(0)
    step, rows = (
        (across, taps.horizontal.size) if dilated else (down, taps.vertical.size)
    )

    def block(r: Expr, high: int) -> tuple[Stmt, ...]:
        def several(first: Expr, size: int) -> tuple[Stmt, ...]:
            found = tuple(
                Vector(
                    add(before, add(r, row)),
                    add(first, start),
                    add(above, mul(add(r, row), step), add(first, start)),
                    f"{row}.{start}",
                    min(size - start, lanes) % lanes,
                )
                for row in range(high)
                for start in range(0, size, lanes)
            )
            return tuple(make(Block(found, "block", False)))

        return blocked("t", taps.length, wide * lanes, several)

    body = blocked("r", rows, even(rows, tall), block)
    return (For("ky", taps.vertical.size, body),) if dilated else body
