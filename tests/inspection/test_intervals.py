"""Intervals of shares: numbers worked by hand, and how often they hold the truth."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.errors import UsageError
from mirada.inspection.intervals import (
    Estimate,
    class_estimates,
    f1_estimate,
    wilson,
)
from tests.refusal import refuses


def test_eight_of_ten_by_hand() -> None:
    """z^2 = 3.841459: middle 0.8 + 0.192073, half of the width 0.312774..."""
    square = 1.959963984540054**2
    middle, scale = 0.8 + square / 20, 1 + square / 10
    half = math.sqrt(square * 0.8 * 0.2 / 10 + square**2 / 400)
    found = wilson(8, 10)
    assert found.value == 0.8
    assert found.low == pytest.approx((middle - half) / scale)
    assert found.high == pytest.approx((middle + half) / scale)
    assert found == pytest.approx((0.8, 0.490162, 0.943318), abs=1e-6)


def test_none_and_all_of_ten() -> None:
    """At the ends only one side is open: z^2 / (n + z^2) = 0.277536."""
    assert wilson(0, 10) == pytest.approx((0.0, 0.0, 0.277533), abs=1e-5)
    assert wilson(10, 10) == pytest.approx((1.0, 0.722467, 1.0), abs=1e-5)


@given(
    st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
)
def test_the_interval_holds_its_share_and_mirrors(drawn: tuple[int, int]) -> None:
    right, count = drawn
    found, mirrored = wilson(right, count), wilson(count - right, count)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high
    assert found.low == pytest.approx(1 - mirrored.high, abs=1e-12)


@pytest.mark.parametrize(("right", "count"), [(1, 0), (-1, 3), (4, 3), (0, 0)])
def test_no_share(right: int, count: int) -> None:
    with refuses(UsageError, "share-counts", f"got {right} of {count}"):
        wilson(right, count)


def test_f1_by_hand() -> None:
    """8 right of 10 taken and 10 true: J = 8/12, F1 = 2 * 8 / 20."""
    both = wilson(8, 12)
    found = f1_estimate(8, 10, 10)
    assert found.value == pytest.approx(0.8)
    assert found.low == pytest.approx(2 * both.low / (1 + both.low))
    assert found.high == pytest.approx(2 * both.high / (1 + both.high))


def coverage(truths: float, intervals: list[Estimate]) -> float:
    held = [item.low <= truths <= item.high for item in intervals]
    return sum(held) / len(held)


def test_intervals_hold_the_truth_as_often_as_they_promise() -> None:
    """4,000 drawings of 60 images of which 20 are of the class: 95 % within 1.5 %."""
    draw = np.random.default_rng(0)
    right = draw.binomial(20, 0.9, 4000)
    assert coverage(0.9, [wilson(int(k), 20) for k in right]) == pytest.approx(
        0.95, abs=0.02
    )
    # right, taken wrongly, missed, none of these: one outcome for each image
    counts = draw.multinomial(60, (0.3, 0.05, 0.05, 0.6), 4000)
    found = [f1_estimate(int(a), int(a + b), int(a + c)) for a, b, c, _ in counts]
    truth = 2 * 0.3 / (2 * 0.3 + 0.05 + 0.05)
    assert coverage(truth, found) == pytest.approx(0.95, abs=0.02)


def test_every_class_of_a_matrix() -> None:
    names = ("cat", "dog", "owl")
    counts = np.array([[3, 1, 0], [0, 4, 0], [0, 0, 0]])
    cat, dog, owl = class_estimates(names, counts)
    assert (cat.name, dog.name, owl.name) == names
    assert cat.precision == wilson(3, 3) and cat.recall == wilson(3, 4)
    assert dog.precision == wilson(4, 5) and dog.recall == wilson(4, 4)
    assert dog.f1 == f1_estimate(4, 5, 4)
    assert (owl.precision, owl.recall, owl.f1, owl.count) == (None, None, None, 0)
