"""Whole groups, classes nearly even: against every other way where all can be tried."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.data.allotment import allot

Rows = list[list[int]]


def unevenness(counts: np.ndarray, parts: np.ndarray, shares: np.ndarray) -> float:
    """What the greedy makes small, written out."""
    total = 0.0
    for part, share in enumerate(shares):
        held = counts[parts == part].sum(axis=0)
        for n, whole in zip(held, counts.sum(axis=0), strict=True):
            if whole:
                target = share * whole
                total += (n - target) ** 2 / target + 1e6 * (n == 0)
    return float(total)


@given(
    rows=st.lists(
        st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=3, max_size=7
    ),
    parts=st.integers(2, 3),
)
def test_it_is_near_the_best_there_is(rows: Rows, parts: int) -> None:
    counts = np.array(rows, dtype=np.int64)
    shares = np.full(parts, 1 / parts)
    found = unevenness(counts, allot(counts, shares, equals=True), shares)
    ways = product(range(parts), repeat=len(rows))
    best = min(unevenness(counts, np.array(way), shares) for way in ways)
    # No single move helps; the best may be some moves at once away.
    largest = float(counts.sum(axis=1).max())
    assert found // 1e6 <= best // 1e6 + parts
    if found < 1e6:
        assert found <= best + 2 * largest * parts


def test_groups_of_one_are_a_plain_split() -> None:
    counts = np.eye(2, dtype=np.int64)[[0] * 50 + [1] * 30]
    parts = allot(counts, np.array([0.7, 0.1, 0.2]))
    found = [counts[parts == part].sum(axis=0).tolist() for part in range(3)]
    assert found == [[35, 21], [5, 3], [10, 6]]


def test_the_largest_group_goes_where_it_fits() -> None:
    counts = np.array([[70, 0], [10, 0], [20, 0], [0, 2], [0, 1], [0, 7]])
    parts = allot(counts, np.array([0.7, 0.1, 0.2]))
    assert parts.tolist() == [0, 1, 2, 2, 1, 0]


def test_training_goes_before_the_others() -> None:
    """Three classes that share three groups in pairs cannot all be in both parts."""
    counts = np.array([[5, 0, 5], [5, 5, 0], [0, 5, 5]])
    parts = allot(counts, np.array([0.5, 0.5]))
    assert (counts[parts == 0].sum(axis=0) > 0).all()
    assert not (counts[parts == 1].sum(axis=0) > 0).all()


@pytest.mark.parametrize("groups", [5000])
def test_thousands_of_groups(groups: int) -> None:
    drawn = np.random.default_rng(4)
    counts = drawn.integers(0, 4, (groups, 10))
    shares = np.array([0.7, 0.1, 0.2])
    parts = allot(counts, shares)
    held = np.stack([counts[parts == part].sum(axis=0) for part in range(3)])
    assert np.allclose(held / counts.sum(axis=0), shares[:, None], atol=0.005)
