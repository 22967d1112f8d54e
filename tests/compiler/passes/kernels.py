"""Small kernels that passes are tried on, and what "the same meaning" is."""

from collections.abc import Callable

import numpy as np
from hypothesis import strategies as st

from mirada.compiler.expression import (
    add,
    divide,
    fma,
    greater,
    load,
    mul,
    number,
    select,
    sub,
)
from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import (
    Buffer,
    Convert,
    For,
    Get,
    Kernel,
    Let,
    Register,
    Set,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.layout import loops
from mirada.compiler.verify import verify
from tests.compiled import arrays_for

__all__ = ["DRAWN", "Maker", "copied", "image", "keeps_meaning", "product", "sums"]

Maker = Callable[[int, int, int], Kernel]


def keeps_meaning(before: Kernel, after: Kernel, seed: int = 0) -> None:
    """Passes when both leave the same bits in every buffer they were called with.

    Arguments are as high as they may be, or 5.
    """
    verify(before)
    verify(after)
    assert before.buffers == after.buffers and before.arguments == after.arguments
    arguments = {each.name: min(each.high, 5) for each in before.arguments}
    given = arrays_for(before, np.random.default_rng(seed))
    found = {name: array.copy() for name, array in given.items()}
    interpret(before, given, **arguments)
    interpret(after, found, **arguments)
    for name, array in given.items():
        assert array.tobytes() == found[name].tobytes(), name


def product(rows: int, columns: int, depth: int) -> Kernel:
    """c[i, j] = b[j] + sum over k of x[i, k] * w[k, j]."""
    x, w = Buffer("x", (rows, depth)), Buffer("w", (depth, columns))
    b, c = Buffer("b", (columns,)), Buffer("c", (rows, columns))
    acc = Register("acc")
    step = fma(load(x, "i", "k"), load(w, "k", "j"), Get(acc))
    inner: tuple[Stmt, ...] = (
        Let(acc, load(b, "j")),
        For("k", depth, (Set(acc, step),)),
        Store(c, (Var("i"), Var("j")), Get(acc)),
    )
    body = loops(inner, ("i", rows), ("j", columns))
    return Kernel("product", (), (x, w, b, c), body)


def image(rows: int, columns: int, taps: int) -> Kernel:
    """A window of taps along each row, divided where it is positive."""
    x, w = Buffer("x", (rows, columns + taps - 1)), Buffer("w", (taps,))
    y, scale = Buffer("y", (rows, columns)), Buffer("scale", (rows,))
    total, value = Register("total"), Register("value")
    step = add(Get(total), mul(load(x, "i", add("j", Var("k"))), load(w, "k")))
    positive = greater(Get(value), number(0.0))
    result = select(positive, divide(Get(value), load(scale, "i")), Get(value))
    inner: tuple[Stmt, ...] = (
        Let(total, number(0.0)),
        For("k", taps, (Set(total, step),)),
        Let(value, sub(Get(total), Convert(Var("j"), "f32"))),
        Store(y, (Var("i"), Var("j")), result),
    )
    return Kernel(
        "image", (), (x, w, scale, y), loops(inner, ("i", rows), ("j", columns))
    )


def copied(rows: int, columns: int, depth: int) -> Kernel:
    """y[k, i, j] = 2 x[i, j]."""
    x, y = Buffer("x", (rows, columns)), Buffer("y", (depth, rows, columns))
    place = (Var("k"), Var("i"), Var("j"))
    twice = mul(load(x, "i", "j"), number(2.0))
    nest = (("i", rows), ("k", depth), ("j", columns))
    return Kernel("copied", (), (x, y), loops((Store(y, place, twice),), *nest))


def sums(rows: int, columns: int, depth: int) -> Kernel:
    """y[i, j] += x[k, j], one k after another."""
    x, y = Buffer("x", (depth, columns)), Buffer("y", (rows, columns))
    place = (Var("i"), Var("j"))
    more = add(load(y, *place), load(x, "k", "j"))
    nest = (("i", rows), ("k", depth), ("j", columns))
    return Kernel("sums", (), (x, y), loops((Store(y, place, more),), *nest))


DRAWN = st.builds(
    lambda maker, rows, columns, depth: maker(rows, columns, depth),
    st.sampled_from((product, image, copied, sums)),
    st.integers(1, 4),
    st.integers(1, 11),
    st.integers(1, 3),
)
"""Kernels with loops i, j and k."""
