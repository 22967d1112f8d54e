"""Products and sums rounded apart, for processors without fused multiply-add."""

from dataclasses import replace

from mirada.compiler.expression import rebuild
from mirada.compiler.ir import Expr, Kernel, Op
from mirada.compiler.passes.rewrite import rewrite, transform

__all__ = ["unfused"]


def unfused(kernel: Kernel) -> Kernel:
    """The kernel with every fused multiply-add as a product and then a sum.

    Where the processor has none, one costs some forty instructions to compute with a
    single rounding. Two roundings a term are within the bounds that a sum of products
    has anyway, but no longer the same bits.
    """
    return replace(kernel, body=rewrite(kernel.body, _apart))


def _apart(expr: Expr) -> Expr | None:
    if not (isinstance(expr, Op) and expr.name == "fma"):
        return None
    left, right, more = (transform(arg, _apart) for arg in expr.args)
    return rebuild("add", (rebuild("mul", (left, right)), more))
