import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.compiler.expression import (
    add,
    both,
    divide,
    equal,
    floor,
    fma,
    greater,
    index,
    less,
    load,
    maximum,
    minimum,
    mul,
    number,
    rebuild,
    select,
    splat,
    sqrt,
    sub,
)
from mirada.compiler.ir import Buffer, Const, Expr, Load, Op, Splat, Var
from mirada.compiler.printer import expression_text
from mirada.errors import InternalError
from tests.refusal import refuses

X = Buffer("x", (4, 4))


def test_names_and_numbers_are_indices() -> None:
    assert index("i") == Var("i") and index(3) == Const(3)
    assert load(X, "i", 3) == Load(X, (Var("i"), Const(3)))


@given(st.integers(-99, 99), st.integers(-99, 99))
def test_whole_constants_fold(a: int, b: int) -> None:
    assert add(a, b) == Const(a + b) and sub(a, b) == Const(a - b)
    assert mul(a, b) == Const(a * b)
    assert minimum(Const(a), Const(b)) == Const(min(a, b))
    assert maximum(Const(a), Const(b)) == Const(max(a, b))


def test_neutral_numbers_vanish() -> None:
    i = Var("i")
    for same in (add("i", 0), add(0, i), sub(i, 0), mul(i, 1), mul(1, i)):
        assert same is i or same == i
    assert mul(i, 0) == mul(0, i) == Const(0)
    assert sub(0, i) == Op("sub", (Const(0), i), "i64", 1)


def test_floats_are_never_folded() -> None:
    """X + 0 is not x where x is -0, and 0 * x is not 0 where x is NaN."""
    x = load(X, 0, 0)
    for made in (add(x, number(0.0)), mul(x, number(0.0)), mul(x, number(1.0))):
        assert isinstance(made, Op)
    assert isinstance(add(number(1.0), number(2.0)), Op)


def test_scalars_are_spread_to_vectors() -> None:
    vector, x = Load(X, (Const(0), Const(0)), 4), load(X, 0, 0)
    assert mul(vector, x) == Op("mul", (vector, Splat(x, 4)), "f32", 4)
    assert splat(number(1.0), 4) == number(1.0, 4)
    assert splat(vector, 4) is vector and splat(x, 1) is x


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (divide(number(1.0), number(2.0)), "(1 / 2)"),
        (fma(number(1.0), number(2.0), number(3.0)), "fma(1, 2, 3)"),
        (less(number(1.0), number(2.0)), "(1 < 2)"),
        (greater(number(1.0), number(2.0)), "(1 > 2)"),
        (equal(Const(1), Const(2)), "(1 == 2)"),
        (both(Const(1), Const(2)), "(1 & 2)"),
        (sqrt(number(2.0)), "sqrt(2)"),
        (floor(number(2.5)), "floor(2.5)"),
        (
            select(less(Const(1), Const(2)), number(3.0), number(4.0)),
            "select((1 < 2), 3, 4)",
        ),
    ],
)
def test_every_operation_has_a_short_way(made: Expr, text: str) -> None:
    assert expression_text(made) == text


def test_results_have_their_kind() -> None:
    condition = less(number(1.0), number(2.0))
    assert condition.kind == "bool"
    assert select(condition, Const(1, "u8"), Const(0, "u8")).kind == "u8"
    assert equal(Const(1), Const(2)).kind == "bool"


def test_kinds_are_not_mixed() -> None:
    words = "Operation 'add' is given f32, i64; it takes one kind"
    with refuses(InternalError, "ir-kinds", words):
        rebuild("add", (number(1.0), Const(1)))
    with refuses(InternalError, "ir-kinds", "Operation 'select' is given"):
        rebuild("select", (Const(True, "bool"), number(1.0), Const(1)))
