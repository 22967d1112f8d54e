"""Transposed convolution: the reference's results, to the bit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.target import Target
from mirada.network import ConvTranspose2d
from tests.compiled import TARGETS
from tests.compiler.lowering.convolutions import Case, cases, check
from tests.compiler.lowering.images import NARROW, WIDE, interpreted, twice

CASES = {
    "enlarged": Case(ConvTranspose2d(18, 2, 2), (5, 3, 3), other=True, relu=True),
    "odd": Case(
        ConvTranspose2d(4, 3, 2, (1, 0, 1, 2), (1, 0), groups=2),
        (6, 4, 5),
        add=True,
        parts=2,
    ),
    "gaps": Case(ConvTranspose2d(3, 2, (4, 3)), (7, 2, 3), wider=1),
    "gaps added": Case(ConvTranspose2d(3, 2, (4, 3), 1), (2, 3, 3), add=True),
    "apart": Case(ConvTranspose2d(6, 3, 2, 2, 1, 3, groups=3), (3, 3, 4), parts=3),
}
"""What takes another way through the kernels: rests, many vectors, large kernels."""


RUNS = [("odd", target) for target in TARGETS]
RUNS += [(case, ("host", "sse")[i % 2]) for i, case in enumerate(CASES)]


@settings(max_examples=12, deadline=None)
@given(cases("transposed"), st.sampled_from((NARROW, WIDE)), st.integers(1, 2))
def test_every_kernel_is_the_reference(case: Case, target: Target, count: int) -> None:
    check(case, target, interpreted, count)


@pytest.mark.parametrize(("case", "target"), dict.fromkeys(RUNS))
def test_machine_code_gives_the_same_bytes(case: str, target: str) -> None:
    check(CASES[case], TARGETS[target], twice(TARGETS[target]), 1)
