"""Placeholder."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mirada.compiler.target import Target
from tests.compiler.lowering.convolutions import Case, cases, check
from tests.compiler.lowering.images import NARROW, WIDE, interpreted


@settings(max_examples=30, deadline=None)
@given(cases("transposed"), st.sampled_from((NARROW, WIDE)))
def test_every_kernel_is_the_reference(case: Case, target: Target) -> None:
    check(case, target, interpreted)
