"""Numbers of 16 bits: the interpreter, one instruction and many are the same bits."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.compiler.bfloat import definition, has_dot_products
from mirada.compiler.expression import dot2, mul, pair
from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import (
    Buffer,
    Const,
    Expr,
    For,
    Kernel,
    Let,
    Load,
    Op,
    Register,
    Store,
    Var,
)
from mirada.compiler.printer import expression_text
from mirada.compiler.target import host
from mirada.compiler.targets import TARGETS as NAMED
from mirada.compiler.verify import verify
from mirada.errors import InternalError
from tests.compiled import TARGETS, Compiled
from tests.compiler.c99.printed import Printed
from tests.refusal import refuses

LENGTH = 3072
LANES = (1, 2, 4, 8, 16)
SPECIAL = np.array(
    [
        *(0x00000000, 0x80000000, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFF812345),
        *(0x00000001, 0x807FFFFF, 0x00800000, 0x80800000, 0x7F7FFFFF, 0xFF7F7FFF),
        *(0x3F808000, 0x3F818000, 0x3F80FFFF, 0x7F7F8000, 0x00FFFFFF, 0x33800000),
    ],
    np.uint32,
)

Words = NDArray[np.uint32]
Floats = NDArray[np.float32]


def buffers(lanes: int) -> dict[str, Kernel]:
    """Both operations on every number of some buffers."""
    at = (mul("i", lanes),)
    a, b = (Load(Buffer(n, (LENGTH,)), at, lanes) for n in "ab")
    x, y = (Load(Buffer(n, (LENGTH,), "u32"), at, lanes) for n in "xy")

    def kernel(name: str, value: Expr, *given: Load) -> Kernel:
        to = Buffer("to", (LENGTH,), value.kind)
        body = (For("i", LENGTH // lanes, (Store(to, at, value),)),)
        return Kernel(name, (), (*(g.buffer for g in given), to), body)

    return {
        f"dot2_{lanes}": kernel("dot2", dot2(a, x, y), a, x, y),
        f"pair_{lanes}": kernel("pair", pair(a, b), a, b),
    }


def words(noise: np.random.Generator) -> Words:
    """All pairs of special numbers, then any."""
    left, right = np.meshgrid(SPECIAL >> 16, SPECIAL >> 16)
    known = (left | right << 16).ravel().astype(np.uint32)
    return np.concatenate([known, any_words(noise, LENGTH - known.size)])


def any_words(noise: np.random.Generator, count: int) -> Words:
    return noise.integers(0, 2**32, count, np.uint32)


def small(noise: np.random.Generator) -> dict[str, NDArray[Any]]:
    """Sums around the smallest normal number."""
    x = 2.0 ** noise.integers(-80, -70, 2 * LENGTH) * noise.choice([1, 1.5, -1.25])
    y = 2.0 ** noise.integers(-80, -70, 2 * LENGTH)
    a = np.float32(2.0**-126) * noise.choice([1, -1, 1.5, 2], LENGTH)
    return {"a": a.astype(np.float32), "x": halved(x), "y": halved(y)}


def halved(values: NDArray[Any]) -> Words:
    bits = values.astype(np.float32).view(np.uint32) >> 16
    return (bits[::2] | bits[1::2] << 16).astype(np.uint32)


def given(seed: int) -> dict[str, NDArray[Any]]:
    noise = np.random.default_rng(seed)
    a, b = (any_words(noise, LENGTH).view(np.float32) for _ in range(2))
    a[: SPECIAL.size] = b[-SPECIAL.size :] = SPECIAL.view(np.float32)
    made: dict[str, NDArray[Any]] = {
        "a": a,
        "b": b,
        "x": words(noise),
        "y": words(noise)[::-1].copy(),
    }
    if seed == 1:
        return made | small(noise)
    if seed == 2:
        count = 2 * LENGTH
        x, y = (halved(noise.normal(size=count)) for _ in range(2))
        a = noise.normal(size=LENGTH).astype(np.float32)
        return made | {"a": a, "x": x, "y": y}
    return made


def same(found: NDArray[Any], expected: NDArray[Any]) -> None:
    """The same bits; which NaN a sum is is nobody's business."""
    if found.dtype == np.float32:
        either = np.isnan(expected)
        assert np.array_equal(np.isnan(found), either)
        found, expected = found[~either], expected[~either]
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("target", TARGETS)
def test_compiled_operations_give_the_interpreters_bits(target: str) -> None:
    kernels = {n: k for lanes in LANES for n, k in buffers(lanes).items()}
    compiled = Compiled(kernels, TARGETS[target])
    for seed in range(3):
        for name, kernel in kernels.items():
            verify(kernel)
            known = given(seed)
            arrays = {b.name: known[b.name] for b in kernel.buffers[:-1]}
            kind = np.float32 if name.startswith("dot2") else np.uint32
            slow = {**arrays, "to": np.zeros(LENGTH, kind)}
            fast = {**arrays, "to": np.zeros(LENGTH, kind)}
            interpret(kernel, slow)
            compiled(name, fast)
            same(fast["to"], slow["to"])


