"""What a processor lacks is computed with the bits of one that has it."""

from fractions import Fraction
from math import inf, nan

import llvmlite.binding as llvm
import numpy as np
import pytest
from llvmlite import ir
from numpy.typing import NDArray

from mirada.compiler.expression import fma, mul
from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Buffer, For, Kernel, Load, Store
from mirada.compiler.jit import assembly
from mirada.compiler.legalize import legalize
from mirada.compiler.llvm import emit_kernel
from mirada.compiler.target import host, target
from mirada.compiler.targets import TARGETS
from tests.compiled import Compiled
from tests.compiler.test_llvm import same_bits

SIZE = 1 << 14
LANES = (1, 2, 4, 8, 16)
FUSED = "declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)"
CLOCK = """
declare i64 @llvm.readcyclecounter()
define i64 @ticks() {
  %ticks = call i64 @llvm.readcyclecounter()
  ret i64 %ticks
}
"""


def fused(lanes: int) -> Kernel:
    """To = x * y + z."""
    x, y, z, to = (Buffer(name, (SIZE,)) for name in ("x", "y", "z", "to"))
    at = (mul("v", lanes),)
    value = fma(*(Load(buffer, at, lanes) for buffer in (x, y, z)))
    body = (For("v", SIZE // lanes, (Store(to, at, value),)),)
    return Kernel(f"fused{lanes}", (), (x, y, z, to), body)


def hard_numbers() -> dict[str, NDArray[np.float32]]:
    """Sums that cancel, tie, underflow and overflow, and numbers without meaning."""
    noise = np.random.default_rng(0)
    bits = noise.integers(0, 1 << 32, (3, SIZE), np.uint64).astype(np.uint32)
    x, y, z = bits.view(np.float32)
    # Exponents near one another, where the roundings of two steps would differ.
    near = slice(SIZE // 4, SIZE)
    x[near], y[near] = noise.normal(size=(2, len(x[near]))).astype(np.float32)
    with np.errstate(all="ignore"):
        z[near] = -x[near] * y[near] * noise.choice([1, 1e-7, 2**-24, 2**24, 3e7])
        tiny = slice(SIZE // 2, SIZE * 3 // 4)
        x[tiny] *= np.float32(2**-75)
        y[tiny] *= np.float32(2**-75)
        z[tiny] = noise.integers(0, 9, len(z[tiny])) * np.float32(2**-149)
    # Ties: an odd half unit in the last place, with and without something beyond it.
    tied = slice(SIZE - 512, SIZE)
    x[tied] = np.float32(1) + noise.integers(0, 4096, 512) * np.float32(2**-12)
    y[tied] = np.float32(1) + noise.integers(0, 4096, 512) * np.float32(2**-12)
    z[tied] = np.float32(2**-30) * noise.choice([0, 1, -1, 2**-80, -(2**-80)], 512)
    ends = (0.0, -0.0, 1.0, -1.0, 3.4e38, 1e-45, inf, -inf, nan)
    grid = np.array([(a, b, c) for a in ends for b in ends for c in ends], np.float32)
    x[: len(grid)], y[: len(grid)], z[: len(grid)] = grid.T
    return {"x": x, "y": y, "z": z, "to": np.zeros(SIZE, np.float32)}


def test_a_product_and_a_sum_with_one_rounding() -> None:
    """In vectors of any width, by the processor and without its help."""
    plain = hard_numbers()
    interpret(fused(1), plain)
    for wanted in (target("x86-64-v2"), host()):
        run = Compiled({f"k{n}": fused(n) for n in LANES}, wanted)
        for lanes in LANES:
            given = hard_numbers()
            run(f"k{lanes}", given)
            same_bits(given["to"], plain["to"])


def test_it_is_the_nearest_number_to_the_exact_one() -> None:
    """By fractions, which do not round."""
    given = hard_numbers()
    Compiled({"k": fused(4)}, target("x86-64-v2"))("k", given)
    arrays = (given[name].tolist() for name in ("x", "y", "z", "to"))
    checked = 0
    for x, y, z, to in zip(*arrays, strict=True):
        if not all(map(np.isfinite, (x, y, z, to))):
            continue
        exact = Fraction(x) * Fraction(y) + Fraction(z)
        away = abs(Fraction(to) - exact)
        held = np.float32(to)
        for end in (-inf, inf):
            other = float(np.nextafter(held, np.float32(end)))
            if np.isfinite(other):
                farther = abs(Fraction(other) - exact)
                even = not held.view(np.uint32) & 1
                assert away < farther or (away == farther and even)
        checked += 1
    assert checked > SIZE // 2


@pytest.mark.parametrize("name", TARGETS)
def test_no_target_calls_a_library_for_it(name: str) -> None:
    row = TARGETS[name]
    module = ir.Module("fused")
    for lanes in LANES:
        kernel = fused(lanes)
        emit_kernel(module, kernel).linkage = ""
    shown = assembly(str(module), row)
    assert "fmaf" not in shown and "mirada.fma" not in shown


def test_what_a_target_has_stays() -> None:
    before = llvm.parse_assembly(FUSED)
    legalize(before, TARGETS["x86-64-v3"])
    assert [f.name for f in before.functions] == ["llvm.fma.v4f32"]
    legalize(before, TARGETS["x86-64-v2"])
    (found,) = before.functions
    assert found.name == "mirada.fma.v4f32" and not found.is_declaration


@pytest.mark.parametrize(
    ("name", "counter"),
    [
        ("x86-64-v2", "rdtsc"),
        ("aarch64", "CNTVCT_EL0"),
        ("riscv64", "rdtime"),
        ("wasm32-simd128", "i64.const"),
    ],
)
def test_a_clock_that_any_program_may_read(name: str, counter: str) -> None:
    shown = assembly(CLOCK, TARGETS[name])
    assert counter in shown and "mirada.clock" not in shown
