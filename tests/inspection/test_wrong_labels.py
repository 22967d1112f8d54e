"""Likely wrong labels: planted ones are found, and few others are doubted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mirada.errors import UsageError
from mirada.inspection.wrong_labels import likely_wrong_labels
from tests.refusal import refuses

SHARES = np.array([[0.9, 0.1], [0.7, 0.3], [0.85, 0.15], [0.2, 0.8], [0.6, 0.4]])
LABELS = np.array([0, 0, 1, 1, 1])


def drawn(
    count: int, classes: int, noise: float, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    """Answers of a good network, labels of which a share is planted wrong, which."""
    draw = np.random.default_rng(seed)
    true = draw.integers(0, classes, count)
    scores = draw.normal(0.0, 1.0, (count, classes))
    scores[np.arange(count), true] += 5.0
    powers = np.exp(scores)
    planted = draw.random(count) < noise
    others = (true + draw.integers(1, classes, count)) % classes
    labels = np.where(planted, others, true)
    return powers / powers.sum(axis=1, keepdims=True), labels, planted


def test_thresholds_and_the_confident_joint_by_hand() -> None:
    """t_0 = (0.9 + 0.7)/2 = 0.8, t_1 = (0.15 + 0.8 + 0.4)/3 = 0.45.

    Image 2 bears 1 and reaches t_0; image 4 reaches neither threshold.
    """
    found = likely_wrong_labels(SHARES, LABELS, fewest=1)
    assert found.thresholds == pytest.approx((0.8, 0.45))
    assert found.joint == ((1, 0), (1, 1))
    (one,) = found.suggestions
    assert (one.place, one.given, one.suggested) == (2, 1, 0)
    assert (one.probability, one.margin) == pytest.approx((0.85, 0.7))


def test_planted_flips_are_found() -> None:
    """Of 4,000 images 5 % bear a wrong class: precision above 0.9, recall 0.7."""
    shares, labels, planted = drawn(4000, 10, noise=0.05)
    places = [item.place for item in likely_wrong_labels(shares, labels).suggestions]
    right = planted[places].sum()
    assert right / len(places) > 0.9
    assert right / planted.sum() > 0.7


def test_the_first_suggestions_are_the_surest() -> None:
    shares, labels, planted = drawn(4000, 10, noise=0.05)
    found = likely_wrong_labels(shares, labels).suggestions
    margins = [item.margin for item in found]
    assert margins == sorted(margins, reverse=True)
    first = [item.place for item in found[: len(found) // 2]]
    assert planted[first].mean() > 0.98
    for item in found:
        own = shares[item.place, item.given]
        assert item.margin == pytest.approx(item.probability - own)
        assert item.given == labels[item.place] != item.suggested


def test_right_labels_are_left_alone() -> None:
    shares, labels, _ = drawn(4000, 10, noise=0.0)
    wrong = (shares.argmax(axis=1) != labels).sum()
    assert len(likely_wrong_labels(shares, labels).suggestions) <= wrong < 60


def test_classes_with_too_few_images_are_neither_doubted_nor_suggested() -> None:
    found = likely_wrong_labels(SHARES, LABELS, fewest=3)
    assert found.too_few == (0,)
    assert found.thresholds[0] is None
    assert found.thresholds[1] == pytest.approx(0.45)
    assert found.suggestions == ()
    assert likely_wrong_labels(SHARES, LABELS).too_few == (0, 1)


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 60),
    st.integers(2, 5),
    st.integers(0, 12),
)
def test_what_holds_for_any_answers(
    seed: int, count: int, classes: int, fewest: int
) -> None:
    shares, labels, _ = drawn(count, classes, noise=0.3, seed=seed)
    found = likely_wrong_labels(shares, labels, fewest=fewest)
    joint = np.array(found.joint)
    assert joint.sum() <= count
    assert len(found.suggestions) <= joint.sum() - np.trace(joint)
    for item in found.suggestions:
        threshold = found.thresholds[item.suggested]
        assert threshold is not None and item.probability >= threshold
        assert not {item.given, item.suggested} & set(found.too_few)
        assert item.margin > 0


def test_arrays_that_are_no_answers() -> None:
    with refuses(UsageError, "answers-shape", "got an array of 5x2 and 3"):
        likely_wrong_labels(SHARES, LABELS[:3])
