"""The gradients of a dense convolution by weights and bias: sums over pixels.

    for a block of pixels, output channels, a piece of a tap row:
      acc[oc, t] = block is the first one ? 0 : dw[oc, t]
      for pixels of the block:
        acc[oc, t] += dy[pixel, oc] * x[window of pixel + t]
      dw[oc, t] = acc[oc, t]

Taps lie side by side in the image and in the weights, so they are the vectors. A block
of pixels stays in the second cache while all tiles of a part visit it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mirada.compiler.expression import (
    add,
    equal,
    fma,
    index,
    maximum,
    minimum,
    mul,
    number,
    select,
    splat,
    sub,
)
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
    Store,
    Var,
)
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.dense_parts import deal
from mirada.compiler.lowering.layout import Image, count_of, loops
from mirada.compiler.schedules.dense import divisors, shares, tap_tile
from mirada.compiler.target import Target

__all__ = ["bias_gradient", "weight_gradient"]

Made = tuple[Stmt, ...]


def weight_gradient(
    name: str,
    taps: Taps,
    dy: Image,
    weight: Buffer,
    target: Target,
    wanted: int = 8,
) -> Kernel:
    """dw[oc, r, t] = sum over images and pixels of dy[oc] * x[window + r + t].

    Arguments count and part; a part is a group of output channels, written whole.
    """
    return _Gradient(taps, dy, weight, target).kernel(name, wanted)


@dataclass(frozen=True)
class _Piece:
    """Vectors of a tile: (elements from the window, first tap, active lanes)."""

    vectors: tuple[tuple[int, int, int], ...]


class _Gradient:
    """How the loops of one weight gradient are written."""

    def __init__(self, taps: Taps, dy: Image, weight: Buffer, target: Target) -> None:
        self.taps, self.dy, self.weight = taps, dy, weight
        self.channels, self.run = dy.channels, taps.length
        self.lanes = target.vector(self.run)
        self.columns = 1 if taps.horizontal.dilation == 1 else taps.horizontal.size
        vectors = -(-self.run // self.lanes)
        self.wide, self.tall, self.deep = tap_tile(
            vectors, taps.vertical.size, self.channels, target
        )
        self.safe = taps.image.buffer.slack >= self.lanes
        across = taps.horizontal.stride * taps.image.channels
        row = dy.columns * dy.channels
        self.height, self.width = dy.height, dy.width
        joined = dy.plain and taps.step[0] == dy.width * across
        self.steps = (row, dy.channels, taps.step[0], across)
        if joined:
            self.height, self.width = 1, dy.width * dy.height
        pixel = 4 * (across + dy.channels)
        self.images, self.rows = self.blocks(pixel, target)

    def blocks(self, pixel: int, target: Target) -> tuple[int, int]:
        """Images and rows of a block of pixels."""
        room = max(target.l2_bytes // 2 // pixel, 1)
        if room >= self.height * self.width:
            most = max(room // (self.height * self.width), 1)
            images = self.dy.images
            count = -(-images // most)
            return -(-images // count), self.height
        if self.height == 1:
            # Rows that were joined are cut again, evenly.
            rows, width = self.dy.height, self.dy.width
            self.height, self.width = rows, width
        most = max(room // self.width, 1)
        count = -(-self.height // most)
        return 1, -(-self.height // count)

    def kernel(self, name: str, wanted: int) -> Kernel:
        dealt = deal(self.channels, self.deep, wanted)
        bands = -(-self.height // self.rows)
        groups = -(-self.dy.images // self.images)
        body = loops(dealt.each(self.tiles), ("g", groups), ("b", bands))
        given = (count_of(self.dy), dealt.argument)
        buffers = (self.taps.image.buffer, self.dy.buffer, self.weight)
        return Kernel(name, given, buffers, body, tuple(dealt.tables))

    def tiles(self, oc: Expr, deep: int, mark: str) -> Made:
        """All tap rows, in tiles of vectors by channels."""
        vectors = -(-self.run // self.lanes)
        high = self.taps.vertical.size
        body: list[Stmt] = []
        if self.wide == vectors:
            for rows in sorted(
                {size for _, size in shares(high, -(-high // self.tall))}
            ):
                body += self.row_tiles(oc, deep, rows, mark)
        else:
            body += self.run_tiles(oc, deep, mark)
        return tuple(body)

    def row_tiles(self, oc: Expr, deep: int, rows: int, mark: str) -> Made:
        """Tiles of whole tap rows, `rows` of them at a time."""
        taps = self.taps
        every = shares(taps.vertical.size, -(-taps.vertical.size // self.tall))
        sizes = [size for _, size in every]
        first, turns = every[sizes.index(rows)][0], sizes.count(rows)
        mark = f"{mark}.{rows}"
        down = taps.vertical.dilation * taps.image.columns * taps.image.channels
        length = self.columns * self.run
        vectors = tuple(
            (row * down + start, row * length + start, self.active(start))
            for row in range(rows)
            for start in range(0, self.run, self.lanes)
        )
        ky = add(mul(f"ky{mark}", rows), first)
        x, t = mul(ky, down), mul(ky, length)
        return self.over_columns(oc, deep, x, t, vectors, mark, (f"ky{mark}", turns))

    def run_tiles(self, oc: Expr, deep: int, mark: str) -> Made:
        """Tiles of pieces of a tap row."""
        taps = self.taps
        whole, rest = divmod(self.run, self.lanes)
        every = list(shares(whole, -(-whole // self.wide))) if whole else []
        down = taps.vertical.dilation * taps.image.columns * taps.image.channels
        length = self.columns * self.run
        body: list[Stmt] = []
        groups = [
            (first, size, sum(other == size for _, other in every), 0)
            for first, size in every
            if (first, size) == next(item for item in every if item[1] == size)
        ]
        if rest:
            groups.append((whole, 1, 1, rest))
        for first, size, turns, active in groups:
            own = f"{mark}.{size}.{active}"
            vectors = tuple(
                (start, start, active)
                for start in range(0, size * self.lanes, self.lanes)
            )
            piece = add(mul(f"piece{own}", size * self.lanes), first * self.lanes)
            x = add(mul(f"ky{own}", down), piece)
            t = add(mul(f"ky{own}", length), piece)
            nest = ((f"ky{own}", taps.vertical.size), (f"piece{own}", turns))
            body += self.over_columns(oc, deep, x, t, vectors, own, *nest)
        return tuple(body)

    def active(self, start: int) -> int:
        return min(self.run - start, self.lanes) % self.lanes

    def over_columns(
        self,
        oc: Expr,
        deep: int,
        x: Expr,
        t: Expr,
        vectors: tuple[tuple[int, int, int], ...],
        mark: str,
        *nest: tuple[str, int],
    ) -> Made:
        """The tile inside its loops, and that over columns where they are dilated."""
        if self.columns > 1:
            taps = self.taps
            far = taps.horizontal.dilation * taps.image.channels
            x = add(x, mul(f"kx{mark}", far))
            t = add(t, mul(f"kx{mark}", self.run))
            nest = (*nest, (f"kx{mark}", self.columns))
        return loops(self.tile(oc, deep, x, t, vectors, mark), *nest)

    def tile(
        self,
        oc: Expr,
        deep: int,
        x: Expr,
        t: Expr,
        vectors: tuple[tuple[int, int, int], ...],
        mark: str,
    ) -> Made:
        """Sums a block of pixels into deep channels by some vectors of taps."""
        lanes = self.lanes
        lying = self.weight.view(self.channels, self.weight.size // self.channels)
        if self.weight.slack:
            shape = (self.channels, self.weight.shape[1] * self.weight.shape[2])
            lying = self.weight.view(*shape)
        tap, from_window = Register(f"t{mark}", "i64"), Register(f"x{mark}", "i64")
        body: list[Stmt] = [Let(tap, t), Let(from_window, x)]
        fresh = equal(add(mul("g", self.height), index("b")), Const(0))
        again: list[Stmt] = []
        for channel in range(deep):
            for number_of, (_, first, active) in enumerate(vectors):
                place = (add(oc, channel), add(Get(tap), first))
                acc = Register(f"a{mark}.{channel}.{number_of}", lanes=lanes)
                before = Load(lying, place, lanes, active)
                zero = number(0.0, lanes)
                body.append(Let(acc, select(splat(fresh, lanes), zero, before)))
                again.append(Store(lying, place, Get(acc), active))
        body += self.pixels(oc, deep, Get(from_window), vectors, mark)
        return (*body, *again)

    def pixels(
        self,
        oc: Expr,
        deep: int,
        x: Expr,
        vectors: tuple[tuple[int, int, int], ...],
        mark: str,
    ) -> Made:
        """The loops over the pixels of a block, around the products."""
        dy, image, lanes = self.dy, self.taps.image, self.lanes
        m, oy, ox = f"m{mark}", f"oy{mark}", f"ox{mark}"
        row, column, down, across = self.steps
        source, goal = Register(f"p{mark}", "i64"), Register(f"d{mark}", "i64")
        which = minimum(add(mul("g", self.images), index(m)), Const(dy.images - 1))
        high = minimum(add(mul("b", self.rows), index(oy)), Const(self.height - 1))
        chosen, line = Register(f"m.{mark}", "i64"), Register(f"y.{mark}", "i64")
        block = image.rows * image.columns * image.channels
        from_row = add(
            mul(Get(chosen), block), mul(Get(line), down), self.taps.start, x
        )
        own = dy.rows * dy.columns * dy.channels
        first = (dy.top * dy.columns + dy.left) * dy.channels
        to_row = add(mul(Get(chosen), own), mul(Get(line), row), first, oc)
        flat, gradient = image.buffer.flat(), dy.buffer.flat()
        inside: list[Stmt] = [
            Let(source, add(Get(Register(f"p0{mark}", "i64")), mul(ox, across))),
            Let(goal, add(Get(Register(f"d0{mark}", "i64")), mul(ox, column))),
        ]
        loaded = []
        for number_of, (far, _, active) in enumerate(vectors):
            vector = Register(f"v{mark}.{number_of}", lanes=lanes)
            cut = 0 if self.safe else active
            value = Load(flat, (add(Get(source), far),), lanes, cut)
            inside.append(Let(vector, value))
            loaded.append(vector)
        for channel in range(deep):
            g = splat(Load(gradient, (add(Get(goal), channel),)), lanes)
            for number_of, vector in enumerate(loaded):
                acc = Register(f"a{mark}.{channel}.{number_of}", lanes=lanes)
                inside.append(Set(acc, fma(g, Get(vector), Get(acc))))
        line_body: Made = (
            Let(line, high),
            Let(Register(f"p0{mark}", "i64"), from_row),
            Let(Register(f"d0{mark}", "i64"), to_row),
            For(ox, self.width, tuple(inside)),
        )
        turns = _left(Const(self.height), mul("b", self.rows), self.rows, self.height)
        body: Made = (Let(chosen, which), For(oy, turns, line_body))
        present = _left(Var("count"), mul("g", self.images), self.images, 0)
        return (For(m, present, body),)


def _left(total: Expr, done: Expr, most: int, fixed: int) -> Expr:
    """How many are left of a total, at most so many."""
    if fixed and fixed == most:
        return Const(most)
    return minimum(maximum(sub(total, done), Const(0)), Const(most))


_SUMS = 8
"""Accumulators of a bias gradient, so that no addition waits for the one before."""


def bias_gradient(
    name: str, dy: Image, bias: Buffer, target: Target, wanted: int = 1
) -> Kernel:
    """db[oc] = sum over images and pixels of dy[oc]: rows first, then their sums.

    Arguments count and part; a part is a group of vectors of channels.
    """
    lanes = target.vector(dy.channels)
    vectors = dy.channels // lanes
    side = max(size for size in divisors(max(vectors, 1)) if size <= _SUMS)
    dealt = deal(dy.channels, side * lanes, wanted)

    def sums(oc: Expr, size: int, mark: str) -> Made:
        active = [min(size - first, lanes) % lanes for first in range(0, size, lanes)]
        return _channel_sums(dy, bias, oc, active, lanes, mark)

    given = (count_of(dy), dealt.argument)
    body = dealt.each(sums)
    return Kernel(name, given, (dy.buffer, bias), body, tuple(dealt.tables))


def _channel_sums(
    dy: Image, bias: Buffer, oc: Expr, active: list[int], lanes: int, mark: str
) -> Made:
    """Vectors of channels summed over all pixels and images."""
    apart = max(min(_SUMS // len(active), dy.width), 1)
    zero = number(0.0, lanes)
    totals = [Register(f"total{mark}.{v}", lanes=lanes) for v in range(len(active))]
    grid = [
        [Register(f"sum{mark}.{v}.{turn}", lanes=lanes) for turn in range(apart)]
        for v in range(len(active))
    ]
    whole, rest = divmod(dy.width, apart)

    def added(v: int, turn: int, ox: Expr) -> Stmt:
        place = dy.place(f"m{mark}", f"oy{mark}", ox, add(oc, v * lanes))
        value = Load(dy.buffer, place, lanes, active[v])
        return Set(grid[v][turn], add(Get(grid[v][turn]), value))

    def steps(turns: int, first: Callable[[int], Expr]) -> Made:
        each = [(v, turn) for turn in range(turns) for v in range(len(active))]
        return tuple(added(v, turn, first(turn)) for v, turn in each)

    line: list[Stmt] = [Let(one, zero) for row in grid for one in row]
    ox = f"ox{mark}"
    line += loops(steps(apart, lambda turn: add(mul(ox, apart), turn)), (ox, whole))
    line += steps(rest, lambda turn: Const(whole * apart + turn))
    for total, row in zip(totals, grid, strict=True):
        value: Expr = Get(row[0])
        for one in row[1:]:
            value = add(value, Get(one))
        line.append(Set(total, add(Get(total), value)))
    nest = ((f"m{mark}", Var("count")), (f"oy{mark}", dy.height))
    ends = tuple(
        Store(bias, (add(oc, v * lanes),), Get(total), active[v])
        for v, total in enumerate(totals)
    )
    return (*(Let(total, zero) for total in totals), *loops(tuple(line), *nest), *ends)
