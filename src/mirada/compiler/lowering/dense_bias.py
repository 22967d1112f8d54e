"""The gradient of a dense layer by its bias: a sum over images and pixels."""

from collections.abc import Callable

from mirada.compiler.expression import add, mul, number
from mirada.compiler.ir import (
    Buffer,
    Const,
    Expr,
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
from mirada.compiler.lowering.dense_parts import deal
from mirada.compiler.lowering.layout import Image, count_of, loops
from mirada.compiler.schedules.dense import divisors
from mirada.compiler.target import Target

__all__ = ["bias_gradient"]

Made = tuple[Stmt, ...]

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
