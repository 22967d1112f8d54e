"""Calibration: a table worked by hand, planted temperatures, invariances."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirada.errors import UsageError
from mirada.inspection.calibration import best_temperature, calibration, tempered
from mirada.inspection.intervals import wilson
from tests.refusal import refuses


def answers(
    count: int, classes: int = 5, temperature: float = 1.0, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Answers whose labels are drawn by the probabilities at that temperature."""
    draw = np.random.default_rng(seed)
    shares = tempered(draw.dirichlet((0.4,) * classes, count), 1.0)
    chances = tempered(shares, temperature).cumsum(axis=1)
    labels = (draw.random((count, 1)) > chances).sum(axis=1)
    return shares, np.minimum(labels, classes - 1)


def two(sure: float, right: int, wrong: int) -> NDArray[np.float64]:
    return np.array([[sure, 1 - sure]] * (right + wrong))


def test_a_table_by_hand() -> None:
    """4 answers at 0.65, 3 right; 6 at 0.95, 5 right: ECE (4*0.1 + 6*0.1167)/10."""
    shares = np.concatenate([two(0.65, 3, 1), two(0.95, 5, 1)])
    labels = np.array([0, 0, 0, 1, 0, 0, 0, 0, 0, 1])
    found = calibration(shares, labels)
    assert found.ece == pytest.approx((4 * 0.1 + 6 * (0.95 - 5 / 6)) / 10)
    assert found.mce == pytest.approx(0.95 - 5 / 6)
    assert (found.confidence, found.accuracy) == pytest.approx((0.83, 0.8))
    squares = 3 * 2 * 0.35**2 + 2 * 0.65**2 + 5 * 2 * 0.05**2 + 2 * 0.95**2
    assert found.brier == pytest.approx(squares / 10)
    spreads = math.sqrt(4 * 0.65 * 0.35) + math.sqrt(6 * 0.95 * 0.05)
    assert found.chance == pytest.approx(math.sqrt(2 / math.pi) * spreads / 10)
    assert [item.count for item in found.bins] == [0, 0, 0, 0, 0, 0, 4, 0, 0, 6]
    assert found.bins[6].accuracy == wilson(3, 4)
    assert found.bins[6].confidence == pytest.approx(0.65)
    assert (found.bins[7].confidence, found.bins[7].accuracy) == (None, None)


def test_a_confidence_on_an_edge_lies_beneath_it() -> None:
    for tenths in range(1, 11):
        shares = np.array([[tenths / 10, *[(1 - tenths / 10) / 10] * 10]])
        found = calibration(shares, np.array([0]))
        (place,) = (n for n, item in enumerate(found.bins) if item.count)
        assert place == tenths - 1, tenths


def test_one_bin_holds_everything() -> None:
    shares, labels = answers(500)
    found = calibration(shares, labels, bins=1)
    assert found.ece == found.mce
    assert found.ece == pytest.approx(abs(found.confidence - found.accuracy))


def test_a_calibrated_network_is_told_from_one_that_is_too_sure() -> None:
    fair = calibration(*answers(20_000, seed=2))
    assert fair.verdict == "fair"
    assert fair.ece < 2 * fair.chance < 0.02
    shares, labels = answers(20_000, temperature=2.0)
    sure = calibration(shares, labels)
    assert sure.verdict == "too-sure"
    assert sure.ece > 0.1 > 10 * sure.chance
    assert calibration(*answers(20_000, temperature=0.5)).verdict == "too-unsure"


def test_faults_that_cancel_are_uneven() -> None:
    """200 answers at 0.6 of which 80 % are right, 200 at 0.9 of which 70 %."""
    shares = np.concatenate([two(0.6, 160, 40), two(0.9, 140, 60)])
    labels = np.array([0] * 160 + [1] * 40 + [0] * 140 + [1] * 60)
    found = calibration(shares, labels)
    assert (found.confidence, found.accuracy) == pytest.approx((0.75, 0.75))
    assert found.ece == pytest.approx(0.2)
    assert found.verdict == "uneven"


def test_what_chance_explains_is_what_calibrated_networks_show() -> None:
    found = [calibration(*answers(2000, seed=seed)) for seed in range(60)]
    assert sum(item.verdict == "fair" for item in found) >= 52  # about 55 of 60
    shown = sum(item.ece for item in found) / len(found)
    told = sum(item.chance for item in found) / len(found)
    assert shown == pytest.approx(told, rel=0.1)


@pytest.mark.parametrize("planted", [0.5, 1.0, 2.0, 4.0])
def test_a_planted_temperature_is_found(planted: float) -> None:
    shares, labels = answers(40_000, temperature=planted)
    assert best_temperature(shares, labels) == pytest.approx(planted, rel=0.05)


def test_the_loss_is_least_there() -> None:
    shares, labels = answers(300, temperature=3.0)
    best = best_temperature(shares, labels)
    assert best is not None

    def loss(temperature: float) -> float:
        own = tempered(shares, temperature)[np.arange(len(labels)), labels]
        return float(-np.log(own).mean())

    for other in (0.9, 0.99, 1.01, 1.1):
        assert loss(best) < loss(best * other)
    assert best_temperature(tempered(shares, best), labels) == pytest.approx(1.0)


def test_where_no_temperature_is_best() -> None:
    """All right: the surer, the better; no better than guesses: the less sure."""
    assert best_temperature(two(0.9, 3, 0), np.array([0, 0, 0])) is None
    assert best_temperature(two(0.9, 2, 2), np.array([0, 0, 1, 1])) is None
    assert best_temperature(two(0.9, 1, 3), np.array([0, 1, 1, 1])) is None
    assert best_temperature(two(0.5, 1, 3), np.array([0, 1, 1, 1])) is None


def test_certain_answers_that_are_wrong() -> None:
    """A probability of 0 for the true class has a loss beyond measure, not NaN."""
    shares = np.array([[1.0, 0.0]] * 100)
    labels = np.array([0] * 99 + [1])
    found = best_temperature(shares, labels)
    assert found is not None and 100 < found < 1000
    assert calibration(shares, labels).ece == pytest.approx(0.01)


@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(2, 6))
def test_invariances(seed: int, count: int, classes: int) -> None:
    shares, labels = answers(count, classes, seed=seed)
    found = calibration(shares, labels)
    assert 0 <= found.ece <= found.mce <= 1
    assert 0 <= found.brier <= 2
    assert sum(item.count for item in found.bins) == count
    assert abs(found.confidence - found.accuracy) <= found.ece + 1e-12
    order = np.random.default_rng(seed).permutation(count)
    again = calibration(shares[order], labels[order])
    assert again.ece == pytest.approx(found.ece)
    warmer = tempered(shares, 7.0)
    np.testing.assert_array_equal(warmer.argmax(axis=1), shares.argmax(axis=1))
    np.testing.assert_allclose(warmer.sum(axis=1), 1.0)


def test_arrays_that_are_no_answers() -> None:
    shares = np.full((3, 2), 0.5)
    for labels in ([0, 1], [0, 1, 2], [0, -1, 0]):
        with refuses(UsageError, "answers-shape", "images x classes", "3x2"):
            calibration(shares, np.array(labels))
    with refuses(UsageError, "answers-shape", "one image at least"):
        best_temperature(np.empty((0, 2)), np.empty(0, np.int64))
    with refuses(UsageError, "answers-shape", "an array of 3 and"):
        calibration(np.full(3, 0.5), np.array([0, 0, 0]))
