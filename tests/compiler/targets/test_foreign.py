"""Every target computes the same bits: kernels run in emulators, and in Node."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mirada.compiler.target import target
from tests.compiled import TARGETS, Compiled, arrays_for
from tests.compiler import test_llvm
from tests.compiler.programs import CASES, MODES, kernels
from tests.compiler.targets.foreign import MACHINES, Job, run

Results = list[dict[str, NDArray[Any]]]

# vfncvt.rtz.xu.f.w ends QEMU 7.2 in an assertion of its own.
EMULATOR_FAILS = {"riscv64": ("conversions.f32.u8.4", "conversions.f32.u8.16")}


@lru_cache(maxsize=3)
def layers(lanes: int, registers: int) -> tuple[list[Job], Results]:
    """Every kernel of every small network, once, as made for some sizes.

    On drawn numbers, with the most that arguments may be; and what it computes here.
    """
    sizes = replace(target("aarch64"), lanes=lanes, registers=registers)
    found = {
        replace(kernel, name="k"): f"{case}.{mode}.{name}"
        for case in CASES
        for mode in MODES
        for name, kernel in kernels(CASES[case], mode, sizes).items()
    }
    noise = np.random.default_rng(0)
    jobs = []
    for kernel, name in found.items():
        most = tuple(argument.high for argument in kernel.arguments)
        jobs.append(Job(replace(kernel, name=name), arrays_for(kernel, noise), most))
    return jobs, here(jobs)


@lru_cache(maxsize=1)
def operations() -> tuple[list[Job], Results]:
    """Every operation, conversion, mask and list by itself, numbers at all ends."""
    noise, jobs = np.random.default_rng(0), []
    for family in ("operations", "conversions", "vectors", "lists"):
        for name, kernel in getattr(test_llvm, family)():
            given = {b.name: test_llvm.numbers(b.kind, noise) for b in kernel.buffers}
            jobs.append(Job(replace(kernel, name=f"{family}.{name}"), given))
    return jobs, here(jobs)


def here(jobs: list[Job]) -> Results:
    """What this processor's code leaves in the buffers."""
    run_here = Compiled(
        {f"k{i}": j.kernel for i, j in enumerate(jobs)}, TARGETS["host"]
    )
    results = []
    for number, job in enumerate(jobs):
        left = {name: array.copy() for name, array in job.arrays.items()}
        names = [argument.name for argument in job.kernel.arguments]
        run_here(f"k{number}", left, **dict(zip(names, job.arguments, strict=True)))
        results.append(left)
    return results


def agree(jobs: list[Job], found: Results, wanted: Results) -> None:
    """Passes when every buffer of every job holds the same bits."""
    for job, one, other in zip(jobs, found, wanted, strict=True):
        for name in one:
            try:
                test_llvm.same_bits(one[name], other[name])
            except AssertionError as error:
                raise AssertionError(f"{job.kernel.name} differs in {name}") from error


@pytest.mark.parametrize("machine", MACHINES)
def test_every_operation(machine: str, tmp_path: Path) -> None:
    kept = [
        (job, wanted)
        for job, wanted in zip(*operations(), strict=True)
        if job.kernel.name not in EMULATOR_FAILS.get(machine, ())
    ]
    jobs = [job for job, _ in kept]
    agree(jobs, run(MACHINES[machine], jobs, tmp_path), [wanted for _, wanted in kept])


@pytest.mark.parametrize("machine", MACHINES)
def test_every_layer(machine: str, tmp_path: Path) -> None:
    sizes = target(MACHINES[machine].target)
    jobs, wanted = layers(sizes.lanes, sizes.registers)
    agree(jobs, run(MACHINES[machine], jobs, tmp_path), wanted)


def test_a_difference_is_noticed() -> None:
    jobs, wanted = layers(4, 32)
    last = {name: array.copy() for name, array in wanted[-1].items()}
    name = next(name for name, array in last.items() if array.dtype == np.float32)
    last[name][0] = np.nextafter(last[name][0], np.float32(9))
    agree(jobs, wanted, wanted)
    with pytest.raises(AssertionError, match=f"differs in {name}"):
        agree(jobs, [*wanted[:-1], last], wanted)
