"""Dealing a loop out: a kernel does a part of the turns, another call the next."""

from dataclasses import replace

from mirada.compiler.expression import add, minimum, mul
from mirada.compiler.ir import Argument, Const, Expr, For, Kernel, Load, Store, Var
from mirada.compiler.passes.rewrite import (
    expressions,
    parts,
    replace_loop,
    substitute,
    walk,
)
from mirada.compiler.passes.tile import fixed
from mirada.compiler.trace import recorded
from mirada.errors import InternalError

__all__ = ["deal"]

PART = "part"


@recorded
def deal(kernel: Kernel, var: str, count: int) -> Kernel:
    """`for v < n` runs part `part` of `count`, which the kernel is called with.

    Parts are of equal size. Where that does not divide n, the last part begins early
    and writes again what the one before it writes, the same bits; a kernel that adds to
    memory is refused then.
    """

    def cut(loop: For) -> tuple[For, ...]:
        extent = fixed(kernel, loop)
        size = -(-extent // count)
        start: Expr = mul(Var(PART), size)
        if size * count > extent:
            _check(kernel, var)
            start = minimum(start, Const(extent - size))
        at = add(start, Var(var))
        return (For(var, size, substitute(loop.body, {var: at})),)

    dealt = replace_loop(kernel, var, cut)
    argument = Argument(PART, 0, count - 1)
    return replace(dealt, arguments=(*kernel.arguments, argument))


def _check(kernel: Kernel, var: str) -> None:
    """Nothing that is written is read."""
    written, read = set(), set()
    for stmt in walk(kernel.body):
        if isinstance(stmt, Store):
            written.add(stmt.buffer.name)
        for expr in expressions(stmt):
            read |= {p.buffer.name for p in parts(expr) if isinstance(p, Load)}
    shared = written & read - {buffer.name for buffer in kernel.scratch}
    if shared:
        raise InternalError(
            "pass-deal",
            "Loop {var!r} of kernel {kernel!r} cannot be dealt out in unequal parts: "
            "{names} is read and written. Report this.",
            var=var,
            kernel=kernel.name,
            names=", ".join(sorted(shared)),
        )
