"""Every sample is tested once, and the folds are even."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.data.dataset import Part
from mirada.data.folds import deal
from mirada.data.split import divide
from mirada.errors import ConfigurationError, DataError
from tests.data.pictures import grey_dataset
from tests.refusal import refuses


@given(
    counts=st.lists(st.integers(4, 30), min_size=2, max_size=5),
    folds=st.integers(2, 4),
    seed=st.integers(0, 2**32 - 1),
)
def test_folds_and_their_classes_differ_by_one_at_most(
    counts: list[int], folds: int, seed: int
) -> None:
    data = grey_dataset({str(k): n for k, n in enumerate(counts)}, side=1)
    numbers = deal(data, seed, folds)
    assert np.ptp(np.bincount(numbers, minlength=folds)) <= 1
    for label in range(len(counts)):
        of_class = np.bincount(numbers[data.labels == label], minlength=folds)
        assert np.ptp(of_class) <= 1


@given(
    folds=st.integers(2, 6),
    seed=st.integers(0, 2**32 - 1),
    validation=st.sampled_from([0.0, 0.1, 0.3]),
)
def test_each_sample_is_tested_once(folds: int, seed: int, validation: float) -> None:
    data = grey_dataset({"cat": 20, "dog": 13}, side=1)
    tested = []
    for fold in range(folds):
        split = divide(data, seed=seed, folds=folds, fold=fold, validation=validation)
        parts = [split.of(part).tolist() for part in Part]
        assert sorted(number for part in parts for number in part) == list(range(33))
        wanted = round(33 * validation)
        assert abs(len(split.validation) - wanted) <= 2
        tested += parts[Part.TEST]
    assert sorted(tested) == list(range(33))


def test_the_seed_alone_decides() -> None:
    data = grey_dataset({"cat": 20, "dog": 13}, side=1)
    one, again, other = (divide(data, seed=s, folds=4).digest for s in (1, 1, 2))
    assert one == again != other


@pytest.mark.parametrize("folds", [-1, 1, 1001])
def test_the_number_of_folds_has_limits(folds: int) -> None:
    data = grey_dataset({"cat": 20, "dog": 13}, side=1)
    words = ("from 2 to 1000", f"got {folds}", "Five or ten")
    with refuses(ConfigurationError, "folds-range", *words):
        divide(data, folds=folds)


def test_the_number_of_a_fold_has_limits() -> None:
    data = grey_dataset({"cat": 20, "dog": 13}, side=1)
    with refuses(ConfigurationError, "fold-range", "Of 3 folds", "from 0 to 2; got 3"):
        divide(data, folds=3, fold=3)


def test_more_folds_than_samples_of_a_class_are_refused() -> None:
    data = grey_dataset({"cat": 20, "dog": 4}, side=1)
    words = ("Class 'dog' of drawn has 4 images", "5 folds", "at most 4 folds")
    with refuses(DataError, "folds-too-many", *words):
        divide(data, folds=5)
    assert len(divide(data, folds=4, fold=3).test) == 6


def test_parts_of_the_source_are_not_mixed() -> None:
    data = grey_dataset({"cat": 4, "dog": 4}, parts=[0, 0, 0, 2, 0, 0, 0, 2], side=1)
    words = ("drawn comes divided: 2 of its images", "leave out the folds")
    with refuses(DataError, "folds-of-given-parts", *words):
        divide(data, folds=2)
