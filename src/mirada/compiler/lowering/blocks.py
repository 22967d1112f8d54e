"""Loops cut in blocks, vectors and parts, and what becomes of a sum at its end."""

from collections.abc import Callable
from dataclasses import dataclass

from mirada.compiler.expression import (
    add,
    maximum,
    minimum,
    mul,
    number,
    sub,
)
from mirada.compiler.ir import (
    Argument,
    Buffer,
    Const,
    Expr,
    For,
    Get,
    Let,
    Load,
    Register,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.layout import Image
from mirada.compiler.target import Target

__all__ = ["Finish", "Share", "blocked", "even", "vectors"]

Body = tuple[Stmt, ...]


def even(extent: int, most: int) -> int:
    """The size of nearly equal blocks, none above `most`.

    >>> even(28, 6), even(7, 6), even(5, 6)
    (6, 4, 5)
    """
    pieces = -(-extent // max(most, 1))
    return -(-extent // max(pieces, 1))


def blocked(
    var: str, extent: int, size: int, make: Callable[[Expr, int], Body]
) -> Body:
    """`make(start, size)` for every whole block, and for the rest; each a scope."""
    whole, rest = divmod(extent, size)
    pieces: list[Stmt] = []
    if whole:
        start = mul(Var(var), size) if whole > 1 else Const(0)
        pieces.append(For(var, whole, make(start, size)))
    if rest:
        pieces.append(For(var, 1, make(Const(whole * size), rest)))
    return tuple(pieces)


def vectors(
    var: str, extent: int, target: Target, make: Callable[[Expr, int, int], Body]
) -> Body:
    """`make(start, lanes, active)` for every vector along an axis, and for the rest."""
    lanes = target.vector(extent)

    def one(start: Expr, size: int) -> Body:
        return make(start, lanes, size % lanes)

    return blocked(var, extent, lanes, one)


@dataclass(frozen=True)
class Share:
    """Items dealt out to parts, `parts` of them; with one part there is no argument."""

    items: int
    parts: int = 1

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """What tells a kernel its part."""
        return (Argument("part", 0, self.parts - 1),) if self.parts > 1 else ()

    def loop(self, var: str, make: Callable[[Expr], Body]) -> Body:
        """The items of this part."""
        if self.items == 0:
            return ()
        if self.parts == 1:
            return (For(var, self.items, make(Var(var))),)
        each = -(-self.items // self.parts)
        start = mul("part", each)
        left = maximum(sub(self.items, start), Const(0))
        item = Register(f"{var}.item", "i64")
        # The bound holds by itself, but only for parts that have an item left.
        known = minimum(add(start, Var(var)), Const(self.items - 1))
        body = (Let(item, known), *make(Get(item)))
        return (For(var, minimum(left, Const(each)), body),)

    def last(self, var: str, body: Body) -> Body:
        """What only the last part does."""
        if self.parts == 1 or not body:
            return body
        turns = maximum(sub("part", self.parts - 2), Const(0))
        return (For(var, turns, body),)


@dataclass(frozen=True)
class Finish:
    """Where sums go: y = relu(sum + bias + other), or added to what is there."""

    to: Image
    bias: Buffer | None = None
    other: Image | None = None
    relu: bool = False
    add: bool = False

    @property
    def buffers(self) -> tuple[Buffer, ...]:
        """What a kernel is given for it, the target last."""
        bias = () if self.bias is None else (self.bias,)
        other = () if self.other is None else (self.other.buffer,)
        return (*bias, *other, self.to.buffer)

    def start(self, channel: Expr, lanes: int, active: int) -> Expr:
        """What a sum begins with."""
        if self.bias is None:
            return number(0.0, lanes)
        return Load(self.bias, (channel,), lanes, active)

    def store(
        self, place: tuple[Expr, Expr, Expr, Expr], value: Expr, active: int
    ) -> Stmt:
        """Writes the sum of a pixel (m, y, x) from a channel on."""
        lanes, buffer = value.lanes, self.to.buffer
        if self.other is not None:
            more = self.other.place(*place)
            value = add(value, Load(self.other.buffer, more, lanes, active))
        if self.relu:
            value = maximum(number(0.0, lanes), value)  # NaN stays NaN
        at = self.to.place(*place)
        if self.add:
            value = add(Load(buffer, at, lanes, active), value)
        return Store(buffer, at, value, active)
