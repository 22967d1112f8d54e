"""Machine code and interpreter agree bit for bit, on every operation and statement."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.compiler.expression import add, greater, less, load, mul, number, select
from mirada.compiler.interpreter import DTYPES, interpret
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
    Op,
    Register,
    Reset,
    Set,
    Splat,
    Stmt,
    Store,
    Total,
    Var,
)
from mirada.compiler.verify import RULES, verify
from tests.compiled import TARGETS, Compiled, arrays_for

LANES = (1, 2, 4, 8, 16)
LENGTH = 64
WHOLE = ("i32", "i64", "u8", "u32", "u64")
FLOATS = [0.0, -0.0, 1.0, -1.5, 0.1, 3e38, -3e38, 1e-38, 1e-45, -1e-45, 2.0**24 + 2]
FLOATS += [np.inf, -np.inf, np.nan]

Arrays = dict[str, NDArray[Any]]


def same_bits(found: NDArray[Any], wanted: NDArray[Any]) -> None:
    """Passes when both are the same bits; one NaN is as good as another."""
    np.testing.assert_array_equal(found, wanted)
    if found.dtype == np.float32:
        found, wanted = np.nan_to_num(found), np.nan_to_num(wanted)
        np.testing.assert_array_equal(np.signbit(found), np.signbit(wanted))


def numbers(kind: str, noise: np.random.Generator) -> NDArray[Any]:
    """Ordinary numbers of a kind, and those at its ends."""
    if kind == "f32":
        drawn = noise.normal(size=LENGTH).astype(np.float32)
        drawn[: len(FLOATS)] = FLOATS
    else:
        ends = np.iinfo(DTYPES[kind])
        drawn = noise.integers(ends.min, ends.max, LENGTH, DTYPES[kind], endpoint=True)
        drawn[:6] = [0, 1, 2, ends.min, ends.max, ends.max - 1]
    return noise.permutation(drawn)


def agree(kernels: dict[str, Kernel], target: str, seed: int = 0) -> None:
    """Passes when every kernel leaves the same bits in all its buffers both ways."""
    run = Compiled(kernels, TARGETS[target])
    noise = np.random.default_rng(seed)
    for name, kernel in kernels.items():
        verify(kernel)
        given = {b.name: numbers(b.kind, noise) for b in kernel.buffers}
        plain = {name: array.copy() for name, array in given.items()}
        run(name, given)
        interpret(kernel, plain)
        for buffer in given:
            try:
                same_bits(given[buffer], plain[buffer])
            except AssertionError as error:
                raise AssertionError(f"{name} differs in {buffer}") from error


def each(lanes: int, value: Expr, to: Buffer) -> tuple[Stmt, ...]:
    """Stores the value, of loads at v * lanes, everywhere."""
    at = (mul("v", lanes),)
    return (For("v", LENGTH // lanes, (Store(to, at, value),)),)


def part(name: str, kind: str, lanes: int) -> Load:
    return Load(Buffer(name, (LENGTH,), kind), (mul("v", lanes),), lanes)


def condition(value: Load) -> Expr:
    """A vector of bools that differ."""
    if value.kind == "u8":
        return less(Convert(value, "i32"), Const(100, "i32", value.lanes))
    return less(value, Const(1, value.kind, value.lanes))


def operations() -> Iterator[tuple[str, Kernel]]:
    """Every operation of `RULES`, on every kind it takes, as scalars and vectors."""
    for name, (count, kinds) in RULES.items():
        for kind in kinds:
            for lanes in (4, 16) if name.startswith("zip") else (1, 4, 16):
                yield f"{name}.{kind}.{lanes}", operation(name, count, kind, lanes)


def operation(name: str, count: int, kind: str, lanes: int) -> Kernel:
    held = "i32" if kind == "bool" else kind
    given = [part(f"x{i}", held, lanes) for i in range(count)]
    args: list[Expr] = [condition(x) for x in given] if kind == "bool" else [*given]
    if name == "select":
        args[0] = condition(given[0])
    if name in ("shl", "shr"):
        args[1] = Const(3 if lanes == 1 else 31, kind, lanes)
    result = "bool" if name in ("lt", "gt", "ge", "eq") else kind
    value: Expr = Op(name, tuple(args), result, lanes)
    if result == "bool":
        value = select(value, Const(7, "i32", lanes), Const(5, "i32", lanes))
    to = Buffer("to", (LENGTH,), value.kind)
    buffers = tuple(x.buffer for x in given)
    return Kernel("op", (), (*buffers, to), each(lanes, value, to))


@pytest.mark.parametrize("target", ["host", "sse"])
def test_every_operation(target: str) -> None:
    agree(dict(operations()), target)


def test_every_operation_is_tried() -> None:
    tried = {name.split(".")[0] for name, _ in operations()}
    assert tried == set(RULES)


def conversions() -> Iterator[tuple[str, Kernel]]:
    """Every change of kind and of bits."""
    for lanes in (1, 4, 16):
        for given in (*WHOLE, "f32", "bool"):
            for kind in (*WHOLE, "f32"):
                held = "i32" if given == "bool" else given
                x, to = part("x", held, lanes), Buffer("to", (LENGTH,), kind)
                value: Expr = condition(x) if given == "bool" else x
                if given == "f32":
                    # What lies outside the kind has no meaning; 0 to 200 does.
                    value = bounded(x)
                made = each(lanes, Convert(value, kind), to)
                yield f"{given}.{kind}.{lanes}", Kernel("c", (), (x.buffer, to), made)
        for given in ("f32", "i32", "u32"):
            for kind in ("f32", "i32", "u32"):
                x, to = part("x", given, lanes), Buffer("to", (LENGTH,), kind)
                made = each(lanes, Bits(x, kind), to)
                name = f"bits.{given}.{kind}.{lanes}"
                yield name, Kernel("b", (), (x.buffer, to), made)


def bounded(x: Load) -> Expr:
    low, high = number(0.0, x.lanes), number(200.75, x.lanes)
    small = select(less(x, high), x, high)
    return select(greater(small, low), small, low)


@pytest.mark.parametrize("target", ["host", "sse"])
def test_every_conversion(target: str) -> None:
    agree(dict(conversions()), target)


def vectors() -> Iterator[tuple[str, Kernel]]:
    """Masks of every length, lanes numbered, spread and added up."""
    x, to = Buffer("x", (LENGTH,)), Buffer("to", (LENGTH,))
    kept = Buffer("kept", (LENGTH,), "i64")
    for lanes in LANES:
        vector = Load(x, (Const(0),), lanes)
        yield f"total.{lanes}", copy(x, to, Total(vector))
        yield f"splat.{lanes}", copy(x, to, Splat(load(x, 5), max(lanes, 2)))
        numbered = Convert(Iota(lanes, "i64"), "i64")
        yield f"iota.{lanes}", copy(x, kept, numbered)
        for active in range(1, lanes):
            some = Load(x, (Const(3),), lanes, active)
            yield f"load.{lanes}.{active}", copy(x, to, some)
            store = Store(to, (Const(3),), vector, active)
            yield f"store.{lanes}.{active}", Kernel("s", (), (x, to), (store,))


def copy(x: Buffer, to: Buffer, value: Expr) -> Kernel:
    return Kernel("copy", (), (x, to), (Store(to, (Const(1),), value),))


@pytest.mark.parametrize("target", ["host", "sse"])
def test_masks_lanes_and_totals(target: str) -> None:
    agree(dict(vectors()), target)


def lists() -> Iterator[tuple[str, Kernel]]:
    """Lists that several kinds grow in, then are read as far as they go."""
    for lanes in LANES:
        size = LENGTH + lanes
        n, floats = Counter("n", LENGTH), Buffer("floats", (size,))
        whole = Buffer("whole", (size,), "i32", 0, 0, 16)
        x, to = part("x", "f32", lanes), Buffer("to", (LENGTH,))
        other = Buffer("other", (LENGTH,), "i32")
        items = ((floats, x), (whole, Iota(lanes)))
        grow = Append(n, greater(x, number(0.0, lanes)), items)
        walk = (
            Store(to, (Var("i"),), load(floats, "i")),
            Store(other, (Var("i"),), load(whole, "i")),
        )
        grown = For("v", LENGTH // lanes, (grow,))
        body = (Reset(n), grown, For("i", Count(n), walk))
        buffers, own = (x.buffer, to, other), (floats, whole)
        yield f"list.{lanes}", Kernel("list", (), buffers, body, (), own)


@pytest.mark.parametrize("target", ["host", "sse"])
def test_lists(target: str) -> None:
    agree(dict(lists()), target)


def test_a_list_that_stays_empty() -> None:
    ((_, kernel), *_) = lists()
    run = Compiled({"list": kernel}, TARGETS["host"])
    given = {b.name: -np.ones(LENGTH, DTYPES[b.kind]) for b in kernel.buffers}
    given["to"][:], given["other"][:] = 5, 6
    run("list", given)
    assert set(given["to"]) == {5} and set(given["other"]) == {6}


def test_statements_that_depend_on_arguments() -> None:
    """A loop of no turns, registers of one name and two kinds, tables."""
    x, to, table = Buffer("x", (9,)), Buffer("to", (9,)), Buffer("t", (3,))
    s = Register("s")
    first = For("i", Var("n"), (Let(s, load(x, "i")), Store(to, (Var("i"),), Get(s))))
    w = Register("s", "i64")
    inside = (Let(w, add("n", 1)), Store(to, (Get(w),), load(table, 2)))
    total = Register("total")
    summed = (
        Let(total, number(0.5)),
        For("k", Var("n"), (Set(total, add(Get(total), load(x, "k"))),)),
        Store(to, (Const(8),), Get(total)),
    )
    body = (first, For("j", 1, inside), *summed)
    tables = ((table, (1.0, 2.0, 3.0)),)
    kernel = Kernel("k", (Argument("n", 0, 6),), (x, to), body, tables)
    verify(kernel)
    run = Compiled({"k": kernel}, TARGETS["host"])
    for n in range(7):
        given = arrays_for(kernel, np.random.default_rng(n))
        plain = {name: array.copy() for name, array in given.items()}
        run("k", given, n=n)
        interpret(kernel, plain, n=n)
        same_bits(given["to"], plain["to"])