def test_printed_operations_give_the_interpreters_bits(tmp_path: Path) -> None:
    kernels = {n: k for lanes in (1, 4) for n, k in buffers(lanes).items()}
    printed = Printed(kernels, tmp_path, ("-O2",))
    for seed in range(3):
        for name, kernel in kernels.items():
            known = given(seed)
            arrays = {b.name: known[b.name] for b in kernel.buffers[:-1]}
            kind = np.float32 if name.startswith("dot2") else np.uint32
            plain, c = (arrays | {"to": np.zeros(LENGTH, kind)} for _ in "ab")
            interpret(kernel, plain)
            printed(name, c)
            same(c["to"], plain["to"])


def one(x: float, y: float, total: float) -> float:
    arrays = {
        "a": np.full(LENGTH, total, np.float32),
        "x": halved(np.full(2 * LENGTH, x)),
        "y": halved(np.full(2 * LENGTH, y)),
        "to": np.zeros(LENGTH, np.float32),
    }
    interpret(buffers(1)["dot2_1"], arrays)
    return float(arrays["to"][0])


def test_products_are_added_one_after_the_other() -> None:
    assert one(1.5, 2.0, 0.25) == 6.25
    # Of 1 + 2^-24 + 2^-24 both steps are ties, and each goes to the even number.
    assert one(2.0**-12, 2.0**-12, 1.0) == 1.0


def test_what_is_below_the_normal_numbers_is_zero() -> None:
    least = 2.0**-126
    assert one(2.0**-75, -(2.0**-76), least) == least
    assert one(2.0**-75, -(2.0**-75), least) == 0.0
    assert one(1.0, 0.0, least / 2) == 0.0


def test_numbers_are_rounded_to_the_nearest_ties_to_even() -> None:
    arrays = {
        "a": np.zeros(LENGTH, np.float32),
        "b": np.zeros(LENGTH, np.float32),
        "to": np.zeros(LENGTH, np.uint32),
    }
    arrays["a"][:4] = 1.0, 1.00390625, 1.01171875, np.nan
    arrays["b"][:4] = -2.0, 3.4e38, 1e-39, np.inf
    interpret(buffers(1)["pair_1"], arrays)
    found = [f"{word:08x}" for word in arrays["to"][:4]]
    assert found == ["c0003f80", "7f803f80", "00003f82", "7f807fc0"]


def test_only_their_own_kinds_are_taken() -> None:
    f32, u32 = Const(1.0, "f32"), Const(1, "u32")
    register = Register("r")
    bad = (
        Op("dot2", (f32, f32, u32), "f32", 1),
        Op("dot2", (f32, u32, u32), "u32", 1),
        Op("dot2", (f32, u32), "f32", 1),
        Op("pair", (f32, u32), "u32", 1),
        Op("dot2", (Const(1.0, "f32", 4), u32, u32), "f32", 4),
    )
    for value in bad:
        with refuses(InternalError, "ir-rule", f"{value.name} takes"):
            verify(Kernel("bad", (), (), (Let(register, value),)))


def test_they_are_printed_by_their_names() -> None:
    x = Load(Buffer("x", (1,), "u32"), (Const(0),))
    assert expression_text(dot2(Const(0.0, "f32"), x, x)) == "dot2(0, x[0], x[0])"
    assert expression_text(pair(Var("a"), Var("b"))) == "pair(a, b)"


def test_only_a_target_that_has_the_instruction_is_given_it() -> None:
    own = definition("mirada.dot2.4", host())
    assert ("dpbf16ps" in own) == has_dot_products(host())
    for target in NAMED.values():
        assert "bfloat" not in definition("mirada.dot2.4", target)
        assert "bfloat" not in definition("mirada.pair.4", target)
    assert definition("mirada.dot2.x", host()) == ""
