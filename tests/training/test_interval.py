"""Student's interval against the printed tables and against drawn samples."""

import math

import numpy as np
import pytest

from mirada.errors import DataError
from mirada.training.interval import interval, student_quantile
from tests.refusal import refuses

TABLE = {1: 12.7062, 2: 4.3027, 3: 3.1824, 5: 2.5706, 10: 2.2281, 30: 2.0423}
"""t(0.975) as every table of it prints."""


@pytest.mark.parametrize("freedom", TABLE)
def test_the_printed_table(freedom: int) -> None:
    assert student_quantile(0.975, freedom) == pytest.approx(TABLE[freedom], abs=6e-5)


def test_many_degrees_of_freedom_are_the_normal_distribution() -> None:
    assert student_quantile(0.975, 10**7) == pytest.approx(1.959964, abs=1e-5)
    assert student_quantile(0.95, 4) == pytest.approx(2.1318, abs=6e-5)


def test_a_hand_worked_interval() -> None:
    found = interval([0.8, 0.9, 0.85, 0.95])
    assert found.mean == pytest.approx(0.875)
    assert found.deviation == pytest.approx(math.sqrt(0.0125 / 3))
    half = 3.18245 * math.sqrt(0.0125 / 3) / 2
    assert found.low == pytest.approx(0.875 - half, abs=1e-5)
    assert found.high == pytest.approx(0.875 + half, abs=1e-5)
    assert found.count == 4


def test_one_measurement_has_no_interval() -> None:
    found = interval([0.8])
    assert (found.mean, found.low, found.high, found.deviation) == (0.8, *[None] * 3)


def test_a_share_stays_one() -> None:
    found = interval([0.0, 1.0])
    assert (found.low, found.high) == (0.0, 1.0)
    wide = interval([0.0, 1.0], share=False)
    assert wide.low is not None and wide.low < 0


def test_nothing_is_refused() -> None:
    with refuses(DataError, "no-measurements", "no measurement to take the mean of"):
        interval([])


def test_it_covers_as_often_as_it_says() -> None:
    drawn = np.random.default_rng(8).normal(0.5, 0.05, (2000, 4))
    inside = 0
    for row in drawn:
        found = interval(row.tolist(), share=False)
        assert found.low is not None and found.high is not None
        inside += found.low <= 0.5 <= found.high
    assert 0.935 <= inside / 2000 <= 0.965
