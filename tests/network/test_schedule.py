"""Schedules: where they begin, where they peak, where they end."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.network import Constant, Cosine, OneCycle, Schedule, Step, Triangular
from mirada.network.text import SCHEDULES
from tests.strategies import values

STEPS = 1000


@given(
    st.one_of([values(kind) for kind in SCHEDULES.values()]),
    st.integers(1, 500),
    st.data(),
)
def test_a_share_is_between_zero_and_one(
    schedule: Schedule, steps: int, data: st.DataObject
) -> None:
    step = data.draw(st.integers(0, steps - 1))
    assert 0 <= schedule.share(step, steps) <= 1 + 1e-12


def test_constant() -> None:
    assert {Constant().share(step, STEPS) for step in range(STEPS)} == {1.0}


def test_steps_are_equal_parts() -> None:
    shares = [Step(3, 0.5).share(step, 8) for step in range(8)]
    assert shares == [1, 1, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125]


def test_cosine_falls_from_one_to_its_end() -> None:
    shares = [Cosine(final=0.1).share(step, STEPS) for step in range(STEPS)]
    assert shares[0] == 1
    assert shares == sorted(shares, reverse=True)
    assert shares[STEPS // 2] == pytest.approx(0.55)
    assert shares[-1] == pytest.approx(0.1, abs=1e-4)


def test_a_warm_up_rises_straight() -> None:
    shares = [Cosine(warmup=0.1).share(step, STEPS) for step in range(STEPS)]
    rises = [b - a for a, b in pairwise(shares[:100])]
    assert rises == pytest.approx([1 / 101] * 99)
    assert shares.index(max(shares)) == 100


def test_one_cycle_rises_and_falls() -> None:
    schedule = OneCycle(rising=0.25, initial=0.04, final=0.001)
    shares = [schedule.share(step, STEPS) for step in range(STEPS)]
    assert shares[0] == pytest.approx(0.04)
    assert shares[250] == 1
    assert shares[:251] == sorted(shares[:251])
    assert shares[250:] == sorted(shares[250:], reverse=True)
    assert shares[-1] == pytest.approx(0.001, abs=1e-4)
    assert shares[125] == pytest.approx((0.04 + 1) / 2)


def test_a_triangle_has_two_straight_sides() -> None:
    schedule = Triangular(rising=0.25, initial=0.2, final=0.1)
    shares = [schedule.share(step, STEPS) for step in range(STEPS)]
    rises = [b - a for a, b in pairwise(shares)]
    assert shares[0] == 0.2 and shares[250] == 1
    assert rises[:250] == pytest.approx([0.8 / 250] * 250)
    assert rises[250:] == pytest.approx([-0.9 / 750] * 749)


@pytest.mark.parametrize(
    "schedule", [Constant(), Step(), Cosine(0.5), OneCycle(), Triangular()]
)
def test_a_run_of_one_step(schedule: Schedule) -> None:
    assert 0 < schedule.share(0, 1) <= 1
