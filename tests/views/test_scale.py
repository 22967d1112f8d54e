"""Ticks are round, few, inside the range, and told apart by their texts."""

from hypothesis import given
from hypothesis import strategies as st

from mirada.views.scale import Scale, round_range, round_ticks, tick_texts

numbers = st.floats(-1e9, 1e9).filter(lambda x: x == 0 or abs(x) > 1e-6)


@given(numbers, numbers)
def test_ticks_lie_within_the_range_and_are_few(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    ticks = round_ticks(low, high)
    slack = 1e-6 * (high - low)
    assert all(low - slack <= tick <= high + slack for tick in ticks)
    assert len(ticks) <= 7
    assert len(set(tick_texts(ticks))) == len(ticks)


@given(numbers, numbers)
def test_a_round_range_holds_what_it_was_made_for(a: float, b: float) -> None:
    low, high = round_range(min(a, b), max(a, b))
    assert low < high
    slack = 1e-6 * (high - low)
    assert low - slack <= min(a, b) <= max(a, b) <= high + slack


def test_round_numbers_by_hand() -> None:
    assert round_ticks(0, 1, 5) == [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]
    assert round_range(0.03, 2.2) == (0.0, 2.5)
    assert round_ticks(3, 3) == [3]
    assert tick_texts([0.0, 200000.0, 1e6]) == ["0", "2.0e+05", "1.0e+06"]
    assert tick_texts([0.95, 1.0]) == ["0.95", "1.00"]


def test_a_scale_turns_numbers_to_pixels() -> None:
    down = Scale(0, 2, 200, 100)
    assert [down(0), down(1), down(2)] == [200, 150, 100]
    assert Scale(1, 1, 0, 100)(1) == 50
