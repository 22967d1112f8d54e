"""Unroll and jam: the turns of a loop run side by side through its inner loops.

    for i < 2                       a0 = b[0]; a1 = b[1]
      a = b[i]                      for k
      for k                 ->        a0 += x[0, k] * w[k]
        a += x[i, k] * w[k]           a1 += x[1, k] * w[k]
      y[i] = a                      y[0] = a0; y[1] = a1

This is how accumulators come to lie in registers. It is legal where no statement of
one turn feeds a part that another turn now runs before it; that is checked.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, groupby

from mirada.compiler.ir import (
    Append,
    Const,
    Expr,
    For,
    Get,
    Kernel,
    Load,
    Op,
    Set,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.passes.rewrite import (
    declared,
    expressions,
    parts,
    replace_loop,
    substitute,
    walk,
)
from mirada.compiler.passes.tile import fixed, turned
from mirada.errors import InternalError

__all__ = ["jam"]


def jam(kernel: Kernel, var: str) -> Kernel:
    """The loop unrolled, its inner loops merged turn by turn."""

    def merge(loop: For) -> tuple[Stmt, ...]:
        _check(kernel, loop)
        return _side_by_side(
            [turned(loop, turn) for turn in range(fixed(kernel, loop))]
        )

    return replace_loop(kernel, var, merge)


def _pieces(body: tuple[Stmt, ...]) -> list[tuple[Stmt, ...]]:
    """The body cut into single loops and runs of other statements."""
    runs = groupby(enumerate(body), key=lambda item: _cut(*item))
    return [tuple(stmt for _, stmt in run) for _, run in runs]


def _cut(place: int, stmt: Stmt) -> int:
    return place if isinstance(stmt, For) else -1


def _side_by_side(copies: list[tuple[Stmt, ...]]) -> tuple[Stmt, ...]:
    merged: list[Stmt] = []
    for pieces in zip(*map(_pieces, copies), strict=True):
        first = pieces[0][0]
        if not isinstance(first, For):
            merged.extend(stmt for piece in pieces for stmt in piece)
            continue
        bodies = []
        for piece in pieces:
            inner = piece[0]
            assert isinstance(inner, For)
            bodies.append(_renamed(inner, first.var))
        merged.append(replace(first, body=_side_by_side(bodies)))
    return tuple(merged)


def _renamed(loop: For, var: str) -> tuple[Stmt, ...]:
    return substitute(loop.body, {loop.var: Var(var)})


def _check(kernel: Kernel, loop: For) -> None:
    """No part of a turn writes what another part of another turn reads or writes."""
    own = declared(loop.body)
    shared = [_touched(piece, own) for piece in _pieces(loop.body)]
    for (reads, writes), (other_reads, other_writes) in combinations(shared, 2):
        clash = (writes & (other_reads | other_writes)) | (reads & other_writes)
        clash = {name for name in clash if not _apart(loop, name)}
        if clash:
            raise InternalError(
                "pass-jam",
                "Loop {var!r} of kernel {kernel!r} cannot be jammed: its turns share "
                "{names}. Report this.",
                var=loop.var,
                kernel=kernel.name,
                names=", ".join(sorted(clash)),
            )


def _touched(body: tuple[Stmt, ...], own: set[str]) -> tuple[set[str], set[str]]:
    """What the statements read and write beyond registers of their own turn."""
    reads: set[str] = set()
    writes: set[str] = set()
    for stmt in walk(body):
        for expr in expressions(stmt):
            for part in parts(expr):
                if isinstance(part, Load):
                    reads.add(part.buffer.name)
                elif isinstance(part, Get) and part.register.name not in own:
                    reads.add(part.register.name)
        match stmt:
            case Store(buffer):
                writes.add(buffer.name)
            case Set(register) if register.name not in own:
                writes.add(register.name)
            case Append(counter, _, values):
                writes |= {counter.name, *(buffer.name for buffer, _ in values)}
    return reads, writes


def _apart(loop: For, name: str) -> bool:
    """Whether every turn touches elements of the buffer that no other turn does.

    So it is when all its accesses have, on one axis, the same index that moves with
    the loop: by at least a vector on the last axis, by at least one on the others.
    """
    places = [*_accesses(loop.body, name)]
    if not places or len({len(index) for index, _ in places}) != 1:
        return False
    lanes = max(width for _, width in places)
    for axis, terms in enumerate(zip(*(index for index, _ in places), strict=True)):
        stride = coefficient(terms[0], loop.var)
        needed = lanes if axis == len(places[0][0]) - 1 else 1
        if len(set(terms)) == 1 and stride is not None and abs(stride) >= needed:
            return True
    return False


def _accesses(
    body: tuple[Stmt, ...], name: str
) -> Iterator[tuple[tuple[Expr, ...], int]]:
    for stmt in walk(body):
        if isinstance(stmt, Store) and stmt.buffer.name == name:
            yield stmt.index, stmt.value.lanes
        if isinstance(stmt, Append) and name in {b.name for b, _ in stmt.values}:
            yield (), 1
        for expr in expressions(stmt):
            for part in parts(expr):
                if isinstance(part, Load) and part.buffer.name == name:
                    yield part.index, part.lanes


def coefficient(expr: Expr, var: str) -> int | None:
    """By how much an index grows when `var` grows by one; None when it varies."""
    match expr:
        case Var(name):
            return int(name == var)
        case Op("add", (left, right)):
            one, two = coefficient(left, var), coefficient(right, var)
            return None if one is None or two is None else one + two
        case Op("mul", (left, Const(value))):
            inside = coefficient(left, var)
            return None if inside is None else inside * int(value)
        case _:
            return None if Var(var) in parts(expr) else 0
