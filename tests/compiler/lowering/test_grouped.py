"""Convolution in groups: the reference's results, to the bit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.target import Target
from mirada.network import Conv2d
from tests.compiled import TARGETS
from tests.compiler.lowering.convolutions import Case, cases, check
from tests.compiler.lowering.images import NARROW, WIDE, interpreted, twice

CASES = {
    "narrow": Case(Conv2d(8, 3, 1, 1, groups=4), (8, 4, 5), other=True, relu=True),
    "rests": Case(Conv2d(42, 2, 2, 1, groups=2), (4, 4, 5), add=True, parts=3),
    "vectors": Case(Conv2d(85, 1), (3, 2, 3), parts=4),
    "one": Case(Conv2d(5, (2, 3), (1, 2), (0, 1, 2, 1)), (7, 4, 5), wider=1),
    "apart": Case(Conv2d(4, 2, 3, 2, (2, 3), groups=2), (10, 4, 8), parts=2),
}
"""What takes another way through the kernels: rests, many vectors, large kernels."""


RUNS = [("rests", target) for target in TARGETS]
RUNS += [(case, ("host", "sse")[i % 2]) for i, case in enumerate(CASES)]


@settings(max_examples=20, deadline=None)
@given(cases("grouped"), st.sampled_from((NARROW, WIDE)), st.integers(1, 2))
def test_every_kernel_is_the_reference(case: Case, target: Target, count: int) -> None:
    check(case, target, interpreted, count)


@pytest.mark.parametrize(("case", "target"), dict.fromkeys(RUNS))
def test_machine_code_gives_the_same_bytes(case: str, target: str) -> None:
    check(CASES[case], TARGETS[target], twice(TARGETS[target]), 1)
