"""The measures themselves: correct rounding passes, one digit more does not."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tolerance import Bounded, assert_within, gamma, sum_bound, unit

FLOATS = st.floats(-1e3, 1e3, width=32)
U = unit(np.float32) + unit(np.float64)


def test_the_unit_roundoff() -> None:
    assert unit(np.float32) == 2.0**-24
    assert unit(np.float64) == 2.0**-53
    one = np.float32(1)
    assert one + np.float32(2.0**-24) == one < one + np.float32(1.01 * 2.0**-24)


@given(st.lists(st.tuples(FLOATS, FLOATS), min_size=1, max_size=40), st.randoms())
def test_a_float32_sum_in_any_order_is_within_gamma(
    pairs: list[tuple[float, float]], random: object
) -> None:
    total, exact, size = np.float32(0), Fraction(0), 0.0
    for a, b in sorted(pairs, key=lambda pair: hash((pair, str(random)))):
        total += np.float32(a) * np.float32(b)
        exact += Fraction(a) * Fraction(b)
        size += abs(a * b)
    # Products below the smallest normal number lose digits that gamma knows not of.
    slack = len(pairs) * float(np.finfo(np.float32).tiny)
    bound = sum_bound(len(pairs), np.asarray(size), np.float32) + slack
    assert_within(total, float(exact), bound)


def test_gamma_grows_with_the_count() -> None:
    assert gamma(1, np.float32) < gamma(2, np.float32) < 2.1 * gamma(1, np.float32)
    with pytest.raises(AssertionError, match="leave no digit"):
        gamma(2.0**24, np.float32)


def test_what_is_outside_is_told_with_its_place() -> None:
    exact = np.zeros((2, 3))
    found = exact.copy()
    found[1, 2] = 0.5
    assert_within(found, exact, 0.5)
    with pytest.raises(AssertionError, match=r"at \(1, 2\).*1 of 6 outside"):
        assert_within(found, exact, 0.25)


@pytest.mark.parametrize("found", [np.nan, np.inf])
def test_what_is_not_finite_is_outside(found: float) -> None:
    with pytest.raises(AssertionError, match="outside"):
        assert_within([0.0, found], [0.0, 0.0], 1.0)


def test_another_shape_is_outside() -> None:
    with pytest.raises(AssertionError, match="shape"):
        assert_within(np.zeros(3), np.zeros((1, 3)), 1.0)


@given(FLOATS, FLOATS, st.sampled_from(["add", "sub", "mul", "div", "sqrt", "exp"]))
def test_bounded_arithmetic_holds_float32(x: float, y: float, operation: str) -> None:
    """Two roundings: of a product that goes in, and of the operation."""
    left = Bounded.exact(np.asarray(x), U) * np.pi
    right = Bounded.exact(np.asarray(y), U) * np.e
    single = np.float32(x) * np.float32(np.pi), np.float32(y) * np.float32(np.e)
    if operation == "add":
        known, found = left + right, single[0] + single[1]
    elif operation == "sub":
        known, found = left - right, single[0] - single[1]
    elif operation == "mul":
        known, found = left * right, single[0] * single[1]
    elif operation == "div" and y:
        known, found = left / right, single[0] / single[1]
    elif operation == "sqrt" and x >= 0:
        known, found = left.sqrt(), np.sqrt(single[0])
    else:
        small = left / 100.0
        known, found = small.exp(), np.exp(single[0] / np.float32(100))
    # The constants pi and e were rounded too: that is one u more for each factor.
    allowed = known.bound + 6 * U * np.abs(known.value) * (1 + abs(x) + abs(y))
    assert_within(found, known.value, allowed)


def test_bounded_division_by_what_may_be_zero_knows_no_bound() -> None:
    doubtful = Bounded(np.asarray(1e-9), np.asarray(1e-6), U)
    assert (Bounded.exact(np.asarray(1.0), U) / doubtful).bound == np.inf


def test_bounded_sums_and_logarithms() -> None:
    values = np.random.default_rng(0).uniform(0.5, 2, (50, 40)).astype(np.float32)
    known = Bounded.exact(values, U).sum(1).log()
    found = np.log(values.sum(axis=1, keepdims=True))
    assert_within(found, known.value, known.bound)
    assert known.bound.max() < 1e-4
