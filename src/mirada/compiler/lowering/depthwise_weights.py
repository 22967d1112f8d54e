"""The gradient by the weights of a convolution of every channel by itself.

The sums of a vector of channels, one for each tap, lie in registers while a row of
output positions goes by, a few at a time: each vector of the input is loaded once and
goes to all taps that see it. Between rows they lie channels side by side in scratch;
at the end they are turned into the order of the weights.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mirada.compiler.expression import add as plus
from mirada.compiler.expression import fma, load, mul, number
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
from mirada.compiler.lowering.blocks import Share, blocked, even
from mirada.compiler.lowering.convolution import Taps
from mirada.compiler.lowering.layout import Image, count_of, loops
from mirada.compiler.target import Target

__all__ = ["weight_gradient"]

Body = tuple[Stmt, ...]
Sums = dict[tuple[int, int], Register]


def weight_gradient(
    name: str,
    taps: Taps,
    dy: Image,
    weight: Buffer,
    add: bool,
    target: Target,
    parts: int = 1,
) -> Kernel:
    """dw[c, k] = sum over images, windows q, of dy[c, q] * x[c, window q + k].

    With `add`, added to dw. Parts are dealt vectors of channels.
    """
    rows = _Rows.of(taps, dy, target)
    whole, rest = divmod(dy.channels, rows.lanes)
    share = Share(whole, parts)

    def dealt(var: str, make: Callable[[Expr, int], Body]) -> Body:
        def item(v: Expr) -> Body:
            return make(mul(v, rows.lanes), 0)

        tail = make(Const(whole * rows.lanes), rest) if rest else ()
        tail = (For(var, 1, tail),) if tail else ()
        return (*share.loop(var, item), *share.last(f"{var}.own", tail))

    def block(y: Expr, high: int) -> Body:
        return dealt("c", lambda c, active: rows.row(y, high, c, active))

    across = blocked("y", dy.height, even(dy.height, rows.high), block)
    body = (
        *dealt("c", rows.clear),
        *loops(across, ("m", Var("count"))),
        *dealt("c", lambda c, active: rows.finish(c, active, weight, add)),
    )
    arguments = (count_of(dy), *share.arguments)
    given = (taps.image.buffer, dy.buffer, weight)
    return Kernel(name, arguments, given, body, (), (rows.sums,))


@dataclass(frozen=True)
class _Rows:
    """How the work is cut: tiles of `high` x `wide` outputs, blocks of taps."""

    taps: Taps
    dy: Image
    sums: Buffer
    lanes: int
    high: int
    wide: int
    block: tuple[int, int]

    @classmethod
    def of(cls, taps: Taps, dy: Image, target: Target) -> "_Rows":
        """Sizes that leave registers for taps, gradients and one input vector."""
        down, across = taps.vertical, taps.horizontal
        most = 15 if target.registers >= 32 else 9
        columns = even(across.size, most)
        rows = even(down.size, most // columns)
        room = min(max(target.registers - rows * columns - 3, 1), 8)
        together = rows > 1 and down.stride == 1 and room > 1
        high = 2 if together and dy.height > 1 else 1
        sums = Buffer("sums", (down.size * across.size, dy.channels))
        lanes = target.vector(dy.channels)
        return cls(taps, dy, sums, lanes, high, room // high, (rows, columns))

    @property
    def width(self) -> int:
        """Taps in a row of the kernel."""
        return self.taps.horizontal.size

    def clear(self, c: Expr, active: int) -> Body:
        """Zero for every tap of a vector of channels."""
        zero = number(0.0, self.lanes)
        store = Store(self.sums, (Var("k"), c), zero, active)
        return (For("k", self.sums.shape[0], (store,)),)

    def finish(self, c: Expr, active: int, weight: Buffer, add: bool) -> Body:
        """The sums of a vector of channels, turned into the order of the weights."""
        flat, size = weight.flat(), self.sums.shape[0]
        channel = plus(c, Var("l"))
        at = plus(mul(channel, size), Var("k"))
        total: Expr = load(self.sums, Var("k"), channel)
        if add:
            total = plus(load(flat, at), total)
        return loops(
            (Store(flat, (at,), total),), ("l", active or self.lanes), ("k", size)
        )

    def row(self, y: Expr, high: int, c: Expr, active: int) -> Body:
        """`high` rows of outputs, for all taps of a vector of channels."""
        down, across = self.taps.vertical, self.taps.horizontal

        def columns(ky: Expr, rows: int) -> Body:
            def one(kx: Expr, wide: int) -> Body:
                block = _Taps(ky, kx, rows, wide)
                return self.walk(block, y, high, c, active)

            return blocked("kx", across.size, self.block[1], one)

        return blocked("ky", down.size, self.block[0], columns)

    def walk(self, block: "_Taps", y: Expr, high: int, c: Expr, active: int) -> Body:
        """One block of taps, its sums taken from scratch and brought back."""
        sums: Sums = {
            (ky, kx): Register(f"a.{ky}.{kx}", lanes=self.lanes)
            for ky in range(block.rows)
            for kx in range(block.columns)
        }
        place = {tap: (block.number(*tap, self.width), c) for tap in sums}
        begin = tuple(
            Let(acc, Load(self.sums, place[tap], self.lanes, active))
            for tap, acc in sums.items()
        )
        end = tuple(
            Store(self.sums, place[tap], Get(acc), active) for tap, acc in sums.items()
        )

        def tile(x: Expr, wide: int) -> Body:
            return self.tile(block, sums, (y, x), (high, wide), c, active)

        count = self.dy.width
        return *begin, *blocked("x", count, even(count, self.wide), tile), *end

    def tile(
        self,
        block: "_Taps",
        sums: Sums,
        at: tuple[Expr, Expr],
        size: tuple[int, int],
        c: Expr,
        active: int,
    ) -> Body:
        """The outputs of a tile, each times all taps of the block."""
        body: list[Stmt] = []
        held: Sums = {}
        y, x = at
        for row in range(size[0]):
            for column in range(size[1]):
                g = held[row, column] = Register(f"g.{row}.{column}", lanes=self.lanes)
                place = self.dy.place("m", plus(y, row), plus(x, column), c)
                body.append(Let(g, Load(self.dy.buffer, place, self.lanes, active)))
        for (py, px), uses in self.uses(sums, held).items():
            seen = Register(f"x.{py}.{px}", lanes=self.lanes)
            read = self.read(block, at, (py, px), c, active)
            body.append(Let(seen, read))
            for acc, g in uses:
                body.append(Set(acc, fma(Get(g), Get(seen), Get(acc))))
        return tuple(body)

    def uses(
        self, sums: Sums, held: Sums
    ) -> dict[tuple[int, int], list[tuple[Register, Register]]]:
        """For each pixel that a tile reads, the sums it goes to and their gradients."""
        down, across = self.taps.vertical, self.taps.horizontal
        found: dict[tuple[int, int], list[tuple[Register, Register]]] = {}
        for (row, column), g in held.items():
            for (ky, kx), acc in sums.items():
                py = row * down.stride + ky * down.dilation
                px = column * across.stride + kx * across.dilation
                found.setdefault((py, px), []).append((acc, g))
        return dict(sorted(found.items()))

    def read(
        self,
        block: "_Taps",
        at: tuple[Expr, Expr],
        pixel: tuple[int, int],
        c: Expr,
        active: int,
    ) -> Expr:
        """A pixel of a tile, counted from the first tap of its first window."""
        image, (y, x) = self.taps.image, at
        down, across = self.taps.vertical, self.taps.horizontal
        row = plus(mul(y, down.stride), mul(block.ky, down.dilation))
        column = plus(mul(x, across.stride), mul(block.kx, across.dilation))
        row, column = (
            plus(row, pixel[0] - down.start),
            plus(column, pixel[1] - across.start),
        )
        return Load(image.buffer, image.place("m", row, column, c), self.lanes, active)


@dataclass(frozen=True)
class _Taps:
    """A block of taps: its first, and how many rows and columns."""

    ky: Expr
    kx: Expr
    rows: int
    columns: int

    def number(self, row: int, column: int, width: int) -> Expr:
        """Which tap of the kernel one of the block is."""
        return plus(mul(plus(self.ky, row), width), self.kx, column)
