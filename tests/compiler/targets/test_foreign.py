"""Every target computes the same bits: kernels run in emulators, and in Node."""

from pathlib import Path

import numpy as np
import pytest

from mirada.compiler.target import target
from tests.compiler.targets.foreign import MACHINES, run
from tests.compiler.targets.jobs import (
    agree,
    layers,
    layers_here,
    operations,
    operations_here,
)

# vfncvt.rtz.xu.f.w ends QEMU 7.2 in an assertion of its own.
EMULATOR_FAILS = {"riscv64": ("conversions.f32.u8.4", "conversions.f32.u8.16")}


@pytest.mark.parametrize("machine", MACHINES)
def test_every_operation(machine: str, tmp_path: Path) -> None:
    kept = [
        (job, wanted)
        for job, wanted in zip(operations(), operations_here(), strict=True)
        if job.kernel.name not in EMULATOR_FAILS.get(machine, ())
    ]
    jobs = [job for job, _ in kept]
    agree(jobs, run(MACHINES[machine], jobs, tmp_path), [wanted for _, wanted in kept])


@pytest.mark.parametrize("machine", ["aarch64", "riscv64", "wasm32-simd128"])
def test_every_layer(machine: str, tmp_path: Path) -> None:
    sizes = target(MACHINES[machine].target)
    jobs = layers(sizes.lanes, sizes.registers)
    wanted = layers_here(sizes.lanes, sizes.registers)
    agree(jobs, run(MACHINES[machine], jobs, tmp_path), wanted)


def test_a_difference_is_noticed() -> None:
    jobs, wanted = layers(4, 32), layers_here(4, 32)
    last = {name: array.copy() for name, array in wanted[-1].items()}
    name = next(name for name, array in last.items() if array.dtype == np.float32)
    last[name][0] = np.nextafter(last[name][0], np.float32(9))
    agree(jobs, wanted, wanted)
    with pytest.raises(AssertionError, match=f"differs in {name}"):
        agree(jobs, [*wanted[:-1], last], wanted)
