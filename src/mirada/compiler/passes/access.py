"""Which elements the turns of a loop touch, and whether two of them touch the same."""

from collections.abc import Iterator

from mirada.compiler.ir import Append, Const, Expr, For, Get, Load, Op, Stmt, Store, Var
from mirada.compiler.passes.rewrite import declared, expressions, parts, walk

__all__ = ["accesses", "apart", "coefficient"]


def accesses(
    body: tuple[Stmt, ...], name: str
) -> Iterator[tuple[tuple[Expr, ...], int]]:
    """Where the statements read or write a buffer, and how many lanes; lists as ()."""
    for stmt in walk(body):
        if isinstance(stmt, Store) and stmt.buffer.name == name:
            yield stmt.index, stmt.value.lanes
        if isinstance(stmt, Append) and name in {b.name for b, _ in stmt.values}:
            yield (), 1
        for expr in expressions(stmt):
            for part in parts(expr):
                if isinstance(part, Load) and part.buffer.name == name:
                    yield part.index, part.lanes


def apart(loop: For, name: str) -> bool:
    """Whether every turn touches elements of the buffer that no other turn does.

    So it is when all its accesses have, on one axis, the same index that moves with
    the loop alone: by at least a vector on the last axis, by at least one elsewhere.
    """
    places = [*accesses(loop.body, name)]
    if not places or len({len(index) for index, _ in places}) != 1:
        return False
    lanes = max(width for _, width in places)
    for axis, terms in enumerate(zip(*(index for index, _ in places), strict=True)):
        stride = coefficient(terms[0], loop.var)
        needed = lanes if axis == len(places[0][0]) - 1 else 1
        alike = len(set(terms)) == 1 and not _moves_inside(loop, terms[0])
        if alike and stride is not None and abs(stride) >= needed:
            return True
    return False


def _moves_inside(loop: For, expr: Expr) -> bool:
    """Whether an index changes within one turn of the loop."""
    inner = {stmt.var for stmt in walk(loop.body) if isinstance(stmt, For)}
    own = declared(loop.body)
    return any(
        (isinstance(part, Var) and part.name in inner)
        or (isinstance(part, Get) and part.register.name in own)
        for part in parts(expr)
    )


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
