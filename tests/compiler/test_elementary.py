"""Elementary functions: how many units in the last place they may be off, and ends."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from math import erf as exact_erf
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.compiler.elementary import erf, exp, log, sigmoid, tails, tanh
from mirada.compiler.expression import mul
from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Buffer, Expr, For, Kernel, Let, Load, Stmt, Store, Var
from mirada.compiler.verify import verify
from tests.compiled import TARGETS, Compiled

COUNT = 1 << 16
Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Function = Callable[[str, Expr], tuple[list[Let], Expr]]


def low(prefix: str, value: Expr) -> tuple[list[Let], Expr]:
    """The smaller one of the tails."""
    steps, found, _ = tails(prefix, value)
    return steps, found


def high(prefix: str, value: Expr) -> tuple[list[Let], Expr]:
    """The larger one of the tails."""
    steps, _, found = tails(prefix, value)
    return steps, found


FUNCTIONS: tuple[Function, ...] = (exp, log, erf, sigmoid, tanh, low, high)
EXACT: Mapping[str, Callable[[Doubles], Doubles]] = {
    "tanh": np.tanh,
    "erf": np.vectorize(exact_erf, otypes=[np.float64]),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "low": lambda x: 1 / (1 + np.exp(np.abs(x))),
    "high": lambda x: 1 / (1 + np.exp(-np.abs(x))),
}
LEAST = np.exp(-87.33)
"""What is smaller may have become 0."""


def kernel(function: Function, lanes: int, count: int = COUNT) -> Kernel:
    x, y = Buffer("x", (count,)), Buffer("y", (count,))
    at = (mul(Var("i"), lanes),)
    steps, value = function("f", Load(x, at, lanes))
    body: tuple[Stmt, ...] = (*steps, Store(y, at, value))
    return Kernel("f", (), (x, y), (For("i", count // lanes, body),))


@cache
def machine(target: str, lanes: int) -> Compiled:
    made = {f.__name__: kernel(f, lanes) for f in FUNCTIONS}
    return Compiled(made, TARGETS[target])


def computed(name: str, x: Floats, target: str = "host", lanes: int = 16) -> Floats:
    y = np.zeros(COUNT, np.float32)
    machine(target, lanes)(name, {"x": x, "y": y})
    return y


def ulps(found: Floats, exact: NDArray[Any]) -> float:
    """The largest error, in units in the last place of float32."""
    unit = np.spacing(np.abs(exact).astype(np.float32)).astype(np.float64)
    return float((np.abs(found.astype(np.float64) - exact) / unit).max())


def bits_between(low: float, high: float, seed: int) -> Floats:
    """Numbers of one sign spread over their bits, so over all exponents."""
    ends = np.array([low, high], np.float32).view(np.int32)
    first, last = sorted(int(end) for end in ends)
    noise = np.random.default_rng(seed)
    drawn = noise.integers(first, last, COUNT, np.int32, endpoint=True)
    drawn[:2] = first, last
    return drawn.view(np.float32)


def spread(low: float, high: float) -> Floats:
    return np.linspace(low, high, COUNT).astype(np.float32)


@pytest.mark.parametrize("target", ["host", "sse"])
def test_exp_is_within_two_units(target: str) -> None:
    for x in (
        spread(-87.3, 88.3),
        spread(-1, 1),
        bits_between(1e-30, 88.3, 1),
        bits_between(-1e-30, -87.3, 2),
    ):
        assert ulps(computed("exp", x, target), np.exp(x.astype(np.float64))) <= 2


@pytest.mark.parametrize("target", ["host", "sse"])
def test_log_is_within_two_units(target: str) -> None:
    least, most = np.finfo(np.float32).tiny, np.finfo(np.float32).max
    around_one = (np.arange(COUNT, dtype=np.int32) - COUNT // 2 + 0x3F800000).view(
        np.float32
    )
    for x in (
        bits_between(float(least), float(most), 3),
        spread(1, 1000),
        spread(0.5, 2),
        around_one,
    ):
        assert ulps(computed("log", x, target), np.log(x.astype(np.float64))) <= 2


def whole_range() -> Iterator[Floats]:
    """Numbers of both signs over all their bits, and close together near zero."""
    largest = float(np.finfo(np.float32).max)
    yield from (bits_between(sign * 1e-45, sign * largest, 4) for sign in (1, -1))
    yield from (bits_between(sign * 1e-3, sign * 100, 5) for sign in (1, -1))
    yield from (spread(-size, size) for size in (0.5, 1, 4, 20, 90))
    yield from (spread(0.62, 0.63), spread(0.92, 0.93), spread(3.8, 4.1))


@pytest.mark.parametrize("target", ["host", "sse"])
@pytest.mark.parametrize("name", EXACT)
def test_the_others_are_within_two_units_and_sigmoid_within_three(
    name: str, target: str
) -> None:
    for x in whole_range():
        found = computed(name, x, target)
        with np.errstate(over="ignore"):
            exact = EXACT[name](x.astype(np.float64))
        assert not np.isnan(found).any()
        most = 3 if name in ("sigmoid", "low", "high") else 2
        if most == 3:
            gone = (found == 0) & (np.abs(exact) < LEAST * (1 + 1e-6))
            found = np.where(gone, exact.astype(np.float32), found)
        assert ulps(found, exact) <= most


@pytest.mark.parametrize("name", ["tanh", "erf"])
def test_odd_functions_are_odd_to_the_last_bit(name: str) -> None:
    for x in whole_range():
        there, back = computed(name, x), computed(name, -x)
        assert there.tobytes() == (-back).tobytes()
    zeros = np.zeros(COUNT, np.float32)
    assert computed(name, -zeros).tobytes() == (-zeros).tobytes()


def test_the_others_at_their_ends() -> None:
    x = np.zeros(COUNT, np.float32)
    x[:7] = [np.inf, -np.inf, 100, -100, np.nan, -np.nan, 3e38]
    for name, least in (("tanh", -1), ("erf", -1), ("sigmoid", 0)):
        found = computed(name, x)
        assert found[:4].tolist() == [1, least, 1, least]
        assert np.isnan(found[4:6]).all()
        assert found[6] == 1
        assert found[7] == (0.5 if name == "sigmoid" else 0)
    assert computed("low", x)[[0, 1, 7]].tolist() == [0, 0, 0.5]
    assert computed("high", x)[[0, 1, 7]].tolist() == [1, 1, 0.5]
    assert all(np.isnan(computed(n, x)[4:6]).all() for n in ("low", "high"))


def test_exp_at_its_ends() -> None:
    x = np.zeros(COUNT, np.float32)
    x[:6] = [0.0, -0.0, -1e4, -np.inf, 1e4, np.nan]
    found = computed("exp", x)
    assert found[:4].tolist() == [1, 1, 0, 0]
    assert np.isfinite(found[4]) and found[4] > 2e38
    assert np.isnan(found[5])
    assert (found >= 0)[:5].all()


def test_log_of_one_is_zero() -> None:
    assert not computed("log", np.ones(COUNT, np.float32)).any()


@pytest.mark.parametrize("lanes", [1, 4])
def test_every_width_gives_the_same_bits(lanes: int) -> None:
    for function in FUNCTIONS:
        name = function.__name__
        x = spread(0.01, 50) if name == "log" else spread(-90, 90)
        wide, narrow = computed(name, x), computed(name, x, "host", lanes)
        assert wide.tobytes() == narrow.tobytes()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_interpreter_gives_the_same_bits(function: Function) -> None:
    """On so many numbers as it takes little time for, in one long vector."""
    made = kernel(function, 16, 4096)
    verify(made)
    least = 0.01 if function is log else -5.0
    x = np.linspace(least, 80, 4096).astype(np.float32)
    y = np.zeros(4096, np.float32)
    interpret(made, {"x": x, "y": y})
    full = np.resize(x, COUNT).astype(np.float32)
    assert y.tobytes() == computed(function.__name__, full)[:4096].tobytes()
