"""A schedule changes the order of loops, never a bit of what a kernel leaves."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from mirada.compiler.ir import For, Kernel
from mirada.compiler.passes.rewrite import walk
from mirada.compiler.target import Target
from tests.compiler.passes.kernels import keeps_meaning
from tests.compiler.programs import CASES, MODES, SMALL, kernels, unscheduled

LANES: Mapping[int, Target] = {
    4: SMALL,
    16: replace(SMALL, lanes=16, registers=32),
}


def unrolled(kernel: Kernel) -> int:
    return sum(1 for _ in walk(kernel.body))


@pytest.mark.parametrize(
    ("lanes", "case"),
    [*((4, case) for case in CASES), (16, "block"), (16, "two"), (16, "dense")],
)
def test_scheduled_kernels_leave_the_same_bits(case: str, lanes: int) -> None:
    target, changed = LANES[lanes], dict[Kernel, Kernel]()
    for mode in MODES:
        with unscheduled():
            plain = kernels(CASES[case], mode, target)
        made = kernels(CASES[case], mode, target)
        assert plain.keys() == made.keys()
        changed |= {kernel: made[n] for n, kernel in plain.items() if kernel != made[n]}
    assert changed
    for kernel, scheduled in changed.items():
        keeps_meaning(kernel, scheduled)


@pytest.mark.parametrize("case", CASES)
def test_wider_vectors_leave_the_same_bits(case: str) -> None:
    """The gradients of a convolution state their vectors themselves."""
    one = kernels(CASES[case], "gradients", SMALL)
    for target in LANES.values():
        for name, kernel in kernels(CASES[case], "gradients", target).items():
            before = one[name]
            alike = before.buffers == kernel.buffers
            # The parts that a kernel is dealt in depend on its vectors.
            alike = alike and before.arguments == kernel.arguments
            if name.endswith("_gradient") and alike:
                keeps_meaning(before, kernel)


def test_a_schedule_does_change_the_loops() -> None:
    with unscheduled():
        plain = kernels(CASES["block"], "train", SMALL)
    made = kernels(CASES["block"], "train", SMALL)
    for name in ("conv1.forward", "linear1.forward"):
        assert unrolled(made[name]) != unrolled(plain[name])
    forward = [s.var for s in walk(made["conv1.forward"].body) if isinstance(s, For)]
    assert not any(var.startswith("oc") and "vec" not in var for var in forward)


def test_the_same_shapes_give_the_same_kernels() -> None:
    for mode in MODES:
        first = kernels(CASES["block"], mode, SMALL)
        assert first == kernels(CASES["block"], mode, SMALL)
