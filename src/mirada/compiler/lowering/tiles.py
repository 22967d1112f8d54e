"""Every channel summed by itself: tiles of a few rows by a few columns.

An output needs one product a tap, so what counts is how often numbers are loaded. A
tile of one vector of channels is computed at once: each input vector of the tile's
window is loaded once and goes to every sum that it is part of.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

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
from mirada.compiler.lowering.phases import Phases, phases
from mirada.compiler.lowering.sweep import Sweep
from mirada.compiler.target import Target

__all__ = ["Gather"]

Body = tuple[Stmt, ...]
Spot = tuple[int, int]
Sums = dict[Spot, Register]

_LARGEST = 49
"""Taps of the largest kernel that is written out; a larger one stays a loop."""
_MOST_WRITTEN = 144
"""The same of a kernel whose taps are shared by phases, each with a few of them."""


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
        high, wide = phases(rows, columns)
        body = tuple(stmt for down in high for stmt in self.rows(down, wide, finish))
        given = (self.image.buffer, self.packed, *finish.buffers)
        body = loops(body, ("m", Var("count")))
        tables = tuple(table for each in (*high, *wide) for table in each.tables)
        return Kernel(name, (count_of(self.image),), distinct(*given), body, tables)

    def rows(
        self, down: Phases, columns: tuple[Phases, ...], finish: Finish
    ) -> tuple[Stmt, ...]:
        """The rows that see the same taps, in blocks."""
        tiles = [
            (_Tile(down.sweep, each.sweep, finish, self.written), each)
            for each in columns
        ]

        def block(start: Expr, high: int) -> tuple[Stmt, ...]:
            return tuple(
                stmt
                for tile, across in tiles
                if not finish.add or tile.taps
                for stmt in across.around(self.row(tile, start, high))
            )

        most = min(self.sizes(tile)[0] for tile, _ in tiles)
        count = down.sweep.count
        return down.around(blocked("y", count, even(count, most), block))

    @property
    def written(self) -> bool:
        """Whether the kernel's taps may be written out, whatever phases share them."""
        return self.packed.shape[0] <= _MOST_WRITTEN

    def sizes(self, tile: "_Tile") -> tuple[int, int]:
        """Rows and columns of a tile, so that sums and 3x3 taps stay in registers."""
        taps = len(tile.taps)
        if not tile.written:
            return 1, self.target.accumulators
        # Beyond 5x5 taps, a smaller tile keeps the code short.
        room = self.target.registers - min(taps, 9) - 3
        room = min(room, 12, max(320 // max(taps, 1), 1))
        high = 2 if tile.down.taps > 1 and room >= 4 and tile.down.stride == 1 else 1
        return high, room // high

    def row(self, tile: "_Tile", y: Expr, high: int) -> Body:
        """A block of rows, cut into tiles of all channels."""
        most = self.sizes(tile)[1]
        count = tile.across.count

        def block(x: Expr, wide: int) -> Body:
            def one(c: Expr, lanes: int, active: int) -> Body:
                vector = _Vector(c, lanes, active)
                sums = self.tile(tile, vector, (y, x), (high, wide))
                return (*self.weights(tile, vector), *sums)

            return vectors("c", self.image.channels, self.target, one)

        return blocked("x", count, even(count, most), block)

    def weights(self, tile: "_Tile", vector: "_Vector") -> Body:
        """The weights of a vector of channels, of a kernel that is written out."""
        if not tile.written:
            return ()
        return tuple(
            Let(vector.weight(ky, kx), vector.load(self.packed, (tap,)))
            for ky, kx in tile.taps
            for tap in (tile.tap(Const(ky), Const(kx), self.width),)
        )

    def tile(
        self,
        tile: "_Tile",
        vector: "_Vector",
        at: tuple[Expr, Expr],
        size: tuple[int, int],
    ) -> Body:
        """One tile of one vector of channels, its first output at (y, x)."""
        finish, (y, x) = tile.finish, at
        sums = {
            (row, column): Register(f"a.{row}.{column}", lanes=vector.lanes)
            for row in range(size[0])
            for column in range(size[1])
        }
        first = finish.start(vector.c, vector.lanes, vector.active)
        begin = tuple(Let(acc, first) for acc in sums.values())
        end = tuple(
            finish.store(tile.place(y, x, *spot, vector.c), Get(acc), vector.active)
            for spot, acc in sums.items()
        )
        make = self.at_once if tile.written else self.looped
        return (*begin, *make(tile, vector, at, sums), *end)

    def at_once(
        self, tile: "_Tile", vector: "_Vector", at: tuple[Expr, Expr], sums: Sums
    ) -> Iterator[Stmt]:
        """The products of all taps, input vector by input vector."""
        row, column = mul(at[0], tile.down.stride), mul(at[1], tile.across.stride)
        for (py, px), uses in tile.uses(sums).items():
            seen = Register(f"x.{py}.{px}", lanes=vector.lanes)
            near = tile.moved(add(row, py), add(column, px))
            place = self.image.place("m", *near, vector.c)
            yield Let(seen, vector.load(self.image.buffer, place[:-1]))
            for acc, tap in uses:
                yield Set(acc, fma(Get(seen), Get(vector.weight(*tap)), Get(acc)))

    def looped(
        self, tile: "_Tile", vector: "_Vector", at: tuple[Expr, Expr], sums: Sums
    ) -> Iterator[Stmt]:
        """The products tap by tap, for a kernel too large to write out."""
        (y, x), down, across = at, tile.down, tile.across
        held = Register("w", lanes=vector.lanes)
        tap = tile.tap(Var("ky"), Var("kx"), self.width)
        inside: list[Stmt] = [Let(held, vector.load(self.packed, (tap,)))]
        for (row, column), acc in sums.items():
            py = add(mul(add(y, row), down.stride), mul("ky", down.at_step), down.at)
            px = add(mul(add(x, column), across.stride), mul("kx", across.at_step))
            place = self.image.place("m", py, add(px, across.at), vector.c)
            seen = vector.load(self.image.buffer, place[:-1])
            inside.append(Set(acc, fma(seen, Get(held), Get(acc))))
        yield For("ky", down.taps, (For("kx", across.taps, tuple(inside)),))


@dataclass(frozen=True)
class _Vector:
    """A vector of channels from `c` on; `active` of them, or all where that is 0."""

    c: Expr
    lanes: int
    active: int

    def weight(self, ky: int, kx: int) -> Register:
        """The register that holds a tap's weights."""
        return Register(f"w.{ky}.{kx}", lanes=self.lanes)

    def load(self, buffer: Buffer, place: tuple[Expr, ...]) -> Load:
        """These channels of a pixel, or of a tap."""
        return Load(buffer, (*place, self.c), self.lanes, self.active)


@dataclass(frozen=True)
class _Tile:
    """Which taps a tile's outputs see, down and across, and where sums go."""

    down: Sweep
    across: Sweep
    finish: Finish
    short: bool = True
    """Whether taps may be written out."""

    def moved(self, row: Expr, column: Expr) -> tuple[Expr, Expr]:
        """A place that `uses` counted, where the sweeps begin anywhere."""
        found = []
        for place, sweep in ((row, self.down), (column, self.across)):
            known = isinstance(sweep.at, int)
            found.append(place if known else add(place, sweep.at))
        return found[0], found[1]

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

    @property
    def taps(self) -> tuple[tuple[int, int], ...]:
        """The taps (ky, kx) of the two sweeps."""
        return tuple(product(range(self.down.taps), range(self.across.taps)))

    @property
    def written(self) -> bool:
        """Whether all taps are written out."""
        return self.short and len(self.taps) <= _LARGEST

    def uses(self, sums: Sums) -> dict[Spot, list[tuple[Register, Spot]]]:
        """For each pixel a tile reads, the sums it goes to and by which taps."""
        found: dict[Spot, list[tuple[Register, Spot]]] = {}
        down, across = self.down, self.across
        first = [s.at if isinstance(s.at, int) else 0 for s in (down, across)]
        for (row, column), acc in sums.items():
            for ky, kx in self.taps:
                py = first[0] + down.at_step * ky + down.stride * row
                px = first[1] + across.at_step * kx + across.stride * column
                found.setdefault((py, px), []).append((acc, (ky, kx)))
        return dict(sorted(found.items()))
