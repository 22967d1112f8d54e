"""Unroll and jam: the turns of a loop run side by side through its inner loops.

    for i < 2                       a0 = b[0]; a1 = b[1]
      a = b[i]                      for k
      for k                 ->        a0 += x[0, k] * w[k]
        a += x[i, k] * w[k]           a1 += x[1, k] * w[k]
      y[i] = a                      y[0] = a0; y[1] = a1

This is how accumulators come to lie in registers. It is legal where no statement of
one turn feeds a part that another turn now runs before it; that is checked.
"""

from dataclasses import replace
from itertools import combinations, groupby

from mirada.compiler.ir import (
    Append,
    Count,
    For,
    Get,
    Kernel,
    Load,
    Reset,
    Set,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.passes.access import apart
from mirada.compiler.passes.rewrite import (
    declared,
    expressions,
    parts,
    replace_loop,
    substitute,
    walk,
)
from mirada.compiler.passes.tile import fixed, turned
from mirada.compiler.trace import recorded
from mirada.errors import InternalError

__all__ = ["jam"]


@recorded
def jam(kernel: Kernel, var: str) -> Kernel:
    """The loop unrolled, its inner loops merged turn by turn."""

    def merge(loop: For) -> tuple[Stmt, ...]:
        _check(kernel, loop)
        turns = range(fixed(kernel, loop))
        return _side_by_side(kernel, var, [turned(loop, turn) for turn in turns])

    return replace_loop(kernel, var, merge)


def _pieces(body: tuple[Stmt, ...]) -> list[tuple[Stmt, ...]]:
    """The body cut into single loops and runs of other statements."""
    runs = groupby(enumerate(body), key=lambda item: _cut(*item))
    return [tuple(stmt for _, stmt in run) for _, run in runs]


def _cut(place: int, stmt: Stmt) -> int:
    return place if isinstance(stmt, For) else -1


def _side_by_side(
    kernel: Kernel, var: str, copies: list[tuple[Stmt, ...]]
) -> tuple[Stmt, ...]:
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
            if inner.extent != first.extent:
                raise InternalError(
                    "pass-jam-length",
                    "Loop {var!r} of kernel {kernel!r} cannot be jammed: its inner "
                    "loop {inner!r} turns more often in one turn than in another. "
                    "Report this.",
                    var=var,
                    kernel=kernel.name,
                    inner=first.var,
                )
            bodies.append(_renamed(inner, first.var))
        merged.append(replace(first, body=_side_by_side(kernel, var, bodies)))
    return tuple(merged)


def _renamed(loop: For, var: str) -> tuple[Stmt, ...]:
    return substitute(loop.body, {loop.var: Var(var)})


def _check(kernel: Kernel, loop: For) -> None:
    """No part of a turn writes what another part of another turn reads or writes.

    Nor what the same part does, where that is a loop: the turns alternate inside it.
    """
    own = declared(loop.body)
    shared = [_touched(piece, own) for piece in _pieces(loop.body)]
    alone = [_touched((stmt,), own) for stmt in loop.body if isinstance(stmt, For)]
    pairs = [*combinations(shared, 2), *zip(alone, alone, strict=True)]
    for (reads, writes), (other_reads, other_writes) in pairs:
        clash = (writes & (other_reads | other_writes)) | (reads & other_writes)
        clash = {name for name in clash if not apart(loop, name)}
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
                elif isinstance(part, Count):
                    reads.add(part.counter.name)
                elif isinstance(part, Get) and part.register.name not in own:
                    reads.add(part.register.name)
        match stmt:
            case Store(buffer):
                writes.add(buffer.name)
            case Set(register) if register.name not in own:
                writes.add(register.name)
            case Reset(counter):
                writes.add(counter.name)
            case Append(counter, _, values):
                writes |= {counter.name, *(buffer.name for buffer, _ in values)}
    return reads, writes
