"""Products of pairs: what holds words, and what is refused."""

import pytest

from mirada.compiler.expression import add, fma, load, number, rebuild, select
from mirada.compiler.ir import (
    Buffer,
    Const,
    For,
    Get,
    Kernel,
    Let,
    Load,
    Op,
    Register,
    Set,
    Stmt,
    Store,
)
from mirada.compiler.passes import paired
from mirada.compiler.passes.rewrite import walk
from mirada.compiler.verify import verify
from mirada.errors import InternalError
from tests.refusal import refuses

X, W, Y = Buffer("x", (8,)), Buffer("w", (8,)), Buffer("y", (8,))
NEAR = Buffer("near", (8,))
ACC, HELD = Register("acc"), Register("held")


def product(*before: For) -> Kernel:
    """Sums of x w, with w in a register on its way."""
    step: tuple[Stmt, ...] = (
        Let(HELD, load(W, "i")),
        Set(ACC, fma(load(X, "i"), Get(HELD), Get(ACC))),
    )
    end = Store(Y, (Const(0),), Get(ACC))
    body: tuple[Stmt, ...] = (*before, Let(ACC, number(0.0)), For("i", 8, step), end)
    return Kernel("sum", (), (X, W, Y), body, (), (NEAR,))


def test_products_become_products_of_pairs() -> None:
    made = paired(product(), "x", "w")
    verify(made)
    assert [b.kind for b in made.buffers] == ["u32", "u32", "f32"]
    names = [
        stmt.value.name
        for stmt in walk(made.body)
        if isinstance(stmt, Set) and isinstance(stmt.value, Op)
    ]
    assert names == ["dot2"]


def test_words_are_followed_to_where_they_go() -> None:
    moved = For("k", 8, (Store(NEAR, (Const(0),), load(X, "k")),))
    made = paired(product(moved), "x", "w")
    verify(made)
    assert made.scratch[0].kind == "u32"


def test_zeros_among_words_are_words() -> None:
    lanes = 4
    vector = Load(X, (Const(0),), lanes)
    zipped = rebuild("zip_low", (vector, number(0.0, lanes)))
    some = select(Const(True, "bool", lanes), number(0.0, lanes), zipped)
    body = (Store(NEAR, (Const(0),), some),)
    made = paired(Kernel("move", (), (X, NEAR), body), "x")
    verify(made)
    assert [b.kind for b in made.buffers] == ["u32", "u32"]


@pytest.mark.parametrize("name", ["x", "w"])
def test_pairs_times_single_numbers_are_refused(name: str) -> None:
    with refuses(InternalError, "pass-paired", "'sum' multiplies pairs of numbers"):
        paired(product(), name)


def test_words_are_not_added() -> None:
    body = (Store(Y, (Const(0),), add(load(X, 0), load(Y, 0))),)
    with refuses(InternalError, "ir-kinds", "is given u32, f32"):
        paired(Kernel("sum", (), (X, Y), body), "x")
