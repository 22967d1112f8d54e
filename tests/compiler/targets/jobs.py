"""What targets are tried on: kernels, numbers, and what they give here."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.target import Target, host, target
from tests.compiled import Compiled, arrays_for
from tests.compiler import test_llvm
from tests.compiler.programs import CASES, MODES, kernels
from tests.compiler.targets.foreign import Job

__all__ = [
    "Results",
    "agree",
    "layers",
    "layers_here",
    "operations",
    "operations_here",
    "results",
]

Results = list[dict[str, NDArray[Any]]]


@lru_cache(maxsize=3)
def layers(lanes: int, registers: int) -> list[Job]:
    """Every kernel of every small network, once, as made for some sizes.

    On drawn numbers, with the most that arguments may be. What is inspected comes from
    the same kernels, at other places.
    """
    sizes = replace(target("aarch64"), lanes=lanes, registers=registers)
    made = {
        replace(kernel, name="k"): f"{case}.{mode}.{name}"
        for case in CASES
        for mode in MODES
        if mode != "inspect"
        for name, kernel in kernels(CASES[case], mode, sizes).items()
    }
    noise = np.random.default_rng(0)
    jobs = []
    for kernel, name in made.items():
        most = tuple(argument.high for argument in kernel.arguments)
        jobs.append(Job(replace(kernel, name=name), arrays_for(kernel, noise), most))
    return jobs


@lru_cache(maxsize=2)
def layers_here(lanes: int, registers: int) -> Results:
    """What those kernels leave in the buffers here."""
    return results(layers(lanes, registers), host())


@lru_cache(maxsize=1)
def operations() -> list[Job]:
    """Every operation, conversion, mask and list by itself, numbers at all ends."""
    noise, jobs = np.random.default_rng(0), []
    for family in ("operations", "conversions", "vectors", "lists"):
        for name, kernel in getattr(test_llvm, family)():
            given = {b.name: test_llvm.numbers(b.kind, noise) for b in kernel.buffers}
            jobs.append(Job(replace(kernel, name=f"{family}.{name}"), given))
    return jobs


@lru_cache(maxsize=1)
def operations_here() -> Results:
    """What those kernels leave in the buffers here."""
    return results(operations(), host())


def results(jobs: list[Job], wanted: Target) -> Results:
    """What code for a target that runs here leaves in the buffers."""
    named = {f"k{number}": job.kernel for number, job in enumerate(jobs)}
    run = Compiled(named, wanted)
    found = []
    for number, job in enumerate(jobs):
        left = {name: array.copy() for name, array in job.arrays.items()}
        names = [argument.name for argument in job.kernel.arguments]
        run(f"k{number}", left, **dict(zip(names, job.arguments, strict=True)))
        found.append(left)
    return found


def agree(jobs: list[Job], found: Results, wanted: Results) -> None:
    """Passes when every buffer of every job holds the same bits."""
    for job, one, other in zip(jobs, found, wanted, strict=True):
        for name in one:
            try:
                test_llvm.same_bits(one[name], other[name])
            except AssertionError as error:
                raise AssertionError(f"{job.kernel.name} differs in {name}") from error
