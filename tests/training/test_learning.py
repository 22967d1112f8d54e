"""The learning curve finds curves it was given, and is honest where it cannot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.training.learning import Curve, Measured, learn

SIZES = (100, 200, 400, 800)


def measured(
    curve: Curve, noise: float = 0.0, seeds: int = 3, seed: int = 0
) -> list[Measured]:
    """Runs along a curve, with noise in proportion to the error."""
    drawn = np.random.default_rng(seed)
    rows = []
    for images in SIZES:
        for _ in range(seeds):
            error = (1 - curve.accuracy(images)) * (1 + noise * drawn.normal())
            rows.append(Measured(images, float(np.clip(1 - error, 0, 1))))
    return rows


@given(a=st.floats(0.0, 0.2), b=st.floats(0.5, 3.0), c=st.floats(0.2, 1.2))
def test_a_curve_without_noise_comes_back(a: float, b: float, c: float) -> None:
    true = Curve(a, b, c)
    rows = measured(true, seeds=1)
    if any(row.accuracy == 0 for row in rows):
        return  # cut at 0 it is no such curve
    found = learn(rows, tested=100_000)
    assert found.curve is not None and found.forecast is not None
    for images in (*SIZES, 1600):
        assert found.curve.accuracy(images) == pytest.approx(
            true.accuracy(images), abs=0.01
        )
    assert found.forecast.images == 1600
    assert found.forecast.low <= found.forecast.accuracy <= found.forecast.high


def test_the_forecast_covers_the_truth() -> None:
    """In 60 drawn studies of a known curve, at least nine of ten times."""
    true = Curve(0.03, 2.0, 0.5)
    inside = 0
    for seed in range(60):
        found = learn(measured(true, 0.08, seed=seed), tested=2000)
        assert found.forecast is not None
        low, high = found.forecast.low, found.forecast.high
        inside += low <= true.accuracy(1600) <= high
    assert inside >= 54


def test_one_bad_run_does_not_bend_it() -> None:
    true = Curve(0.03, 2.0, 0.5)
    rows = measured(true, 0.03)
    clean = learn(rows, tested=2000)
    rows[-1] = Measured(800, 0.55)
    bent = learn(rows, tested=2000)
    assert clean.curve is not None and bent.curve is not None
    plain = np.mean([row.accuracy for row in rows if row.images == 800])
    assert abs(bent.curve.accuracy(800) - clean.curve.accuracy(800)) < 0.04
    assert abs(plain - clean.curve.accuracy(800)) > 0.08


def test_more_images_help_and_it_says_so() -> None:
    found = learn(measured(Curve(0.02, 3.0, 0.5), 0.02), tested=5000)
    assert found.verdict == "expect"
    assert found.now is not None and found.forecast is not None
    assert found.forecast.accuracy > found.now.accuracy + 0.01


def test_a_flat_curve_is_called_flat() -> None:
    rows = [Measured(n, 0.9 + 0.001 * k) for n in SIZES for k in range(3)]
    found = learn(rows, tested=5000)
    assert found.verdict == "flat"
    assert found.forecast is not None
    assert found.forecast.accuracy == pytest.approx(0.901, abs=0.004)


def test_all_right_everywhere_is_flat() -> None:
    found = learn([Measured(n, 1.0) for n in SIZES], tested=10_000)
    assert found.verdict == "flat" and found.forecast is not None
    assert found.forecast.accuracy == pytest.approx(1.0)


def test_two_sizes_say_nothing() -> None:
    rows = [Measured(n, 0.5) for n in (100, 200)] * 4
    found = learn(rows, tested=100)
    assert found.verdict == "few"
    assert found.curve is None and found.forecast is None and found.band == ()
    assert found.to_dict() == dict.fromkeys(("fit", "now", "forecast")) | {
        "verdict": "few"
    }


def test_runs_all_over_the_place_are_unclear() -> None:
    values = (0.2, 0.7, 0.5, 0.3, 0.8, 0.4, 0.9, 0.3)
    rows = [Measured(n, v) for n, v in zip(SIZES * 2, values, strict=True)]
    assert learn(rows, tested=50).verdict == "unclear"


def test_the_same_runs_in_any_order_say_the_same() -> None:
    rows = measured(Curve(0.05, 2.0, 0.6), 0.1)
    one, other = learn(rows, 500), learn(rows[::-1], 500)
    assert one == other


def test_a_smaller_test_part_is_less_sure() -> None:
    rows = measured(Curve(0.05, 2.0, 0.6), 0.0)
    wide, narrow = learn(rows, 50).forecast, learn(rows, 5000).forecast
    assert wide is not None and narrow is not None
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
