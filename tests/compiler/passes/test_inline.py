from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirada.compiler.expression import add, greater, load, maximum, mul, number, select
from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import (
    Append,
    Buffer,
    Const,
    Counter,
    For,
    Get,
    Kernel,
    Let,
    Register,
    Reset,
    Set,
    Stmt,
    Store,
    Var,
)
from mirada.compiler.lowering.layout import loops
from mirada.compiler.passes import inline
from mirada.compiler.verify import verify
from mirada.errors import InternalError
from tests.compiled import arrays_for
from tests.compiler.passes.kernels import Maker, image, product
from tests.refusal import refuses


def positive(name: str, given: Buffer, to: Buffer) -> Kernel:
    """max(0, x) of rows i and columns j."""
    rows, columns = given.shape
    place = (Var("i"), Var("j"))
    store = Store(to, place, maximum(number(0.0), load(given, *place)))
    return Kernel(name, (), (given, to), loops((store,), ("i", rows), ("j", columns)))


def largest(name: str, given: Buffer, to: Buffer) -> Kernel:
    """The largest of each window of two rows, k for k the producer's own loop name."""
    rows, columns = to.shape
    best, value = Register("best"), Register("value")
    read = load(given, add(mul("i", 2), Var("k")), "j")
    look: tuple[Stmt, ...] = (
        Let(value, read),
        Set(best, select(greater(Get(value), Get(best)), Get(value), Get(best))),
    )
    body: tuple[Stmt, ...] = (
        Let(best, number(float("-inf"))),
        For("k", 2, look),
        Store(to, (Var("i"), Var("j")), Get(best)),
    )
    return Kernel(name, (), (given, to), loops(body, ("i", rows), ("j", columns)))


def agrees(producers: list[Kernel], fused: Kernel) -> None:
    """Passes when the fused kernel leaves what one kernel after another leaves."""
    verify(fused)
    noise = np.random.default_rng(0)
    arrays: dict[str, NDArray[Any]] = {}
    for kernel in producers:
        verify(kernel)
        arrays = {**arrays_for(kernel, noise), **arrays}
    before = {name: array.copy() for name, array in arrays.items()}
    for kernel in producers:
        interpret(kernel, before)
    interpret(fused, arrays)
    last = producers[-1].buffers[-1].name
    assert arrays[last].tobytes() == before[last].tobytes()


@settings(max_examples=30)
@given(
    st.sampled_from((product, image)),
    st.integers(1, 3),
    st.integers(1, 5),
    st.integers(1, 3),
    st.booleans(),
)
def test_a_fused_chain_computes_the_same(
    maker: Maker, rows: int, columns: int, depth: int, with_relu: bool
) -> None:
    """Also where the producer's own loop has the name of one of the consumer's."""
    first = maker(2 * rows, columns, depth)
    chain, value = [first], first.buffers[-1]
    if with_relu:
        chain.append(positive("relu", value, Buffer("passed", value.shape)))
        value = chain[-1].buffers[-1]
    chain.append(largest("pool", value, Buffer("pooled", (rows, columns))))
    fused = first
    for kernel in chain[1:]:
        fused = inline(fused, kernel)
    agrees(chain, fused)
    names = {buffer.name for buffer in fused.buffers}
    assert value.name not in names and "pooled" in names


def test_a_value_read_in_two_statements_is_computed_in_each() -> None:
    x, y, z = Buffer("x", (2, 3)), Buffer("y", (2, 3)), Buffer("z", (2, 3))
    first = positive("first", x, y)
    twice = (
        Let(Register("once"), load(y, "i", "j")),
        Store(z, (Var("i"), Var("j")), add(load(y, "i", "j"), Get(Register("once")))),
    )
    last = Kernel("last", (), (y, z), loops(twice, ("i", 2), ("j", 3)))
    agrees([first, last], inline(first, last))


def refusal(producer: Kernel, consumer: Kernel) -> None:
    words = f"Kernel '{producer.name}' cannot be computed inside '{consumer.name}'"
    with refuses(InternalError, "pass-inline", words):
        inline(producer, consumer)


def test_what_cannot_be_fused_is_refused() -> None:
    x, y, z = Buffer("x", (2, 3)), Buffer("y", (2, 3)), Buffer("z", (2, 3))
    producer, n = positive("first", x, y), Counter("n", 6)
    place = (Var("i"), Var("j"))
    neighbours = Store(z, place, add(load(y, "i", "j"), load(y, 0, "j")))
    two = Kernel("two", (), (y, z), loops((neighbours,), ("i", 2), ("j", 3)))
    refusal(producer, two)
    grow = Append(n, Const(True, "bool"), ((Buffer("kept", (6,)), load(y, "i", "j")),))
    lists = Kernel("lists", (), (y,), (Reset(n), *loops((grow,), ("i", 2), ("j", 3))))
    refusal(producer, lists)


def test_a_producer_of_another_form_is_refused() -> None:
    x, y, z = Buffer("x", (2, 3)), Buffer("y", (2, 3)), Buffer("z", (2, 3))
    consumer = positive("last", y, z)
    turned = Store(y, (Var("i"), Var("j")), load(x, "i", "j"))
    for body in (
        loops((turned,), ("j", 3), ("i", 2)),
        loops((turned, Let(Register("a"), number(0.0))), ("i", 2), ("j", 3)),
    ):
        producer = Kernel("last", (), (x, y), body)
        refusal(producer, consumer)
