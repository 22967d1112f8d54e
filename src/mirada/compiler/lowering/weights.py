"""Gradients of the weights and biases of convolutions in groups.

A block of output channels by a few vectors of taps is summed in registers while a band
of rows goes by; the bands of an image are small enough to stay in the second cache
until all blocks have seen them. So a weight's sum runs over images, then bands, then
pixels: an order that no number of threads changes.
"""

from dataclasses import dataclass

from mirada.compiler.expression import add as plus
from mirada.compiler.expression import fma, load, mul, number, splat
from mirada.compiler.ir import (
    Buffer,
    Const,
    Convert,
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
from mirada.compiler.lowering.blocks import Share, blocked, even, vectors
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.layout import Image, count_of, loops
from mirada.compiler.target import Target

__all__ = ["bias_gradient", "weight_gradient"]

Body = tuple[Stmt, ...]


def bias_gradient(
    name: str, dy: Image, bias: Buffer, add: bool, target: Target, parts: int = 1
) -> Kernel:
    """db[c] = sum of dy[c] over images and pixels; with `add`, added to db."""
    lanes = target.vector(dy.channels)
    whole, rest = divmod(dy.channels, lanes)
    most = min(-(-whole // parts), 8)
    together = max((n for n in range(1, most + 1) if whole % n == 0), default=1)
    share = Share(whole // together, parts)

    def sums(c: Expr, actives: tuple[int, ...]) -> Body:
        accs = [Register(f"sum.{v}", lanes=lanes) for v in range(len(actives))]
        at = [plus(c, v * lanes) for v in range(len(actives))]
        every = list(zip(accs, at, actives, strict=True))
        begin: list[Stmt] = []
        step: list[Stmt] = []
        for acc, here, active in every:
            there = Load(bias, (here,), lanes, active)
            begin.append(Let(acc, there if add else number(0.0, lanes)))
            g = Load(dy.buffer, dy.place("m", "oy", "ox", here), lanes, active)
            step.append(Set(acc, plus(Get(acc), g)))
        nest = (("m", Var("count")), ("oy", dy.height), ("ox", dy.width))
        end = (Store(bias, (here,), Get(acc), active) for acc, here, active in every)
        return (*begin, *loops(tuple(step), *nest), *end)

    def item(v: Expr) -> Body:
        return sums(mul(v, together * lanes), (0,) * together)

    tail = (For("c", 1, sums(Const(whole * lanes), (rest,))),) if rest else ()
    body = (*share.loop("c", item), *share.last("own", tail))
    arguments = (count_of(dy), *share.arguments)
    return Kernel(name, arguments, (dy.buffer, bias), body)


def weight_gradient(
    name: str,
    taps: Taps,
    groups: int,
    dy: Image,
    weight: Buffer,
    add: bool,
    target: Target,
    parts: int = 1,
) -> Kernel:
    """dw[o, k, i] = sum over images, windows q, of dy[o, q] * x[i, window q + k].

    With `add`, added to dw. Parts are dealt blocks of output channels.
    """
    sums = _Sums.of(taps, groups, dy, weight, target)
    flat = weight.flat()
    share = Share(dy.channels // sums.high, parts)
    each = dy.channels // groups // sums.high
    firsts = tuple(item // each * sums.reads for item in range(share.items))
    base = Buffer("base", (share.items,), "i32", 0, 0, max(firsts))

    def clear(item: Expr) -> Body:
        size = sums.high * sums.length

        def zero(start: Expr, lanes: int, active: int) -> Body:
            at = plus(mul(item, size), start)
            return (Store(flat, (at,), number(0.0, lanes), active),)

        return vectors("z", size, target, zero)

    def block(item: Expr) -> Body:
        first = Register("first", "i64")
        channel = Convert(load(base, item), "i64") if groups > 1 else Const(0)
        body = sums.blocks(mul(item, sums.high), Get(first))
        return Let(first, channel), *body

    cleared = () if add else share.loop("item", clear)
    band = loops(share.loop("item", block), ("m", Var("count")), ("band", sums.bands))
    tables = ((base, firsts),) if groups > 1 else ()
    arguments = (count_of(dy), *share.arguments)
    given = (taps.image.buffer, dy.buffer, weight)
    return Kernel(name, arguments, given, (*cleared, *band), tables)


@dataclass(frozen=True)
class _Sums:
    """How the weights are cut: `high` output channels by `wide` taps by vectors.

    A run is what lies side by side in the image: a row of taps where there is one
    group and no dilation, else the channels of a group.
    """

    taps: Taps
    dy: Image
    weight: Buffer
    target: Target
    reads: int
    run: int
    across: int
    high: int
    wide: int
    deep: int
    rows: int

    @classmethod
    def of(
        cls, taps: Taps, groups: int, dy: Image, weight: Buffer, target: Target
    ) -> "_Sums":
        """Sizes from the shapes and the processor."""
        reads, makes = taps.image.channels // groups, dy.channels // groups
        size = taps.horizontal.size
        dense = groups == 1 and taps.horizontal.dilation == 1
        run, across = (size * reads, 1) if dense else (reads, size)
        held = -(-run // target.vector(run))
        most = max(target.accumulators // 4, 1)
        deep = even(held, most)
        wide = even(across, max(most // deep, 1))
        room = max(target.accumulators // (deep * wide), 1)
        high = max(n for n in range(1, min(room, makes) + 1) if makes % n == 0)
        rows = _band(taps, dy, target)
        return cls(taps, dy, weight, target, reads, run, across, high, wide, deep, rows)

    @property
    def length(self) -> int:
        """Weights of one output channel."""
        return self.taps.vertical.size * self.taps.horizontal.size * self.reads

    @property
    def bands(self) -> int:
        """Bands of rows in an image."""
        return self.dy.height // self.rows

    def blocks(self, channel: Expr, first: Expr) -> Body:
        """All taps of `high` output channels; `first` is the group's first input."""
        lanes = self.target.vector(self.run)
        whole, rest = divmod(self.run, lanes)

        def columns(kx: Expr, wide: int) -> Body:
            def several(start: Expr, size: int) -> Body:
                start = mul(start, lanes)
                return self.block(channel, first, (kx, wide), start, (0,) * size)

            end = (rest,) if rest else ()
            if whole + len(end) <= self.deep:
                actives = (0,) * whole + end
                return self.block(channel, first, (kx, wide), Const(0), actives)
            body = blocked("v", whole, min(self.deep, whole), several)
            if rest:
                start = Const(whole * lanes)
                tail = self.block(channel, first, (kx, wide), start, end)
                body = (*body, For("v", 1, tail))
            return body

        body = blocked("kx", self.across, self.wide, columns)
        return (For("ky", self.taps.vertical.size, body),)

    def block(
        self,
        channel: Expr,
        first: Expr,
        columns: tuple[Expr, int],
        start: Expr,
        actives: tuple[int, ...],
    ) -> Body:
        """One block of sums, taken from memory and brought back."""
        lanes = self.target.vector(self.run)
        flat = self.weight.flat()
        kx, wide = columns
        begin: list[Stmt] = []
        middle: list[Stmt] = []
        end: list[Stmt] = []
        for o in range(self.high):
            g = Register(f"g.{o}")
            place = self.dy.place("m", self.row, "ox", plus(channel, o))
            middle.append(Let(g, load(self.dy.buffer, *place)))
        for column in range(wide):
            for v, active in enumerate(actives):
                seen = Register(f"x.{column}.{v}", lanes=lanes)
                along = plus(start, v * lanes)
                tap = plus(kx, column)
                read = self.read(first, tap, along, lanes, active)
                middle.append(Let(seen, read))
                for o in range(self.high):
                    acc = Register(f"a.{o}.{column}.{v}", lanes=lanes)
                    place_of = self.place(plus(channel, o), tap, along)
                    held = Load(flat, (place_of,), lanes, active)
                    begin.append(Let(acc, held))
                    spread = splat(Get(Register(f"g.{o}")), lanes)
                    middle.append(Set(acc, fma(spread, Get(seen), Get(acc))))
                    end.append(Store(flat, (place_of,), Get(acc), active))
        nest = (("oy", self.rows), ("ox", self.dy.width))
        return (*begin, *loops(tuple(middle), *nest), *end)

    @property
    def row(self) -> Expr:
        """The output's row."""
        return plus(mul("band", self.rows), Var("oy"))

    def place(self, channel: Expr, tap: Expr, along: Expr) -> Expr:
        """The element of the weight of a tap of row ky."""
        width = self.taps.horizontal.size * self.reads
        row = plus(mul(channel, self.length), mul("ky", width))
        return plus(row, mul(tap, self.reads), along)

    def read(
        self, first: Expr, tap: Expr, along: Expr, lanes: int, active: int
    ) -> Expr:
        """What tap (ky, tap) of window (oy, ox) reads, from channel `along` on."""
        image, down, across = (
            self.taps.image,
            self.taps.vertical,
            self.taps.horizontal,
        )
        flat = image.buffer.view(
            image.images, image.rows, image.columns * image.channels
        )
        row = plus(mul(self.row, down.stride), mul("ky", down.dilation))
        row = plus(row, image.top - down.start)
        column = plus(mul("ox", across.stride), mul(tap, across.dilation))
        column = mul(plus(column, image.left - across.start), image.channels)
        place = (Var("m"), row, plus(column, first, along))
        return Load(flat, place, lanes, active)


def _band(taps: Taps, dy: Image, target: Target) -> int:
    """Rows of a band: all, or a divisor, so that it fills half of the second cache."""
    for rows in range(dy.height, 0, -1):
        seen = (rows - 1) * taps.vertical.stride + taps.vertical.span
        held = rows * dy.width * dy.channels
        held += seen * taps.image.columns * taps.image.channels
        if dy.height % rows == 0 and 4 * held <= target.l2_bytes // 2:
            return rows
    return 1
