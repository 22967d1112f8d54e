"""Every channel summed by itself: tiles of a few rows by a few columns.

An output needs one product a tap, so what counts is how often numbers are loaded. A
tile of one vector of channels is computed at once: each input vector of the tile's
window is loaded once and goes to every sum that it is part of.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from mirada.compiler.expression import add, fma, mul
from mirada.compiler.ir import (
    Buffer,
    Const,
    Expr,
    For,
    Get,
    Kernel,
    Let,
    Load,
    Register,
    Set,
    Stmt,
    Var,
)
from mirada.compiler.lowering.blocks import Finish, blocked, even, vectors
from mirada.compiler.lowering.layout import Image, count_of, distinct, loops
from mirada.compiler.lowering.sweep import Sweep
from mirada.compiler.target import Target

__all__ = ["Gather"]

_LARGEST = 49
"""Taps of the largest kernel that is written out; a larger one stays a loop."""


@dataclass(frozen=True)
class Gather:
    """Sums of an image's pixels by the weights (tap, channel) of a kernel."""

    image: Image
    packed: Buffer
    width: int
    target: Target

    def kernel(
        self,
        name: str,
        rows: tuple[Sweep, ...],
        columns: tuple[Sweep, ...],
        finish: Finish,
    ) -> Kernel:
        """Every pixel of the target, row by row."""
        body = tuple(stmt for down in rows for stmt in self.rows(down, columns, finish))
        given = (self.image.buffer, self.packed, *finish.buffers)
        body = loops(body, ("m", Var("count")))
        return Kernel(name, (count_of(self.image),), distinct(*given), body)

    def rows(
        self, down: Sweep, columns: tuple[Sweep, ...], finish: Finish
    ) -> tuple[Stmt, ...]:
        """The rows that see the same taps, in blocks."""

        def block(start: Expr, high: int) -> tuple[Stmt, ...]:
            return tuple(
                stmt
                for across in columns
                if not finish.add or down.taps * across.taps
                for stmt in self.row(_Tile(down, across, finish), start, high)
            )

        most = min(_sizes(self.target, down, across)[0] for across in columns)
        return blocked("y", down.count, even(down.count, most), block)

    def row(self, tile: "_Tile", y: Expr, high: int) -> tuple[Stmt, ...]:
        """A block of rows, cut into tiles of all channels."""
        most = _sizes(self.target, tile.down, tile.across)[1]
        count = tile.across.count
        channels = self.image.channels

        def block(x: Expr, wide: int) -> tuple[Stmt, ...]:
            make = partial(self.tile, tile, y, x, high, wide)
            return vectors("c", channels, self.target, make)

        return blocked("x", count, even(count, most), block)

    def tile(
        self,
        tile: "_Tile",
        y: Expr,
        x: Expr,
        high: int,
        wide: int,
        c: Expr,
        lanes: int,
        active: int,
    ) -> tuple[Stmt, ...]:
        """One tile of one vector of channels."""
        finish = tile.finish
        sums = {
            (row, column): Register(f"a.{row}.{column}", lanes=lanes)
            for row in range(high)
            for column in range(wide)
        }
        first = finish.start(c, lanes, active)
        begin = tuple(Let(acc, first) for acc in sums.values())
        end = tuple(
            finish.store(tile.place(y, x, row, column, c), Get(acc), active)
            for (row, column), acc in sums.items()
        )
        size = tile.down.taps * tile.across.taps
        if size > _LARGEST:
            middle = tuple(self.looped(tile, y, x, sums, c, lanes, active))
        elif size:
            middle = tuple(self.written(tile, y, x, sums, c, lanes, active))
        else:
            middle = ()
        return (*begin, *middle, *end)

    def written(
        self,
        tile: "_Tile",
        y: Expr,
        x: Expr,
        sums: dict[tuple[int, int], Register],
        c: Expr,
        lanes: int,
        active: int,
    ) -> Iterator[Stmt]:
        """The products of all taps, input vector by input vector."""
        down, across = tile.down, tile.across
        weight = {}
        for ky in range(down.taps):
            for kx in range(across.taps):
                held = Register(f"w.{ky}.{kx}", lanes=lanes)
                weight[ky, kx] = held
                tap = tile.tap(Const(ky), Const(kx), self.width)
                yield Let(held, Load(self.packed, (tap, c), lanes, active))
        for (py, px), uses in _uses(down, across, sums).items():
            seen = Register(f"x.{py}.{px}", lanes=lanes)
            row = add(mul(y, down.stride), py)
            place = self.image.place("m", row, add(mul(x, across.stride), px), c)
            yield Let(seen, Load(self.image.buffer, place, lanes, active))
            for acc, tap_at in uses:
                product = fma(Get(seen), Get(weight[tap_at]), Get(acc))
                yield Set(acc, product)

    def looped(
        self,
        tile: "_Tile",
        y: Expr,
        x: Expr,
        sums: dict[tuple[int, int], Register],
        c: Expr,
        lanes: int,
        active: int,
    ) -> Iterator[Stmt]:
        """The products tap by tap, for a kernel too large to write out."""
        down, across = tile.down, tile.across
        held = Register("w", lanes=lanes)
        tap = tile.tap(Var("ky"), Var("kx"), self.width)
        inside: list[Stmt] = [Let(held, Load(self.packed, (tap, c), lanes, active))]
        for (row, column), acc in sums.items():
            py = add(mul(add(y, row), down.stride), mul("ky", down.at_step), down.at)
            px = add(mul(add(x, column), across.stride), mul("kx", across.at_step))
            place = self.image.place("m", py, add(px, across.at), c)
            seen = Load(self.image.buffer, place, lanes, active)
            inside.append(Set(acc, fma(seen, Get(held), Get(acc))))
        yield For("ky", down.taps, (For("kx", across.taps, tuple(inside)),))


