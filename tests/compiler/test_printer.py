import pytest

from mirada.compiler.expression import add, fma, load, mul, number, rebuild, select
from mirada.compiler.ir import (
    Append,
    Argument,
    Bits,
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
    Store,
    Total,
    Var,
)
from mirada.compiler.printer import expression_text, kernel_text
from mirada.compiler.verify import RULES

X, AT = Buffer("x", (2, 8), slack=4), Buffer("at", (8,), "i32", 0, -1, 7)
N, S = Counter("n", 8), Register("s", lanes=4)
ONE = Buffer("one", (1,))

WHOLE = """\
kernel all(count: 0..4, x: f32[2,8]+4, at: i32[8] -1..7)
  scratch one: f32[1]
  table t: f32[3] = 1, 2.5, -0
  table long: f32[9] = 0, 1, 2, 3, 4, 5, 6, 7, ...
  empty n
  for i < count
    let s: f32x4 = x[i, 0 :4]
    s = fma(s, s, 1x4)
    x[i, 4 :3] = s
    where (at[i] > 0) append n: at << at[i], one << x[i, 0]
  for j < #n
    let best: i32 = 0
    x[0, j] = total(s)"""


def test_a_whole_kernel() -> None:
    vector = Load(X, (Var("i"), Const(0)), 4)
    some = rebuild("gt", (load(AT, "i"), Const(0, "i32")))
    items = ((AT, load(AT, "i")), (ONE, load(X, "i", 0)))
    first = (
        Let(S, vector),
        Set(S, fma(Get(S), Get(S), number(1.0, 4))),
        Store(X, (Var("i"), Const(4)), Get(S), 3),
        Append(N, some, items),
    )
    second = (
        Let(Register("best", "i32"), Const(0, "i32")),
        Store(X, (Const(0), Var("j")), Total(Get(S))),
    )
    loops = (For("i", Var("count"), first), For("j", Count(N), second))
    long = tuple(float(i) for i in range(9))
    tables = (
        (Buffer("t", (3,)), (1.0, 2.5, -0.0)),
        (Buffer("long", (9,)), long),
    )
    kernel = Kernel(
        "all", (Argument("count", 0, 4),), (X, AT), (Reset(N), *loops), tables, (ONE,)
    )
    assert kernel_text(kernel) == WHOLE


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (number(0.1, 8), "0.1x8"),
        (Const(True, "bool"), "True"),
        (Splat(load(X, 0, 1), 4), "x[0, 1]x4"),
        (Load(X, (Const(0), Const(1)), 4, 3), "x[0, 1 :3]"),
        (Iota(4), "iota4"),
        (Convert(Var("i"), "f32"), "f32(i)"),
        (Bits(number(1.0), "i32"), "bits_i32(1)"),
        (Count(N), "#n"),
        (mul(add("i", 2), "j"), "((i + 2) * j)"),
        (select(Const(True, "bool"), Var("i"), Var("j")), "select(True, i, j)"),
    ],
)
def test_every_expression(expr: Expr, text: str) -> None:
    assert expression_text(expr) == text


def test_every_operation_prints_differently() -> None:
    """A sign or a name of its own for each."""
    made = [rebuild(name, (Var("a"),) * count) for name, (count, _) in RULES.items()]
    assert len({expression_text(expr) for expr in made}) == len(RULES)
