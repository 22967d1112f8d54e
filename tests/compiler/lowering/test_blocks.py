"""Blocks and parts cover an axis, each place once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mirada.compiler.expression import add, load, number
from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Buffer, Expr, Kernel, Stmt, Store, Var
from mirada.compiler.lowering.blocks import Share, blocked, even, vectors
from mirada.compiler.lowering.layout import loops
from mirada.compiler.verify import verify
from tests.compiler.lowering.images import NARROW


def more(buffer: Buffer, at: Expr, active: int = 0, lanes: int = 1) -> tuple[Stmt, ...]:
    """One more at a place."""
    if lanes == 1:
        return (Store(buffer, (at,), add(load(buffer, at), number(1.0))),)
    return (Store(buffer, (at,), number(1.0, lanes), active),)


@given(st.integers(0, 30), st.integers(1, 9))
def test_parts_share_all_items(items: int, parts: int) -> None:
    share, seen = Share(items, parts), Buffer("seen", (items + 1,))
    last = share.last("own", more(seen, add(Var("z"), items)))
    body = (*share.loop("i", lambda item: more(seen, item)), *loops(last, ("z", 1)))
    kernel = Kernel("shared", share.arguments, (seen,), body)
    verify(kernel)
    found = np.zeros(items + 1, np.float32)
    for part in range(parts):
        given = {"part": part} if parts > 1 else {}
        interpret(kernel, {"seen": found}, **given)
    assert found.tolist() == [1.0] * (items + 1)


@given(st.integers(1, 40), st.integers(1, 12))
def test_blocks_cover_an_axis(extent: int, most: int) -> None:
    seen, size = Buffer("seen", (extent,)), even(extent, most)

    def make(start: Expr, size: int) -> tuple[Stmt, ...]:
        return loops(more(seen, add(start, Var("i"))), ("i", size))

    kernel = Kernel("blocked", (), (seen,), blocked("b", extent, size, make))
    verify(kernel)
    found = np.zeros(extent, np.float32)
    interpret(kernel, {"seen": found})
    assert found.tolist() == [1.0] * extent and size <= most


@given(st.integers(1, 20))
def test_vectors_cover_an_axis(extent: int) -> None:
    seen = Buffer("seen", (extent,))
    body = vectors(
        "v", extent, NARROW, lambda at, lanes, active: more(seen, at, active, lanes)
    )
    kernel = Kernel("vectors", (), (seen,), body)
    verify(kernel)
    found = np.zeros(extent, np.float32)
    interpret(kernel, {"seen": found})
    assert found.tolist() == [1.0] * extent
