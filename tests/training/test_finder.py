"""The search for a learning rate, on losses that are known and on a network."""

import math
from itertools import pairwise

import pytest

from mirada.network import AdamW
from mirada.training import Wishes
from mirada.training.finder import find_rate, searched
from tests.training.example import engine, plan


def losses(rates: list[float]) -> list[tuple[float, float]]:
    """Falls around 0.01, is least near 0.1, and runs away after that."""
    found = []
    for rate in rates:
        fallen = 2.0 - 1.5 / (1 + (0.01 / rate) ** 2)
        found.append((rate, fallen + (rate / 0.3) ** 3))
    return found


RATES = [10 ** (-5 + 6 * place / 199) for place in range(200)]


def test_the_rate_is_a_tenth_of_where_the_loss_is_least() -> None:
    found = searched(losses(RATES))
    assert found.lowest is not None and found.steepest is not None
    assert 0.05 < found.lowest < 0.3
    assert found.suggestion == pytest.approx(found.lowest / 10, rel=0.06)
    assert 0.005 < found.steepest < found.lowest


def test_it_stops_where_the_loss_runs_away() -> None:
    found = searched(losses(RATES))
    assert found.diverged and len(found.points) < len(RATES)
    assert found.points[-1].rate < 10


def test_a_loss_that_is_not_finite_ends_it() -> None:
    known = [*losses(RATES)[:150], (20.0, math.inf), (30.0, 0.0)]
    found = searched(known)
    assert found.diverged and len(found.points) == 150


def test_a_loss_that_never_falls_suggests_nothing() -> None:
    found = searched([(rate, 2.3) for rate in RATES])
    assert found.suggestion is None and not found.diverged
    assert searched([(1e-3, 1.0), (1e-2, 0.1)]).suggestion is None
    assert searched([]).points == ()


def test_the_mean_is_without_bias() -> None:
    assert searched([(1e-3, 5.0), (1e-2, 5.0)]).points[0].smoothed == pytest.approx(5)


def test_a_network_on_digits() -> None:
    chosen = plan()
    found = find_rate(chosen, engine(chosen), steps=60)
    assert found.suggestion is not None and 1e-4 < found.suggestion < 1.0
    rates = [point.rate for point in found.points]
    assert rates[0] == pytest.approx(1e-6)
    steps = [b / a for a, b in pairwise(rates)]
    assert max(steps) == pytest.approx(min(steps))


def test_an_adaptive_rule_is_tried_up_to_smaller_rates() -> None:
    wishes = Wishes(optimizer=AdamW(), batch_size=64, engine="reference")
    chosen = plan(wishes=wishes)
    found = find_rate(chosen, engine(chosen), steps=12)
    assert found.points[-1].rate <= 1.001
