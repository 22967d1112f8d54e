"""Short ways to write expressions; constants are folded as they are built."""

from collections.abc import Callable, Mapping

from mirada.compiler.ir import (
    Buffer,
    Const,
    Expr,
    Load,
    Op,
    Splat,
    Var,
)
from mirada.errors import InternalError

__all__ = [
    "MIXED",
    "add",
    "both",
    "divide",
    "dot2",
    "equal",
    "floor",
    "fma",
    "greater",
    "index",
    "less",
    "load",
    "maximum",
    "minimum",
    "mul",
    "number",
    "pair",
    "rebuild",
    "select",
    "splat",
    "sqrt",
    "sub",
]

_COMPARISONS = ("lt", "gt", "eq", "ge")

# Numbers of half the bits (bfloat16: the upper half of a float32) lie two in a u32, the
# first one in its lower half. Where one is too small to be normal it counts as 0.
#   pair(a, b)        a and b rounded to the nearest of them, ties to even.
#   dot2(sum, x, y)   (sum + x1 y1) + x0 y0, each of both steps rounded once, to the
#                     nearest float32; 0 where that is too small to be normal.
MIXED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "dot2": (("f32", "u32", "u32"), "f32"),
    "pair": (("f32", "f32"), "u32"),
}
"""Operations on different kinds: those of the arguments, and of the result."""
_FOLD: Mapping[str, Callable[[int, int], int]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "min": min,
    "max": max,
}

Term = Expr | int | str


def index(term: Term) -> Expr:
    """A loop variable by its name, a constant, or the expression itself."""
    if isinstance(term, str):
        return Var(term)
    return Const(term) if isinstance(term, int) else term


def number(value: float, lanes: int = 1) -> Const:
    """A float32 constant."""
    return Const(float(value), "f32", lanes)


def load(buffer: Buffer, *terms: Term) -> Load:
    """One element of a buffer."""
    return Load(buffer, tuple(map(index, terms)))


def splat(value: Expr, lanes: int) -> Expr:
    """The scalar in every lane; a vector stays what it is."""
    if lanes == 1 or value.lanes == lanes:
        return value
    if isinstance(value, Const):
        return Const(value.value, value.kind, lanes)
    return Splat(value, lanes)


def rebuild(name: str, args: tuple[Expr, ...]) -> Expr:
    """The operation on these arguments, scalars spread, whole constants folded."""
    lanes = max(arg.lanes for arg in args)
    args = tuple(splat(arg, lanes) for arg in args)
    if len(args) == 2 and name in _FOLD:
        folded = _fold(name, *args)
        if folded is not None:
            return folded
    if name in MIXED:
        return Op(name, args, MIXED[name][1], lanes)
    if name == "select":
        kind = args[1].kind
    else:
        kind = "bool" if name in _COMPARISONS else args[0].kind
    if any(arg.kind != args[-1].kind for arg in args[(name == "select") :]):
        raise InternalError(
            "ir-kinds",
            "Operation {name!r} is given {kinds}; it takes one kind. Report this.",
            name=name,
            kinds=", ".join(arg.kind for arg in args),
        )
    return Op(name, args, kind, lanes)


def _fold(name: str, left: Expr, right: Expr) -> Expr | None:
    whole = left.kind in ("i64", "i32")
    if not whole:
        return None
    if isinstance(left, Const) and isinstance(right, Const):
        value = _FOLD[name](int(left.value), int(right.value))
        return Const(value, left.kind, left.lanes)
    zero, one = (Const(value, left.kind, left.lanes) for value in (0, 1))
    if name in ("add", "sub") and right == zero:
        return left
    if name == "add" and left == zero:
        return right
    if name == "mul" and zero in (left, right):
        return zero
    if name == "mul" and one in (left, right):
        return left if right == one else right
    return None


def add(left: Term, *more: Term) -> Expr:
    """The sum, from left to right."""
    total = index(left)
    for term in more:
        total = rebuild("add", (total, index(term)))
    return total


def sub(left: Term, right: Term) -> Expr:
    """Left - right."""
    return rebuild("sub", (index(left), index(right)))


def mul(left: Term, right: Term) -> Expr:
    """Left * right."""
    return rebuild("mul", (index(left), index(right)))


def divide(left: Expr, right: Expr) -> Expr:
    """Left / right, of floats."""
    return rebuild("div", (left, right))


def fma(left: Expr, right: Expr, more: Expr) -> Expr:
    """Left * right + more with one rounding."""
    return rebuild("fma", (left, right, more))


def minimum(left: Expr, right: Expr) -> Expr:
    """The smaller one; `right` where they do not compare."""
    return rebuild("min", (left, right))


def maximum(left: Expr, right: Expr) -> Expr:
    """The larger one; `right` where they do not compare."""
    return rebuild("max", (left, right))


def less(left: Expr, right: Expr) -> Expr:
    """Left < right."""
    return rebuild("lt", (left, right))


def greater(left: Expr, right: Expr) -> Expr:
    """Left > right."""
    return rebuild("gt", (left, right))


def equal(left: Expr, right: Expr) -> Expr:
    """Left == right."""
    return rebuild("eq", (left, right))


def both(left: Expr, right: Expr) -> Expr:
    """Left and right, bit by bit."""
    return rebuild("and", (left, right))


def select(where: Expr, yes: Expr, no: Expr) -> Expr:
    """`yes` where the condition holds, else `no`."""
    return rebuild("select", (where, yes, no))


def sqrt(value: Expr) -> Expr:
    """The square root."""
    return rebuild("sqrt", (value,))


def floor(value: Expr) -> Expr:
    """The largest whole number not above the value."""
    return rebuild("floor", (value,))


def dot2(total: Expr, left: Expr, right: Expr) -> Expr:
    """The total plus the products of two pairs of bfloat16 numbers: see `MIXED`."""
    return rebuild("dot2", (total, left, right))


def pair(first: Expr, second: Expr) -> Expr:
    """Two numbers as bfloat16 in one word, the first one lower: see `MIXED`."""
    return rebuild("pair", (first, second))
