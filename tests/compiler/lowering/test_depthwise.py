"""Convolution of each channel by itself: the reference's results, to the bit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.target import Target
from mirada.network import Conv2d
from tests.compiled import TARGETS
from tests.compiler.lowering.convolutions import Case, cases, check
from tests.compiler.lowering.images import NARROW, WIDE, interpreted, twice

CASES = {
    "rests": Case(Conv2d(19, 3, 1, 1, groups=19), (19, 3, 7), other=True, relu=True),
    "stride": Case(
        Conv2d(20, 3, 2, (1, 0, 1, 2), groups=20), (20, 6, 7), add=True, parts=3
    ),
    "large": Case(Conv2d(3, (8, 7), 1, 3, groups=3), (3, 6, 5), wider=1),
    "apart": Case(Conv2d(17, 2, 3, 2, 2, groups=17), (17, 4, 8), parts=2),
    "multiplied": Case(Conv2d(6, 3, 2, 1, groups=3), (3, 6, 5), add=True, parts=2),
}
"""What takes another way through the kernels: rests, many vectors, large kernels."""


RUNS = [("rests", target) for target in TARGETS]
RUNS += [(case, ("host", "sse")[i % 2]) for i, case in enumerate(CASES)]


@settings(max_examples=20, deadline=None)
@given(cases("depthwise"), st.sampled_from((NARROW, WIDE)), st.integers(1, 2))
def test_every_kernel_is_the_reference(case: Case, target: Target, count: int) -> None:
    check(case, target, interpreted, count)


@pytest.mark.parametrize(("case", "target"), dict.fromkeys(RUNS))
def test_machine_code_gives_the_same_bytes(case: str, target: str) -> None:
    check(CASES[case], TARGETS[target], twice(TARGETS[target]), 1)
