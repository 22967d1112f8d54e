"""One kernel for everything that slides: a tile of pixels by panels of channels.

    for a group of panels, an image, a band of rows, panels, tiles:
      acc = bias
      for taps:
        acc[pixel, panel] += x[pixel + tap] * w[panel, tap]
      y[pixel, panel] = acc

Panels are what a vector holds of output channels: w[panel, tap, lane]. A group of
panels stays in the second cache while the images go by.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

from mirada.compiler.expression import (
    add,
    fma,
    index,
    maximum,
    minimum,
    mul,
    number,
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
from mirada.compiler.lowering.dense_parts import Tables, of_part
from mirada.compiler.lowering.layout import Image, loops
from mirada.compiler.schedules.dense import Tiling, cut, tiling
from mirada.compiler.target import Target

__all__ = ["Ending", "Lattice", "Sum", "Sweep", "sweep"]


@dataclass(frozen=True)
class Lattice:
    """Where pixels (row, column) lie in an image: elements from its beginning."""

    image: Image
    start: int
    down: int
    across: int

    @property
    def block(self) -> int:
        """Elements of an image."""
        return self.image.rows * self.image.columns * self.image.channels

    def at(self, image: int, row: int, column: int) -> int:
        """Elements from pixel (0, 0) of one image to a pixel of another."""
        return image * self.block + row * self.down + column * self.across


@dataclass(frozen=True)
class Sum:
    """The taps a pixel sums: loops, (turns, elements, taps) each, around runs.

    A run is `run` numbers that lie side by side; `first` is the first one's tap.
    """

    loops: tuple[tuple[int, int, int], ...]
    run: int
    first: int = 0
    rows: tuple[int, int, int] | None = None
    """Of the first loop, where it goes down row by row: (the image's row that the first
    pixel's first tap is in, rows from a pixel to the next, the image's rows). Taps in
    the border are left out then where a tile is of one row."""

    @property
    def size(self) -> int:
        """How many taps are summed."""
        return prod(turns for turns, _, _ in self.loops) * self.run


@dataclass(frozen=True)
class Ending:
    """What becomes of a sum: what it begins with, is added to, and is cut at."""

    bias: Buffer | None = None
    other: Lattice | None = None
    relu: bool = False
    add: bool = False


@dataclass(frozen=True)
class Sweep:
    """What a sweep reads and writes: y[pixel] = sum over taps of x[pixel + tap] w."""

    x: Lattice
    y: Lattice
    height: int
    width: int
    taps: Sum
    weights: Buffer
    """(panels, taps, lanes)."""
    ending: Ending

    @property
    def lanes(self) -> int:
        """Channels in a panel."""
        return self.weights.shape[2]

    @property
    def sides(self) -> tuple[Lattice, ...]:
        """All images that are read or written."""
        other = self.ending.other
        return (self.x, self.y, *(() if other is None else (other,)))

    @property
    def joined(self) -> bool:
        """Whether each row begins where the one before it ends, in every image."""
        return all(side.down == self.width * side.across for side in self.sides)

    @property
    def saved(self) -> float:
        """The share of taps that lie in the border above and below."""
        if self.taps.rows is None or self.joined:
            return 0.0
        (first, step, height), turns = self.taps.rows, self.taps.loops[0][0]
        inside = 0
        for y in range(self.height):
            near = first + y * step
            inside += max(min(near + turns, height) - max(near, 0), 0)
        every = self.height * turns
        return (every - inside) / every

    def reshaped(self, way: Tiling) -> "Sweep":
        """The same pixels in rows of another length."""
        if way.width == self.width:
            return self

        def other(side: Lattice) -> Lattice:
            return Lattice(side.image, side.start, way.width * side.across, side.across)

        ending, mine = self.ending, self.ending.other
        if mine is not None:
            ending = Ending(ending.bias, other(mine), ending.relu, ending.add)
        x, y = other(self.x), other(self.y)
        return Sweep(x, y, way.height, way.width, self.taps, self.weights, ending)


def sweep(
    name: str, work: tuple[Sweep, ...], wanted: int, target: Target, images: int
) -> Kernel:
    """The kernel of sweeps over the same images, cut in about `wanted` parts.

    Each sweep is cut in the same number of parts; what no part of one is left for
    does nothing.
    """
    plans = [
        _Plan(sweep, f"{number}", wanted, len(work), target)
        for number, sweep in enumerate(work)
    ]
    parts = max(plan.cut.parts for plan in plans)
    body: list[Stmt] = []
    tables: Tables = []
    for plan in plans:
        made, known = plan.body(parts)
        body += made
        tables += known
    first = work[0]
    buffers = {side.image.buffer.name: side.image.buffer for side in first.sides}
    buffers[first.weights.name] = first.weights
    if first.ending.bias is not None:
        buffers[first.ending.bias.name] = first.ending.bias
    given = (Argument("count", 0, images), Argument("part", 0, parts - 1))
    return Kernel(name, given, tuple(buffers.values()), tuple(body), tuple(tables))


class _Plan:
    """One sweep with its tiling: how its loops are written."""

    def __init__(
        self, work: Sweep, mark: str, wanted: int, copies: int, target: Target
    ) -> None:
        self.mark = mark
        panels = work.weights.shape[0]
        images = work.x.image.images
        self.masked = work.y.image.channels % work.lanes
        whole = panels - 1 if self.masked and panels > 1 else panels
        self.way = tiling(
            images,
            work.height,
            work.width,
            work.joined,
            whole,
            target,
            copies,
            work.saved,
        )
        self.work = work.reshaped(self.way)
        self.last = self.masked > 0
        self.units = whole // self.way.panels + (whole < panels)
        bytes_of_panels = 4 * self.way.panels * work.weights.shape[1] * work.lanes
        pixels = 4 * work.x.block
        weights = bytes_of_panels * self.units
        self.cut = cut(self.way.strips, self.units, wanted, pixels, weights)
        self.group = max(target.l2_bytes // 2 // bytes_of_panels, 1)
        strip = 4 * self.way.rows * work.x.down
        self.band = max(target.l2_bytes // 4 // max(strip, 1), 1)

    def body(self, parts: int) -> tuple[list[Stmt], Tables]:
        """The loops of one part, and the tables they look their bounds up in."""
        idle = (0,) * (parts - self.cut.parts)
        starts, strips = (self.cut.table(False, field) + idle for field in (0, 1))
        units, counts = (self.cut.table(True, field) + idle for field in (0, 1))
        ends = tuple(
            int(self.last and first + count == self.units and size > 0)
            for first, count, size in zip(units, counts, strips, strict=True)
        )
        whole = tuple(count - end for count, end in zip(counts, ends, strict=True))
        names = ("strip", "strips", "unit", "units", "end")
        values = (starts, strips, units, whole, ends)
        tables: Tables = []
        body: list[Stmt] = []
        known: dict[str, Expr] = {}
        for label, numbers in zip(names, values, strict=True):
            known[label], table = of_part(f"{label}{self.mark}", numbers)
            if table:
                register = Register(f"{label}.{self.mark}", "i64")
                body.append(Let(register, known[label]))
                known[label] = Get(register)
                tables += table
        if max(whole):
            last = self.units - 1 - self.last
            body += self.nest(known, "units", max(whole), max(strips), last)
        if max(ends):
            body += self.nest(known, "end", 1, max(strips), self.units - 1)
        return body, tables

    def nest(
        self, known: dict[str, Expr], which: str, most: int, strips: int, last: int
    ) -> tuple[Stmt, ...]:
        """Loops over units of panels, images and strips around the tiles."""
        ending, own = which == "end", f"{self.mark}{which[0]}"
        m, q, b, u, s = (f"{axis}{own}" for axis in "mqbus")
        group, band = min(self.group, most), min(self.band, strips)
        if group == 1:
            band = strips
        panel, strip, row = (Register(f"{x}.{own}", "i64") for x in ("p", "s", "r"))
        unit = minimum(add(known["unit"], mul(q, group), index(u)), Const(last))
        first = mul(unit, self.way.panels)
        if ending:
            first = Const(self.work.weights.shape[0] - 1)
        high = minimum(
            add(known["strip"], mul(b, band), index(s)), Const(self.way.strips - 1)
        )
        tiles = tuple(self.tiles(self.image(m), Get(row), Get(panel), ending))
        body: tuple[Stmt, ...] = (
            Let(strip, high),
            Let(row, mul(Get(strip), self.way.rows)),
            *tiles,
        )
        turns = _left(known["strips"], mul(b, band), band, strips)
        body = (Let(panel, first), For(s, turns, body))
        turns = _left(known[which], mul(q, group), group, most)
        body = loops((For(u, turns, body),), (b, -(-strips // band)))
        return loops(self.over_images(m, body), (q, -(-most // group)))

    def image(self, m: str) -> Expr:
        """The first image of a turn of the loop m."""
        return mul(m, self.way.images)

    def over_images(self, m: str, body: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
        """The body for every image, or group of images of which some are there."""
        many = self.way.images
        if many == 1:
            return loops(body, (m, Var("count")))
        left = maximum(sub("count", mul(m, many)), Const(0))
        some = For(f"{m}.some", minimum(left, Const(1)), body)
        return loops((some,), (m, self.work.x.image.images // many))

    def tiles(
        self, image: Expr, row: Expr, panel: Expr, ending: bool
    ) -> Iterator[Stmt]:
        """The tiles of a strip: alike ones in a loop, or each for itself."""
        way, mark = self.way, self.mark + ("e" if ending else "")
        if way.images * way.rows == 1:
            for size in sorted(set(way.tiles), reverse=True):
                first, turns = way.tiles.index(size), way.tiles.count(size)
                before = sum(way.tiles[:first])
                pixels = [(0, 0, column) for column in range(size)]
                c = f"c{mark}.{size}"
                column = add(mul(c, size), before)
                tile = _Tile(self.work, way, ending, f"{mark}.{size}")
                yield from loops(
                    tuple(tile.body(image, row, column, panel, pixels)), (c, turns)
                )
            return
        every = [
            (block, r, column)
            for block in range(way.images)
            for r in range(way.rows)
            for column in range(way.width)
        ]
        first = 0
        for size in way.tiles:
            tile = _Tile(self.work, way, ending, f"{mark}.{first}")
            body = tile.body(image, row, Const(0), panel, every[first : first + size])
            yield For(f"once{mark}.{first}", 1, tuple(body))
            first += size


def _left(count: Expr, done: Expr, most: int, total: int) -> Expr:
    """min(count - done, most), and not below 0."""
    if isinstance(count, Const) and most == total:
        return Const(min(int(count.value), most))
    return minimum(maximum(sub(count, done), Const(0)), Const(most))


class _Tile:
    """Accumulators for some pixels and panels."""

    def __init__(self, work: Sweep, way: Tiling, ending: bool, mark: str) -> None:
        self.work, self.mark = work, mark
        self.single = way.images * way.rows == 1 and not work.joined
        self.panels = 1 if ending else way.panels
        channels, lanes = work.y.image.channels, work.lanes
        self.active = channels % lanes if ending else 0

    def accumulator(self, pixel: int, panel: int) -> Register:
        return Register(f"a{self.mark}.{pixel}.{panel}", lanes=self.work.lanes)

    def body(
        self,
        image: Expr,
        row: Expr,
        column: Expr,
        panel: Expr,
        pixels: list[tuple[int, int, int]],
    ) -> Iterator[Stmt]:
        """Begins the sums, adds every tap, and puts the results where they belong."""
        work, lanes, mark = self.work, self.work.lanes, self.mark
        places = []
        for number_of, side in enumerate(work.sides):
            at = Register(f"at{mark}.{number_of}", "i64")
            place = add(mul(image, side.block), mul(row, side.down), side.start)
            place = add(place, mul(column, side.across))
            if number_of:
                place = add(place, mul(panel, lanes))
            yield Let(at, place)
            places.append(at)
        yield from self.begin(panel, len(pixels))
        yield from self.sum(places[0], row, panel, pixels)
        for number_of, (block, r, c) in enumerate(pixels):
            for v in range(self.panels):
                value: Expr = Get(self.accumulator(number_of, v))
                if work.ending.other is not None:
                    far = work.ending.other.at(block, r, c) + v * lanes
                    value = add(value, self.there(work.ending.other, places[2], far))
                far = work.y.at(block, r, c) + v * lanes
                if work.ending.add:
                    value = add(self.there(work.y, places[1], far), value)
                if work.ending.relu:
                    value = maximum(number(0.0, lanes), value)
                flat = work.y.image.buffer.flat()
                yield Store(flat, (add(Get(places[1]), far),), value, self.active)

    def there(self, side: Lattice, at: Register, far: int) -> Expr:
        flat = side.image.buffer.flat()
        return Load(flat, (add(Get(at), far),), self.work.lanes, self.active)

    def begin(self, panel: Expr, pixels: int) -> Iterator[Stmt]:
        bias, lanes = self.work.ending.bias, self.work.lanes
        for v in range(self.panels):
            first: Expr = number(0.0, lanes)
            if bias is not None:
                place = (add(mul(panel, lanes), v * lanes),)
                given = Register(f"b{self.mark}.{v}", lanes=lanes)
                yield Let(given, Load(bias, place, lanes, self.active))
                first = Get(given)
            for pixel in range(pixels):
                yield Let(self.accumulator(pixel, v), first)

    def sum(
        self, at: Register, row: Expr, panel: Expr, pixels: list[tuple[int, int, int]]
    ) -> tuple[Stmt, ...]:
        work, lanes, taps = self.work, self.work.lanes, self.work.taps
        far: Expr = Get(at)
        tap: Expr = Const(taps.first)
        nest: list[tuple[str, int | Expr]] = []
        before: list[Stmt] = []
        for depth, (turns, elements, step) in enumerate(taps.loops):
            extent: int | Expr = turns
            turn = index(f"j{self.mark}.{depth}")
            if depth == 0 and taps.rows is not None and self.single:
                before, turn, extent = self.inside(row, taps.rows, turns, turn)
            far = add(far, mul(turn, elements))
            tap = add(tap, mul(turn, step))
            nest.append((f"j{self.mark}.{depth}", extent))
        t = f"t{self.mark}"
        nest.append((t, taps.run))
        here = Register(f"x{self.mark}", "i64")
        inside: list[Stmt] = [Let(here, add(far, index(t)))]
        vectors = []
        for v in range(self.panels):
            vector = Register(f"w{self.mark}.{v}", lanes=lanes)
            place = (add(panel, v), add(tap, index(t)), Const(0))
            inside.append(Let(vector, Load(work.weights, place, lanes)))
            vectors.append(vector)
        flat = work.x.image.buffer.flat()
        for pixel, (block, r, c) in enumerate(pixels):
            x = splat(Load(flat, (add(Get(here), work.x.at(block, r, c)),)), lanes)
            for v, vector in enumerate(vectors):
                acc = self.accumulator(pixel, v)
                inside.append(Set(acc, fma(x, Get(vector), Get(acc))))
        if not taps.size:
            return ()
        return (*before, *loops(tuple(inside), *nest))

    def inside(
        self, row: Expr, rows: tuple[int, int, int], turns: int, turn: Expr
    ) -> tuple[list[Stmt], Expr, Expr]:
        """The turns of the loop over rows that meet the image, not its border."""
        first, step, height = rows
        begin = Register(f"begin{self.mark}", "i64")
        near = add(mul(row, step), first)
        start = minimum(maximum(sub(0, near), Const(0)), Const(turns - 1))
        end = minimum(sub(height, near), Const(turns))
        extent = maximum(sub(end, Get(begin)), Const(0))
        return (
            [Let(begin, start)],
            minimum(add(Get(begin), turn), Const(turns - 1)),
            extent,
        )
