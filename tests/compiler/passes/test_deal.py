"""Parts of a loop, one call each, leave what the whole loop leaves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.compiler.expression import add, load, mul, number
from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Buffer, For, Kernel, Store, Var
from mirada.compiler.passes import deal
from mirada.compiler.verify import verify
from mirada.errors import InternalError
from tests.refusal import refuses


def rows(height: int, width: int, adds: bool = False) -> Kernel:
    """Y = 2 x, or y = y + x, row by row."""
    x, y = Buffer("x", (height, width)), Buffer("y", (height, width))
    given = load(x, "i", "j")
    value = add(load(y, "i", "j"), given) if adds else mul(given, number(2.0))
    body = Store(y, (Var("i"), Var("j")), value)
    return Kernel("rows", (), (x, y), (For("i", height, (For("j", width, (body,)),)),))


def left(kernel: Kernel, parts: int | None, height: int, width: int) -> bytes:
    """What lies in y afterwards, parts in any order."""
    noise = np.random.default_rng(height)
    arrays = {
        name: noise.normal(size=height * width).astype(np.float32) for name in "xy"
    }
    if parts is None:
        interpret(kernel, arrays)
    for part in noise.permutation(parts or 0):
        interpret(kernel, arrays, part=int(part))
    return arrays["y"].tobytes()


@given(st.integers(1, 12), st.integers(1, 4), st.integers(1, 12), st.booleans())
def test_all_parts_are_the_whole(
    height: int, width: int, parts: int, adds: bool
) -> None:
    """Also in parts that do not divide it, where nothing is added up."""
    parts = min(parts, height)
    if adds and height % parts:
        parts = 1
    kernel = rows(height, width, adds)
    dealt = deal(kernel, "i", parts)
    verify(dealt)
    assert (dealt.arguments[-1].name, dealt.arguments[-1].high) == ("part", parts - 1)
    whole = left(kernel, None, height, width)
    assert left(dealt, parts, height, width) == whole


def test_a_part_does_its_share_and_no_more() -> None:
    dealt, x = deal(rows(6, 2), "i", 3), np.ones(12, np.float32)
    y = np.zeros(12, np.float32)
    interpret(dealt, {"x": x, "y": y}, part=1)
    assert y.tolist() == [0.0] * 4 + [2.0] * 4 + [0.0] * 4


def test_what_adds_up_is_not_dealt_out_unequally() -> None:
    with refuses(
        InternalError,
        "pass-deal",
        "Loop 'i' of kernel 'rows' cannot be dealt out in unequal parts",
        "y is read and written",
    ):
        deal(rows(7, 2, adds=True), "i", 2)


@pytest.mark.parametrize(("height", "parts"), [(7, 2), (5, 4), (9, 5)])
def test_unequal_parts_write_the_same_again(height: int, parts: int) -> None:
    kernel = rows(height, 3)
    whole = left(kernel, None, height, 3)
    assert left(deal(kernel, "i", parts), parts, height, 3) == whole
