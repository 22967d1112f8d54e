"""Printed C and interpreter agree bit for bit, on every operation and statement."""

from pathlib import Path

import numpy as np
import pytest

from mirada.compiler.expression import add, greater, load, mul, number, rebuild
from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import (
    Append,
    Argument,
    Buffer,
    Const,
    Convert,
    Count,
    Counter,
    Expr,
    For,
    Get,
    Kernel,
    Let,
    Load,
    Register,
    Reset,
    Set,
    Splat,
    Stmt,
    Store,
    Total,
    Var,
)
from mirada.compiler.verify import verify
from tests.compiled import TARGETS, Compiled
from tests.compiler.c99.printed import Printed
from tests.compiler.test_llvm import (
    LENGTH,
    conversions,
    lists,
    numbers,
    operations,
    same_bits,
    vectors,
)

MADE = {
    "operations": operations,
    "conversions": conversions,
    "vectors": vectors,
    "lists": lists,
}


def agree(kernels: dict[str, Kernel], folder: Path, options: tuple[str, ...]) -> None:
    """Passes when C, machine code and interpreter leave the same bits."""
    printed = Printed(kernels, folder, options)
    compiled = Compiled(kernels, TARGETS["host"])
    noise = np.random.default_rng(1)
    for name, kernel in kernels.items():
        verify(kernel)
        given = {b.name: numbers(b.kind, noise) for b in kernel.buffers}
        plain, machine = ({n: a.copy() for n, a in given.items()} for _ in "ab")
        printed(name, given)
        interpret(kernel, plain)
        compiled(name, machine)
        for buffer in given:
            for other in (plain, machine):
                try:
                    same_bits(given[buffer], other[buffer])
                except AssertionError as error:
                    raise AssertionError(f"{name} differs in {buffer}") from error


@pytest.mark.parametrize("which", MADE)
def test_the_same_bits(which: str, tmp_path: Path) -> None:
    agree(dict(MADE[which]()), tmp_path, ("-O2",))


# What statements do to each other --------------------------------------------------

X, Y = Buffer("x", (LENGTH,)), Buffer("y", (LENGTH,))
V, W = Register("v", lanes=4), Register("w", lanes=4)
LIST, N = Buffer("list", (80,), "i32", 0, 0, 200), Counter("n", 64)


def at(start: int, buffer: Buffer = X) -> Load:
    return Load(buffer, (Const(start),), 4)


def into(start: int, value: Expr) -> Store:
    return Store(X, (Const(start),), value)


def grown(*body: Stmt) -> Kernel:
    """Kernels with a list, which is emptied first."""
    return Kernel("k", (), (X, Y), (Reset(N), *body), (), (LIST,))


def kernel(*body: Stmt) -> Kernel:
    return Kernel("k", (), (X, Y), body)


def zipped(high: bool) -> Expr:
    return rebuild("zip_high" if high else "zip_low", (Get(V), Get(W)))


ANY = number(0.25)
ONE, SIX = Register("one"), Register("six", "i64", low=0, high=9)
POSITIVE = greater(load(X, "i"), number(0.0))
WALK = Store(Y, (Var("j"),), Convert(load(LIST, "j"), "f32"))

STATEMENTS = {
    "a store over what it reads": kernel(into(1, at(0)), into(8, mul(at(9), at(6)))),
    "a zip of the register it sets": kernel(
        Let(V, at(0)),
        Let(W, at(4)),
        Set(V, zipped(False)),
        Set(W, zipped(True)),
        into(8, Get(V)),
        into(16, Get(W)),
    ),
    "a zip of loads": kernel(into(0, rebuild("zip_high", (at(0, Y), at(6, Y))))),
    "a total of a sum": kernel(Store(X, (Const(3),), Total(add(at(0), at(2))))),
    "a total in every lane": kernel(into(0, mul(Splat(Total(at(0)), 4), at(0)))),
    "a loop that changes its own length": kernel(
        Let(SIX, Const(6)),
        For("i", Get(SIX), (Set(SIX, Const(2)), Store(Y, (Var("i"),), number(1.0)))),
    ),
    "a list that grows by what is in it": grown(
        For("i", 8, (Append(N, POSITIVE, ((LIST, Const(7, "i32")),)),)),
        For("i", 8, (Append(N, POSITIVE, ((LIST, load(LIST, "i")),)),)),
        For("i", 8, (Append(N, POSITIVE, ((LIST, Convert(Count(N), "i32")),)),)),
        For("j", Count(N), (WALK,)),
    ),
    "vectors that grow by how long the list is": grown(
        Append(
            N,
            greater(at(0), number(0.0, 4)),
            ((LIST, Convert(Splat(Count(N), 4), "i32")),),
        ),
        For("j", Count(N), (WALK,)),
    ),
    "bodies side by side": kernel(
        For("i", 2, (Let(ONE, load(X, "i")), Store(Y, (Var("i"),), Get(ONE)))),
        For("i", 3, (Let(Register("one", "i64"), add("i", 1)),)),
    ),
    "names that are alike": kernel(
        For("x", 3, (Let(Register("x"), load(X, "x")),)),
        For("y", 3, (Store(Y, (Var("y"),), number(2.0)),)),
    ),
    "another view": kernel(
        For("i", 4, (Store(X.view(4, 2, 8), load(X, "i", 1, 3).index, ANY),)),
        For("i", 4, (Store(X.view(2, 8, 4), load(X, 1, 2, "i").index, ANY),)),
        into(60, at(0)),
    ),
}


def test_statements(tmp_path: Path) -> None:
    agree(STATEMENTS, tmp_path, ("-O2",))


def test_tables_arguments_and_what_is_not_used(tmp_path: Path) -> None:
    table = Buffer("t", (2, 3))
    flat = Buffer("flat", (3,), "i32", 1, 0, 9)
    unused = Buffer("never", (2,))
    tables = (
        (table, (1.0, -0.5, 3e38, 0.1, -0.0, 7.0)),
        (flat, (1, 2, 3, 4)),
        (unused, (0.0, 0.0)),
    )
    body = (
        Let(Register("unread"), number(1.0)),
        For("i", Var("n"), (Store(Y, (Var("i"),), load(table, 1, "i")),)),
        Store(Y, (Const(9),), Convert(load(flat.flat(), 3), "f32")),
    )
    arguments = (Argument("n", 0, 3), Argument("other", 0, 1))
    whole = Kernel("k", arguments, (X, Y), body, tables)
    verify(whole)
    printed = Printed({"k": whole}, tmp_path, ("-O2",))
    for n in range(4):
        given = {b.name: np.full(LENGTH, 5, np.float32) for b in whole.buffers}
        plain = {name: array.copy() for name, array in given.items()}
        printed("k", given, n=n, other=1)
        interpret(whole, plain, n=n, other=1)
        assert given["y"].tobytes() == plain["y"].tobytes()
