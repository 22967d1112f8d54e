"""Kernels that differ in names alone are one; others never are."""

from dataclasses import replace

import pytest

from mirada.compiler.ir import Argument, Buffer, Const, For, Kernel, Load, Store, Var
from mirada.compiler.plan import plan
from mirada.compiler.sharing import shared
from mirada.models import resnet18
from mirada.network import Recipe
from tests.compiler.programs import CASES, MODES, SMALL, kernels

I = Var("i")
X, Y = Buffer("x", (4,)), Buffer("y", (4,))


def copy(source: Buffer, to: Buffer, value: float | None = None) -> Kernel:
    """Copies a buffer, or writes a number over another."""
    given = Load(source, (I,)) if value is None else Const(value)
    loop = For("i", 4, (Store(to, (I,), given),))
    return Kernel("copy", (), (source, to), (loop,))


def alike(*given: Kernel) -> bool:
    named = {f"k{place}": kernel for place, kernel in enumerate(given)}
    return len({id(kernel) for kernel in shared(named).values()}) == 1


def test_names_do_not_count() -> None:
    other = copy(Buffer("a", (4,)), Buffer("b", (4,)))
    assert alike(copy(X, Y), other, replace(other, name="third"))
    found = shared({"one": copy(X, Y), "two": other})
    assert found["two"] is found["one"]


@pytest.mark.parametrize(
    "other",
    [
        copy(Y, X),
        copy(Buffer("x", (5,)), Y),
        copy(Buffer("x", (4,), slack=1), Y),
        replace(copy(X, Y), arguments=(Argument("count", 0, 4),)),
        replace(copy(X, Y), scratch=(Buffer("own", (4,)),)),
        replace(copy(X, Y), tables=((Buffer("own", (1,)), (1.0,)),)),
    ],
)
def test_everything_else_does(other: Kernel) -> None:
    if other == copy(Y, X):
        turned = replace(other, buffers=(X, Y))
        assert not alike(copy(X, Y), turned)
        return
    assert not alike(copy(X, Y), other)


def test_numbers_are_told_apart_by_their_bits() -> None:
    assert not alike(copy(X, Y, 0.0), copy(X, Y, -0.0))
    assert not alike(copy(X, Y, 1.0), copy(X, Y, 1))
    assert alike(copy(X, Y, 0.1), copy(X, Y, 0.1))


@pytest.mark.parametrize("mode", MODES)
def test_kernels_of_a_program_that_are_one_read_alike(mode: str) -> None:
    """With the names of the first, the others are the first."""
    given = kernels(CASES["normal"], mode, SMALL)
    for name, first in shared(given).items():
        assert len(first.buffers) == len(given[name].buffers)
        shapes = [(b.shape, b.kind, b.slack) for b in given[name].buffers]
        assert shapes == [(b.shape, b.kind, b.slack) for b in first.buffers]
        assert len(first.body) == len(given[name].body)


def test_equal_layers_share_their_kernels() -> None:
    program = plan(resnet18((3, 32, 32)), Recipe(), "predict", 2, SMALL)
    made = {call.name: call.make() for call in [*program.calls][:12]}
    assert len({id(one) for one in shared(made).values()}) < len(made)
