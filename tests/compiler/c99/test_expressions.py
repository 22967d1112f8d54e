import numpy as np
import pytest

from mirada.compiler.c99.expressions import Expressions, constant_text
from mirada.compiler.c99.names import Names
from mirada.compiler.expression import add, load, mul, number, rebuild, select, sub
from mirada.compiler.ir import (
    Bits,
    Buffer,
    Const,
    Convert,
    Expr,
    Get,
    Iota,
    Load,
    Register,
    Splat,
    Total,
    Var,
)

X = Buffer("x", (4, 8))
V, S = Register("v", lanes=4), Register("s", "i32")
U = Register("u", "u64")


def written(expr: Expr, lane: str = "", proven: bool = False) -> tuple[str, list[str]]:
    """The text, and the statements that come before it."""
    before: list[str] = []
    made = Expressions(Names(), lambda buffer: buffer.name, before.append)
    return made.text(expr, lane, proven), before


@pytest.mark.parametrize(
    ("const", "text"),
    [
        (number(0.1), "0.1f"),
        (number(-0.0), "-0.0f"),
        (number(float("inf")), "INFINITY"),
        (number(float("-inf")), "-INFINITY"),
        (number(float("nan")), "NAN"),
        (Const(-(2**31), "i32"), "INT32_MIN"),
        (Const(-(2**63)), "INT64_MIN"),
        (Const(2**40), "INT64_C(1099511627776)"),
        (Const(2**32 - 1, "u32"), "4294967295u"),
        (Const(2**64 - 1, "u64"), "UINT64_C(18446744073709551615)"),
        (Const(True, "bool"), "true"),
    ],
)
def test_constants(const: Const, text: str) -> None:
    assert constant_text(const) == text


def test_every_float_is_given_back() -> None:
    bits = np.random.default_rng(0).integers(0, 2**32, 2000, np.uint32)
    for value in bits.view(np.float32)[np.isfinite(bits.view(np.float32))]:
        text = constant_text(Const(float(value), "f32"))
        assert np.float32(text.removesuffix("f")).tobytes() == value.tobytes(), text


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (mul(add("i", 2), "j"), "(i + 2) * j"),
        (sub("i", sub("j", 1)), "i - (j - 1)"),
        (mul("i", mul("j", 3)), "i * (j * 3)"),
        (add(mul("i", 3), "j"), "i * 3 + j"),
        (load(X, add("i", 1), "j"), "x[i + 1][j]"),
        (rebuild("min", (Var("i"), Const(3))), "min_i64(i, 3)"),
        (Convert(Get(S), "i64"), "(int64_t) s"),
        (Convert(add("i", 1), "i32"), "(int32_t) (i + 1)"),
    ],
)
def test_an_index_is_written_as_it_is(expr: Expr, text: str) -> None:
    assert written(expr, proven=True) == (text, [])


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (rebuild("add", (Get(S), Const(1, "i32"))), "add_i32(s, 1)"),
        (rebuild("shl", (Get(S), Const(3, "i32"))), "shl_i32(s, 3)"),
        (rebuild("shr", (Get(U), Const(32, "u64"))), "u >> 32"),
        (rebuild("lt", (Get(U), Const(0, "u64"))), "lt_u64(u, UINT64_C(0))"),
        (rebuild("fma", (number(2.0),) * 3), "fmaf(2.0f, 2.0f, 2.0f)"),
        (Convert(number(1.5), "i32"), "i32_from_f32(1.5f)"),
        (Bits(number(1.5), "i32"), "i32_bits_f32(1.5f)"),
        (Bits(Get(S), "i32"), "(s)"),
        (
            select(rebuild("gt", (number(1.0), number(2.0))), Var("i"), Var("j")),
            "select_i64(1.0f > 2.0f, i, j)",
        ),
    ],
)
def test_operations(expr: Expr, text: str) -> None:
    assert written(expr) == (text, [])


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (Load(X, (Var("i"), Const(0)), 4), "x[i][lane]"),
        (Load(X, (Var("i"), add("j", 1)), 4), "x[i][j + 1 + lane]"),
        (Load(X, (Var("i"), Const(4)), 4, 3), "(lane < 3 ? x[i][4 + lane] : 0.0f)"),
        (Splat(load(X, 0, 1), 4), "x[0][1]"),
        (Iota(4), "(int32_t) lane"),
        (Get(V), "v[lane]"),
    ],
)
def test_one_lane_of_a_vector(expr: Expr, text: str) -> None:
    assert written(expr, "lane") == (text, [])


def test_what_mixes_lanes_is_put_into_an_array_before() -> None:
    assert written(Total(Get(V))) == ("total_4(v)", [])
    text, before = written(Total(mul(Get(V), Get(V))))
    assert text == "total_4(lanes)" and before[0] == "float lanes[4];"
    assert before[1].endswith("lanes[lane] = v[lane] * v[lane];")
    zipped = rebuild("zip_high", (Get(V), Get(V)))
    wanted = "(lane % 2 == 0 ? v[lane / 2 + 2] : v[lane / 2 + 2])"
    assert written(zipped, "lane") == (wanted, [])
