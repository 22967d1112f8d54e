"""Sums of pixels whose channels mix within groups, taps wherever sweeps find them.

A block of pixels by a few vectors of channels is summed in registers: for every tap
and every channel that is read, each weight vector is loaded once and each pixel spread
once.
"""

from dataclasses import dataclass

from mirada.compiler.expression import add as plus
from mirada.compiler.expression import fma, load, mul, splat
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
from mirada.compiler.lowering.blocks import Finish, blocked, even
from mirada.compiler.lowering.layout import Image, count_of, distinct, loops
from mirada.compiler.lowering.phases import phases
from mirada.compiler.lowering.sweep import Sweep
from mirada.compiler.target import Target

__all__ = ["Mixing", "mixed"]

Sweeps = tuple[Sweep, ...]


@dataclass(frozen=True)
class Mixing:
    """How channels mix: each of `groups` reads `reads` channels and makes `makes`.

    The weights of tap k, channel r of group g begin at element k*a + r*b + g*c, where
    (a, b, c) are the strides.
    """

    groups: int
    reads: int
    makes: int
    weight: Buffer
    strides: tuple[int, int, int]


def mixed(
    name: str,
    mixing: Mixing,
    image: Image,
    sweeps: tuple[Sweeps, Sweeps],
    width: int,
    finish: Finish,
    target: Target,
) -> Kernel:
    """Every pixel of the target: sums over taps and channels of its group.

    `width` is the number of taps in a row of the kernel.
    """
    rows, columns = phases(*sweeps)
    body: list[Stmt] = []
    for down in rows:
        row: list[Stmt] = []
        for across in columns:
            if not finish.add or down.sweep.taps * across.sweep.taps:
                pair = down.sweep, across.sweep
                made = _Mixed(mixing, image, *pair, width, finish, target)
                row += across.around(made.row())
        if row:
            body += down.around((For("y", down.sweep.count, tuple(row)),))
    given = distinct(image.buffer, mixing.weight, *finish.buffers)
    images = loops(tuple(body), ("m", Var("count")))
    tables = tuple(table for each in (*rows, *columns) for table in each.tables)
    return Kernel(name, (count_of(image),), given, images, tables)


@dataclass(frozen=True)
class _Mixed:
    """Outputs that see the same taps, on their way to a kernel."""

    mixing: Mixing
    image: Image
    down: Sweep
    across: Sweep
    width: int
    finish: Finish
    target: Target

    @property
    def lanes(self) -> int:
        """Channels in a vector."""
        return self.target.vector(self.mixing.makes)

    def row(self) -> tuple[Stmt, ...]:
        """Row y: blocks of pixels, of all groups and channels."""
        vectors = -(-self.mixing.makes // self.lanes)
        together = min(vectors, 4)
        count = self.across.count
        wide = even(count, max(self.target.accumulators // together, 1))

        def block(x: Expr, columns: int) -> tuple[Stmt, ...]:
            return (For("g", self.mixing.groups, self.group(x, columns)),)

        return blocked("x", count, wide, block)

    def group(self, x: Expr, columns: int) -> tuple[Stmt, ...]:
        """The channels of group g, a few vectors at a time, the rest by itself."""
        makes, lanes = self.mixing.makes, self.lanes
        whole, rest = divmod(makes, lanes)
        if whole + (rest > 0) <= 4:
            actives = (0,) * whole + ((rest,) if rest else ())
            return (For("v", 1, self.block(x, columns, Const(0), actives)),)

        def block(start: Expr, size: int) -> tuple[Stmt, ...]:
            return self.block(x, columns, mul(start, lanes), (0,) * size)

        body = blocked("v", whole, even(whole, 4), block)
        if rest:
            tail = self.block(x, columns, Const(whole * lanes), (rest,))
            body = (*body, For("v", 1, tail))
        return body

    def block(
        self, x: Expr, columns: int, n: Expr, actives: tuple[int, ...]
    ) -> tuple[Stmt, ...]:
        """Pixels x, x + 1, ... by vectors from channel n of the group on."""
        sums = {
            (column, vector): Register(f"a.{column}.{vector}", lanes=self.lanes)
            for column in range(columns)
            for vector in range(len(actives))
        }
        at = tuple(plus(n, v * self.lanes) for v in range(len(actives)))
        channel = tuple(plus(mul("g", self.mixing.makes), here) for here in at)
        start = self.finish.start
        return (
            *(
                Let(acc, start(channel[v], self.lanes, actives[v]))
                for (_, v), acc in sums.items()
            ),
            *self.taps(self.products(x, at, actives, sums)),
            *(
                self.finish.store(
                    self.place(x, column, channel[v]), Get(acc), actives[v]
                )
                for (column, v), acc in sums.items()
            ),
        )

    def taps(self, body: tuple[Stmt, ...]) -> tuple[Stmt, ...]:
        """The body for every tap (ky, kx) and every channel r that is read."""
        if not self.down.taps * self.across.taps:
            return ()
        nest = (("ky", self.down.taps), ("kx", self.across.taps))
        return loops(body, *nest, ("r", self.mixing.reads))

    def products(
        self,
        x: Expr,
        at: tuple[Expr, ...],
        actives: tuple[int, ...],
        sums: dict[tuple[int, int], Register],
    ) -> tuple[Stmt, ...]:
        """Adds one tap of one channel to all sums."""
        a, b, c = self.mixing.strides
        down, across = self.down, self.across
        row = plus(mul("ky", down.kernel_step), down.kernel)
        column = plus(mul("kx", across.kernel_step), across.kernel)
        tap = plus(mul(row, self.width), column)
        first = plus(mul(tap, a), mul("r", b), mul("g", c))
        flat = self.mixing.weight.flat()
        body: list[Stmt] = []
        held = [Register(f"w.{v}", lanes=self.lanes) for v in range(len(at))]
        for w, here, active in zip(held, at, actives, strict=True):
            body.append(Let(w, Load(flat, (plus(first, here),), self.lanes, active)))
        for number in range(max(column for column, _ in sums) + 1):
            seen = Register(f"x.{number}")
            body.append(Let(seen, self.read(x, number)))
            for v, w in enumerate(held):
                acc = sums[number, v]
                product = fma(splat(Get(seen), self.lanes), Get(w), Get(acc))
                body.append(Set(acc, product))
        return tuple(body)

    def read(self, x: Expr, column: int) -> Expr:
        """Channel r of group g of the pixel that tap (ky, kx) of an output reads."""
        down, across = self.down, self.across
        row = plus(mul("y", down.stride), mul("ky", down.at_step), down.at)
        along = plus(mul(x, across.stride), mul("kx", across.at_step))
        along = plus(along, _far(across.at, column * across.stride))
        channel = plus(mul("g", self.mixing.reads), Var("r"))
        return load(self.image.buffer, *self.image.place("m", row, along, channel))

    def place(
        self, x: Expr, column: int, channel: Expr
    ) -> tuple[Expr, Expr, Expr, Expr]:
        """The pixel of the target that an output is."""
        down, across = self.down, self.across
        row = plus(mul("y", down.step), down.first)
        along = plus(mul(x, across.step), _far(across.first, column * across.step))
        return Var("m"), row, along, channel


def _far(begin: int | Expr, more: int) -> int | Expr:
    """The sum, a number where it is known."""
    return begin + more if isinstance(begin, int) else plus(begin, more)