@dataclass(frozen=True)
class _Tile:
    """Which taps a tile's outputs see, down and across, and where sums go."""

    down: Sweep
    across: Sweep
    finish: Finish

    def place(
        self, y: Expr, x: Expr, row: int, column: int, c: Expr
    ) -> tuple[Expr, Expr, Expr, Expr]:
        """The pixel of the target that an output of the tile is."""
        down, across = self.down, self.across
        at_row = add(mul(add(y, row), down.step), down.first)
        at_column = add(mul(add(x, column), across.step), across.first)
        return Var("m"), at_row, at_column, c

    def tap(self, ky: Expr, kx: Expr, width: int) -> Expr:
        """Which tap of the kernel, row by row, the sweeps' (ky, kx) is."""
        down, across = self.down, self.across
        row = add(mul(ky, down.kernel_step), down.kernel)
        column = add(mul(kx, across.kernel_step), across.kernel)
        return add(mul(row, width), column)


def _uses(
    down: Sweep, across: Sweep, sums: dict[tuple[int, int], Register]
) -> dict[tuple[int, int], list[tuple[Register, tuple[int, int]]]]:
    """For each pixel a tile reads, the sums it goes to and by which taps."""
    found: dict[tuple[int, int], list[tuple[Register, tuple[int, int]]]] = {}
    for (row, column), acc in sums.items():
        for ky in range(down.taps):
            for kx in range(across.taps):
                py = down.at + down.at_step * ky + down.stride * row
                px = across.at + across.at_step * kx + across.stride * column
                found.setdefault((py, px), []).append((acc, (ky, kx)))
    return dict(sorted(found.items()))


def _sizes(target: Target, down: Sweep, across: Sweep) -> tuple[int, int]:
    """Rows and columns of a tile, so that sums and 3x3 taps stay in registers."""
    taps = down.taps * across.taps
    if taps > _LARGEST:
        return 1, target.accumulators
    room = min(target.registers - min(taps, 9) - 3, 12)
    high = 2 if down.taps > 1 and room >= 4 and down.stride == 1 else 1
    return high, room // high
