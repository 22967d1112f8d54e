"""Images whose rows and columns are mixed by tables, as a network takes them.

A pixel of the result is bilinear in whole numbers: of two rows r and s,
((256 - w) r + w s + 128) >> 8; of two columns of what that gives, the same. Then
pixel * scale + offset of its channel, in float32, each of both rounded.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from mirada.compiler.expression import add, load, mul, rebuild, splat, sub
from mirada.compiler.ir import (
    Argument,
    Buffer,
    Const,
    Convert,
    Expr,
    Get,
    Kernel,
    Let,
    Load,
    Register,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.layout import loops

__all__ = ["Resampling"]

_Step: TypeAlias = Callable[[Expr, int], tuple[Stmt, ...]]
"""At this place, with so many lanes in use: 0 for all."""


@dataclass(frozen=True)
class Resampling:
    """The kernel for up to so many `images` of a size (height, width).

    It takes u8 (images, h + 1, w, c) to f32 (images, c, h, w). `rows` and `columns` say
    by i32 (images, h) and (images, w) the first and the second neighbour of each place
    and the weight of the second, in 256ths. Row h is beyond the border, and whoever
    refers to it fills it; column w, which nothing stands for, has the level `fill`.
    """

    images: int
    size: tuple[int, int]
    channels: int
    lanes: int

    @property
    def source(self) -> Buffer:
        """Rows of pixels with all their channels."""
        height, width = self.size
        return Buffer("source", (self.images, height + 1, width * self.channels), "u8")

    @property
    def to(self) -> Buffer:
        """One channel after the other."""
        return Buffer("to", (self.images, self.channels, *self.size))

    @property
    def tables(self) -> tuple[Buffer, ...]:
        """First, second and weight of the rows, then of the columns."""
        return tuple(
            Buffer(f"{axis}.{part}", (self.images, size), "i32", 0, 0, most)
            for axis, size in zip(("rows", "columns"), self.size, strict=True)
            for part, most in (
                ("first", size),
                ("second", size),
                ("weight", 255),
            )
        )

    @property
    def levels(self) -> tuple[Buffer, Buffer]:
        """The scale and the offset of each channel."""
        return Buffer("scale", (self.channels,)), Buffer("offset", (self.channels,))

    @property
    def mixed(self) -> Buffer:
        """A row of the result, its columns not mixed yet."""
        behind = self._whole(self.size[1] * self.channels) + self.channels
        return Buffer("mixed", (behind,), "i32")

    @property
    def sides(self) -> tuple[Buffer, Buffer]:
        """The two columns that each pixel of a row is mixed of, a channel a row."""
        shape = (self.channels, self._whole(self.size[1]))
        return Buffer("near", shape, "i32"), Buffer("far", shape, "i32")

    def kernel(self, name: str) -> Kernel:
        """Resamples and normalizes the first `count` images."""
        pixels = loops(tuple(self._pixels()), ("c", self.channels))
        body = (*self._row(), *loops(self._apart(), ("x", self.size[1])), *pixels)
        return Kernel(
            name,
            (Argument("count", 0, self.images), Argument("fill", 0, 255)),
            (self.source, *self.tables, *self.levels, self.to),
            loops(body, ("m", Var("count")), ("y", self.size[0])),
            scratch=(self.mixed, *self.sides),
        )

    def _row(self) -> Iterator[Stmt]:
        first, second, weight = self.tables[:3]
        above, below = Register("above", "i64"), Register("below", "i64")
        share = Register("share", "i32")
        for register, table in ((above, first), (below, second)):
            yield Let(register, Convert(load(table, "m", "y"), "i64"))
        yield Let(share, load(weight, "m", "y"))

        def row(which: Register, at: Expr, active: int) -> Expr:
            index = (Var("m"), Get(which), at)
            return Convert(Load(self.source, index, self.lanes, active), "i32")

        def step(at: Expr, active: int) -> tuple[Stmt, ...]:
            far = splat(Get(share), self.lanes)
            value = _between(row(above, at, active), row(below, at, active), far)
            return (Store(self.mixed, (at,), value),)

        end = self.size[1] * self.channels
        yield from self._vectors("v", end, step)
        beyond = Convert(Var("fill"), "i32")
        for channel in range(self.channels):
            yield Store(self.mixed, (Const(end + channel),), beyond)

    def _apart(self) -> tuple[Stmt, ...]:
        """Brings both neighbours of a column to where they are mixed in order."""
        body: list[Stmt] = []
        for side, table in zip(self.sides, self.tables[3:5], strict=True):
            column = Register(f"{side.name}.column", "i64")
            body.append(Let(column, Convert(load(table, "m", "x"), "i64")))
            for channel in range(self.channels):
                place = add(mul(Get(column), self.channels), channel)
                value = load(self.mixed, place)
                body.append(Store(side, (Const(channel), Var("x")), value))
        return tuple(body)

    def _pixels(self) -> Iterator[Stmt]:
        scale, offset = (load(buffer, "c") for buffer in self.levels)

        def step(at: Expr, active: int) -> tuple[Stmt, ...]:
            near, far = (Load(b, (Var("c"), at), self.lanes) for b in self.sides)
            weight = Load(self.tables[5], (Var("m"), at), self.lanes, active)
            level = Convert(_between(near, far, weight), "f32")
            ready = add(mul(level, splat(scale, self.lanes)), splat(offset, self.lanes))
            return (Store(self.to, (Var("m"), Var("c"), Var("y"), at), ready, active),)

        yield from self._vectors("v", self.size[1], step)

    def _vectors(self, var: str, length: int, step: _Step) -> Iterator[Stmt]:
        """Whole vectors, then what is left of one."""
        turns, rest = divmod(length, self.lanes)
        if turns:
            yield from loops(step(mul(var, self.lanes), 0), (var, turns))
        if rest:
            yield from step(Const(turns * self.lanes), rest)

    def _whole(self, length: int) -> int:
        return -(-length // self.lanes) * self.lanes


def _between(near: Expr, far: Expr, weight: Expr) -> Expr:
    most, half, bits = (Const(v, "i32", weight.lanes) for v in (256, 128, 8))
    total = add(mul(near, sub(most, weight)), mul(far, weight), half)
    return rebuild("shr", (total, bits))
