"""The gradient of a dense convolution by its weights: a sum over pixels.

    for a block of pixels, output channels, a piece of a tap row:
      acc[oc, t] = block is the first one ? 0 : dw[oc, t]
      for pixels of the block:
        acc[oc, t] += dy[pixel, oc] * x[window of pixel + t]
      dw[oc, t] = acc[oc, t]

Taps lie side by side in the image and in the weights, so they are the vectors. A block
of pixels stays in the second cache while all tiles of a part visit it. Where input
channels fill vectors, a tile takes all columns of a kernel's row: the next pixel reads
most of the same numbers again.
"""

from collections import Counter
from collections.abc import Callable

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
    Argument,
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
from mirada.compiler.lowering.dense_parts import Tables, deal
from mirada.compiler.lowering.layout import Image, count_of, loops
from mirada.compiler.schedules.dense import (
    column_tile,
    gradient_parts,
    shares,
    tap_tile,
)
from mirada.compiler.target import Target

__all__ = ["Gradient"]

Made = tuple[Stmt, ...]


class Gradient:
    """How the loops of one weight gradient are written."""

    def __init__(self, taps: Taps, dy: Image, weight: Buffer, target: Target) -> None:
        self.taps, self.dy, self.weight = taps, dy, weight
        self.target = target
        self.channels, self.run = dy.channels, taps.length
        self.lanes = target.vector(self.run)
        self.columns = 1 if taps.horizontal.dilation == 1 else taps.horizontal.size
        vectors = -(-self.run // self.lanes)
        self.wide, self.tall, self.deep = tap_tile(
            vectors, taps.vertical.size, self.channels, target
        )
        self.inputs, self.groups = taps.image.channels, 0
        if self.inputs % target.lanes == 0:
            blocks = self.inputs // target.lanes
            self.groups, deep = column_tile(
                taps.horizontal.size,
                taps.horizontal.stride,
                blocks,
                self.channels,
                target,
            )
        if self.groups:
            self.deep, self.lanes = deep, target.lanes
        self.safe = taps.image.buffer.slack >= self.lanes
        across = taps.horizontal.stride * taps.image.channels
        row = dy.columns * dy.channels
        self.height, self.width = dy.height, dy.width
        joined = dy.plain and taps.step[0] == dy.width * across
        self.steps = (row, dy.channels, taps.step[0], across)
        if joined:
            self.height, self.width = 1, dy.width * dy.height
        self.images, self.rows = dy.images, self.height

    @property
    def pixel(self) -> int:
        """Numbers of the image that one output pixel is the first to read."""
        vertical, horizontal = self.taps.vertical, self.taps.horizontal
        return self.inputs * vertical.stride * horizontal.stride

    def block(self, numbers: int) -> None:
        """Chooses images and rows of a block, of so many numbers a pixel."""
        room = max(self.target.l2_bytes // 2 // (4 * numbers), 1)
        if room >= self.height * self.width:
            most = max(room // (self.height * self.width), 1)
            count = -(-self.dy.images // most)
            self.images, self.rows = -(-self.dy.images // count), self.height
            return
        if self.height == 1:
            # Rows that were joined are cut again, evenly.
            self.height, self.width = self.dy.height, self.dy.width
        most = max(room // self.width, 1)
        count = -(-self.height // most)
        self.images, self.rows = 1, -(-self.height // count)

    def kernel(self, name: str, wanted: int) -> Kernel:
        """The kernel, in at least so many parts where there are so many tiles."""
        inner, given, tables = self.dealt(wanted)
        bands = -(-self.height // self.rows)
        groups = -(-self.dy.images // self.images)
        body = loops(inner, ("g", groups), ("b", bands))
        buffers = (self.taps.image.buffer, self.dy.buffer, self.weight)
        return Kernel(name, (count_of(self.dy), given), buffers, body, tuple(tables))

    def dealt(self, wanted: int) -> tuple[Made, Argument, Tables]:
        """The tiles of a part, which part, and what the tiles look up by it."""
        if not self.groups:
            dealt = deal(self.channels, self.deep, wanted)
            self.block(self.pixel + -(-self.channels // dealt.parts))
            return dealt.each(self.tiles), dealt.argument, dealt.tables
        units = self.inputs // self.lanes // self.groups
        outputs = -(-self.channels // self.deep)
        window = self.taps.vertical.size * self.taps.horizontal.size
        cycles = self.inputs * window * self.channels // self.lanes
        high, wide = gradient_parts(
            wanted, outputs, units, self.channels, self.pixel, cycles
        )
        self.block(-(-self.channels // high) + -(-self.pixel // wide))
        size = self.groups * self.lanes
        across = deal(self.inputs, size, wide, times=high, mark="c")
        down = deal(self.channels, self.deep, high, within=wide)

        def tiles(oc: Expr, deep: int, mark: str) -> Made:
            def columns(ic: Expr, size: int, own: str) -> Made:
                return self.column_tiles(oc, deep, ic, own)

            return across.each(columns, f"c{mark}")

        tables = [*down.tables, *across.tables]
        return down.each(tiles), down.argument, tables

    def column_tiles(self, oc: Expr, deep: int, ic: Expr, mark: str) -> Made:
        """Tiles of all columns of a kernel's row, for some input channels."""
        taps, inputs = self.taps, self.inputs
        far = taps.horizontal.dilation * inputs
        vectors = tuple(
            (kx * far + first, kx * inputs + first, 0)
            for kx in range(taps.horizontal.size)
            for first in range(0, self.groups * self.lanes, self.lanes)
        )
        down = taps.vertical.dilation * taps.image.columns * inputs
        x = add(mul(f"ky{mark}", down), ic)
        t = add(mul(f"ky{mark}", taps.horizontal.size * inputs), ic)
        tile = self.tile(oc, deep, x, t, vectors, mark)
        return loops(tile, (f"ky{mark}", taps.vertical.size))

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
        firsts: dict[int, int] = {}
        for first, size in every:
            firsts.setdefault(size, first)
        counts = Counter(size for _, size in every)
        groups = [(first, size, counts[size], 0) for size, first in firsts.items()]
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
        """Lanes of the vector of taps at `start` that count; 0 for all."""
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
        fresh = self.fresh()
        again: list[Stmt] = []
        for channel in range(deep):
            for number_of, (_, first, active) in enumerate(vectors):
                place = (add(oc, channel), add(Get(tap), first))
                acc = Register(f"a{mark}.{channel}.{number_of}", lanes=lanes)
                before = Load(lying, place, lanes, active)
                zero = number(0.0, lanes)
                body.append(Let(acc, select(splat(fresh, lanes), zero, before)))
                again.append(Store(lying, place, Get(acc), active))
        inside = self.products(deep, vectors, mark)
        body.append(self.pixels(oc, Get(from_window), mark, inside))
        return (*body, *again)

    def products(
        self, deep: int, vectors: tuple[tuple[int, int, int], ...], mark: str
    ) -> Callable[[Expr, Expr], Made]:
        """What one pixel adds, by where its window and its gradient lie."""
        flat, gradient = self.taps.image.buffer.flat(), self.dy.buffer.flat()
        lanes = self.lanes

        def inside(window: Expr, pixel: Expr) -> Made:
            body: list[Stmt] = []
            loaded = []
            for turn, (far, _, active) in enumerate(vectors):
                vector = Register(f"v{mark}.{turn}", lanes=lanes)
                cut = 0 if self.safe else active
                body.append(Let(vector, Load(flat, (add(window, far),), lanes, cut)))
                loaded.append(vector)
            for channel in range(deep):
                g = splat(Load(gradient, (add(pixel, channel),)), lanes)
                for turn, vector in enumerate(loaded):
                    acc = Register(f"a{mark}.{channel}.{turn}", lanes=lanes)
                    body.append(Set(acc, fma(g, Get(vector), Get(acc))))
            return tuple(body)

        return inside

    def pixels(
        self, oc: Expr, x: Expr, mark: str, inside: Callable[[Expr, Expr], Made]
    ) -> For:
        """The loops over the pixels of a block, around the products."""
        dy, image = self.dy, self.taps.image
        m, oy, ox = f"m{mark}", f"oy{mark}", f"ox{mark}"
        row, column, down, across = self.steps
        source, goal = Register(f"p{mark}", "i64"), Register(f"d{mark}", "i64")
        first, second = Register(f"p0{mark}", "i64"), Register(f"d0{mark}", "i64")
        chosen, line = Register(f"m.{mark}", "i64"), Register(f"y.{mark}", "i64")
        which = minimum(add(mul("g", self.images), index(m)), Const(dy.images - 1))
        high = minimum(add(mul("b", self.rows), index(oy)), Const(self.height - 1))
        block = image.rows * image.columns * image.channels
        there = add(mul(Get(chosen), block), mul(Get(line), down))
        own = dy.rows * dy.columns * dy.channels
        corner = (dy.top * dy.columns + dy.left) * dy.channels
        to_row = add(mul(Get(chosen), own), mul(Get(line), row), corner, oc)
        products = (
            Let(source, add(Get(first), mul(ox, across))),
            Let(goal, add(Get(second), mul(ox, column))),
            *inside(Get(source), Get(goal)),
        )
        body: Made = (
            Let(line, high),
            Let(first, add(there, self.taps.start, x)),
            Let(second, to_row),
            For(ox, self.width, products),
        )
        turns = _left(Const(self.height), mul("b", self.rows), self.rows, self.height)
        body = (Let(chosen, which), For(oy, turns, body))
        present = _left(Var("count"), mul("g", self.images), self.images, 0)
        return For(m, present, body)

    def fresh(self) -> Expr:
        """Whether this is the first block of pixels."""
        return equal(add(mul("g", self.height), index("b")), Const(0))


def _left(total: Expr, done: Expr, most: int, fixed: int) -> Expr:
    """How many are left of a total, at most so many."""
    if fixed and fixed == most:
        return Const(most)
    return minimum(maximum(sub(total, done), Const(0)), Const(most))
