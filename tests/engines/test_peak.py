"""The kernel that measures what the processor can do."""

import numpy as np
import pytest

from mirada.compiler.target import target
from mirada.compiler.verify import verify
from mirada.engines.peak import peak_gflops, peak_kernel
from tests.compiled import TARGETS, Compiled


@pytest.mark.parametrize("name", TARGETS)
def test_every_sum_is_multiplied_and_added_to_each_turn(name: str) -> None:
    kernel = peak_kernel(TARGETS[name])
    verify(kernel)
    lanes = TARGETS[name].lanes
    sums = np.arange(12 * lanes, dtype=np.float32).reshape(12, lanes)
    factors = np.stack([np.full(lanes, 0.5), np.full(lanes, 3.0)]).astype(np.float32)
    expected = sums.copy()
    for _ in range(5):
        expected = expected * np.float32(0.5) + np.float32(3.0)
    Compiled({"peak": kernel}, TARGETS[name])(
        "peak", {"factors": factors, "sums": sums}, count=5
    )
    assert np.array_equal(sums, expected)


def test_sums_fit_into_the_registers_of_every_target() -> None:
    for name in ("x86-64-v2", "aarch64", "wasm32-simd128"):
        verify(peak_kernel(target(name)))
        assert target(name).registers >= 12 + 2


def test_a_peak_is_a_positive_number() -> None:
    assert peak_gflops(TARGETS["host"], 1, rounds=1) > 0
    assert peak_gflops(TARGETS["host"], 2, rounds=1) > 0
