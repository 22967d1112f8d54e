"""Cutting a loop into pieces, and writing its turns out."""

from mirada.compiler.expression import add, mul
from mirada.compiler.ir import Const, For, Kernel, Stmt, Var
from mirada.compiler.passes.rewrite import rename, replace_loop, substitute
from mirada.compiler.trace import recorded
from mirada.errors import InternalError

__all__ = ["fixed", "tile", "turned", "unroll"]


@recorded
def tile(kernel: Kernel, var: str, size: int) -> Kernel:
    """`for v < n` becomes `for v.tile < n/size: for v.in < size`, then the rest.

    The rest, where `size` does not divide n, is a loop `v.in` of its own.
    """

    def cut(loop: For) -> tuple[Stmt, ...]:
        extent = fixed(kernel, loop)
        whole, rest = divmod(extent, size)
        outer, inner = f"{var}.tile", f"{var}.in"
        pieces: list[Stmt] = []
        if whole:
            at = add(mul(Var(outer), size), Var(inner))
            inside = For(inner, size, substitute(loop.body, {var: at}))
            one = substitute((inside,), {outer: Const(0)})
            pieces += one if whole == 1 else [For(outer, whole, (inside,))]
        if rest:
            at = add(Var(inner), whole * size)
            inside = For(inner, rest, substitute(loop.body, {var: at}))
            pieces += rename((inside,), ".rest") if whole else [inside]
        return tuple(pieces)

    return replace_loop(kernel, var, cut)


@recorded
def unroll(kernel: Kernel, var: str) -> Kernel:
    """The turns of a loop one after another."""

    def write_out(loop: For) -> tuple[Stmt, ...]:
        extent = fixed(kernel, loop)
        return tuple(stmt for turn in range(extent) for stmt in turned(loop, turn))

    return replace_loop(kernel, var, write_out)


def turned(loop: For, turn: int) -> tuple[Stmt, ...]:
    """One turn of a loop with names of its own."""
    body = substitute(loop.body, {loop.var: Const(turn)})
    return rename(body, f".{turn}")


def fixed(kernel: Kernel, loop: For) -> int:
    """The extent of a loop that does not vary."""
    if isinstance(loop.extent, int):
        return loop.extent
    raise InternalError(
        "pass-varying-loop",
        "Loop {var!r} of kernel {kernel!r} has no fixed number of turns. Report this.",
        var=loop.var,
        kernel=kernel.name,
    )
