"""Indices taken apart: what varies, times whole numbers, and a constant.

Unrolled kernels touch many elements that lie a fixed distance apart. The part of an
address that varies is computed once for all of them, which keeps LLVM's text short.
"""

from collections.abc import Collection, Iterable
from math import prod

from mirada.compiler.ir import Buffer, Const, Count, Expr, Get, Load, Op, Var
from mirada.compiler.passes.rewrite import parts

__all__ = ["Linear", "linear"]


class Linear:
    """A sum of expressions times whole numbers, and a constant.

    `steady` says whether its expressions keep their values in the body where it is.
    """

    def __init__(self) -> None:
        self.terms: dict[Expr, int] = {}
        self.constant = 0
        self.steady = True

    @property
    def key(self) -> Iterable[tuple[Expr, int]]:
        """What varies, as something to look up."""
        return tuple(self.terms.items())


def linear(
    buffer: Buffer, index: tuple[Expr, ...], changing: Collection[str]
) -> Linear:
    """The element that an index means; `changing` names registers set more than once.

    >>> x = Buffer("x", (4, 8))
    >>> found = linear(x, (Var("i"), Const(3)), ())
    >>> found.terms, found.constant
    ({Var(name='i', kind='i64', lanes=1): 8}, 3)
    """
    found = Linear()
    for axis, term in enumerate(index):
        _add(found, term, prod(buffer.shape[axis + 1 :]), changing)
    return found


def _add(found: Linear, expr: Expr, times: int, changing: Collection[str]) -> None:
    match expr:
        case Const(value):
            found.constant += int(value) * times
        case Op("add", (left, right)):
            _add(found, left, times, changing)
            _add(found, right, times, changing)
        case Op("sub", (left, right)):
            _add(found, left, times, changing)
            _add(found, right, -times, changing)
        case Op("mul", (inner, Const(value))) | Op("mul", (Const(value), inner)):
            _add(found, inner, times * int(value), changing)
        case _:
            found.terms[expr] = found.terms.get(expr, 0) + times
            found.steady = found.steady and _steady(expr, changing)


def _steady(expr: Expr, changing: Collection[str]) -> bool:
    if isinstance(expr, Var):
        return True
    return not any(
        isinstance(part, Load | Count)
        or (isinstance(part, Get) and part.register.name in changing)
        for part in parts(expr)
    )
