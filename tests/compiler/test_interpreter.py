from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mirada.compiler.expression import add, fma, greater, load, mul, number
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
    Iota,
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

X, Y = Buffer("x", (8,)), Buffer("y", (8,))


def run(*body: Stmt, **arguments: int) -> np.ndarray:
    """What the statements leave in y, with 1, 2, ... 8 in x."""
    given = tuple(Argument(name, value, value) for name, value in arguments.items())
    y = np.zeros(8, np.float32)
    x = np.arange(1, 9, dtype=np.float32)
    interpret(Kernel("tried", given, (X, Y), body), {"x": x, "y": y}, **arguments)
    return y


def to(place: int, value: Expr, active: int = 0) -> Store:
    return Store(Y, (Const(place),), value, active)


def test_a_loop_turns_as_often_as_an_argument_says() -> None:
    turn = Store(Y, (Var("i"),), mul(load(X, "i"), number(2.0)))
    assert run(For("i", Var("n"), (turn,)), n=3).tolist() == [2, 4, 6, 0, 0, 0, 0, 0]


def test_a_register_keeps_its_value_until_it_is_set() -> None:
    s = Register("s")
    sum_up = For("i", 4, (Set(s, add(Get(s), load(X, "i"))),))
    assert run(Let(s, number(0.5)), sum_up, to(0, Get(s)))[0] == 10.5


def test_masked_lanes_read_zero_and_write_nothing() -> None:
    some = Load(X, (Const(6),), 4, 2)
    assert run(to(0, some)).tolist() == [7, 8, 0, 0, 0, 0, 0, 0]
    whole = Load(X, (Const(0),), 4)
    assert run(to(4, whole, 3)).tolist() == [0, 0, 0, 0, 1, 2, 3, 0]


def test_an_append_keeps_the_order_of_the_lanes() -> None:
    n, kept = Counter("n", 8), Buffer("kept", (12,))
    scratch = Kernel(
        "kept",
        (),
        (X, Y),
        (
            Reset(n),
            For("v", 2, (_append(n, kept),)),
            For("i", Count(n), (Store(Y, (Var("i"),), load(kept, "i")),)),
        ),
        (),
        (kept,),
    )
    x = np.array([3, -1, 2, 0, -5, 7, 1, -2], np.float32)
    y = np.full(8, 9, np.float32)
    interpret(scratch, {"x": x, "y": y})
    assert y.tolist() == [3, 2, 7, 1, 9, 9, 9, 9]


def _append(n: Counter, kept: Buffer) -> Append:
    vector = Load(X, (mul("v", 4),), 4)
    return Append(n, greater(vector, number(0.0, 4)), ((kept, vector),))


def test_a_total_adds_the_upper_half_to_the_lower() -> None:
    """((x0 + x4) + (x2 + x6)) + ...: 1e8 and 1 meet in another order than in a row."""
    big = np.array([1e8, 1, 1, 1, -1e8, 1, 1, 1], np.float32)
    kernel = Kernel("total", (), (X, Y), (to(0, Total(Load(X, (Const(0),), 8))),))
    y = np.zeros(8, np.float32)
    interpret(kernel, {"x": big, "y": y})
    assert y[0] == 6
    assert np.add.accumulate(big)[-1] == 3


def test_lanes_are_numbered_and_spread() -> None:
    numbers = Convert(add(Iota(4), Const(3, "i32", 4)), "f32")
    spread = Splat(load(X, 1), 4)
    assert run(to(0, numbers), to(4, spread)).tolist() == [3, 4, 5, 6, 2, 2, 2, 2]


def test_a_table_and_scratch_belong_to_the_kernel() -> None:
    table, own = Buffer("t", (3,)), Buffer("own", (3,))
    copy = For("i", 3, (Store(own, (Var("i"),), load(table, "i")),))
    back = For("j", 3, (Store(Y, (Var("j"),), load(own, "j")),))
    kernel = Kernel("k", (), (X, Y), (copy, back), ((table, (5.0, 6.0, 7.0)),), (own,))
    y = np.zeros(8, np.float32)
    interpret(kernel, {"x": np.zeros(8, np.float32), "y": y})
    assert y.tolist() == [5, 6, 7, 0, 0, 0, 0, 0]


FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)


def fused(a: float, b: float, c: float) -> np.float32:
    x = np.array([a, b, c, 0, 0, 0, 0, 0], np.float32)
    y = np.zeros(8, np.float32)
    body = (to(0, fma(load(X, 0), load(X, 1), load(X, 2))),)
    interpret(Kernel("fma", (), (X, Y), body), {"x": x, "y": y})
    return np.float32(y[0])


@given(FLOATS, FLOATS, FLOATS)
def test_a_fused_multiply_add_rounds_once(a: float, b: float, c: float) -> None:
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    found = fused(a, b, c)
    if not np.isfinite(found):
        assert abs(exact) > Fraction(float(np.finfo(np.float32).max))
        return
    around = [np.nextafter(found, np.float32(s), dtype=np.float32) for s in (-9e9, 9e9)]
    off = abs(Fraction(float(found)) - exact)
    for other in around:
        assert off <= abs(Fraction(float(other)) - exact)


def test_a_tie_that_float64_would_make_is_not_one() -> None:
    """(1 + a)(1 - a + a**2) = 1 + a**3, which float64 loses beside 2**24."""
    a = 2.0**-11
    one, other = np.float32(1 + a), np.float32(1 - a + a * a)
    naive = np.float64(one) * np.float64(other) + 2.0**24
    assert np.float32(naive) == 2.0**24
    assert fused(float(one), float(other), 2.0**24) == 2.0**24 + 2
