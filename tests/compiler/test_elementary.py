"""exp and log within two units in the last place, wherever they are defined."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.compiler.elementary import exp, log
from mirada.compiler.expression import mul
from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Buffer, Expr, For, Kernel, Let, Load, Stmt, Store, Var
from mirada.compiler.verify import verify
from tests.compiled import TARGETS, Compiled

COUNT = 1 << 16
Floats = NDArray[np.float32]
Function = Callable[[str, Expr], tuple[list[Let], Expr]]


def kernel(function: Function, lanes: int, count: int = COUNT) -> Kernel:
    x, y = Buffer("x", (count,)), Buffer("y", (count,))
    at = (mul(Var("i"), lanes),)
    steps, value = function("f", Load(x, at, lanes))
    body: tuple[Stmt, ...] = (*steps, Store(y, at, value))
    return Kernel("f", (), (x, y), (For("i", count // lanes, body),))


@cache
def machine(target: str, lanes: int) -> Compiled:
    made = {"exp": kernel(exp, lanes), "log": kernel(log, lanes)}
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
    for name, x in (("exp", spread(-90, 90)), ("log", spread(0.01, 50))):
        wide, narrow = computed(name, x), computed(name, x, "host", lanes)
        assert wide.tobytes() == narrow.tobytes()


@pytest.mark.parametrize("function", [exp, log])
def test_the_interpreter_gives_the_same_bits(function: Function) -> None:
    """On so many numbers as it takes little time for, in one long vector."""
    made = kernel(function, 16, 4096)
    verify(made)
    x = np.linspace(0.01, 80, 4096).astype(np.float32)
    y = np.zeros(4096, np.float32)
    interpret(made, {"x": x, "y": y})
    full = np.resize(x, COUNT).astype(np.float32)
    assert y.tobytes() == computed(function.__name__, full)[:4096].tobytes()
