"""Every class has its share in every part, and the same seed the same split."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.data.dataset import Part
from mirada.data.sources import load
from mirada.data.split import Split, divide, reduced, without_test
from mirada.errors import DataError
from tests.data.pictures import grey_dataset
from tests.refusal import refuses


def everything(split: Split) -> list[int]:
    """The sample numbers of all parts together, ascending."""
    return sorted(int(number) for part in Part for number in split.of(part))


@given(
    counts=st.lists(st.integers(3, 30), min_size=2, max_size=5),
    validation=st.floats(0.01, 0.45),
    test=st.floats(0.01, 0.45),
    seed=st.integers(0, 2**32 - 1),
)
def test_each_class_has_its_share_and_each_sample_one_part(
    counts: list[int], validation: float, test: float, seed: int
) -> None:
    data = grey_dataset({str(k): n for k, n in enumerate(counts)}, side=1)
    split = divide(data, validation=validation, test=test, seed=seed)
    assert everything(split) == list(range(len(data)))
    for label, count in enumerate(counts):
        for part, share in ((Part.VALIDATION, validation), (Part.TEST, test)):
            found = int((data.labels[split.of(part)] == label).sum())
            assert 1 <= found <= max(1, count * share + 0.5)
            assert found >= min(count * share - 0.5, (count - 1) / 2) - 1
        assert (data.labels[split.train] == label).any()


def test_shares_of_a_real_set() -> None:
    data = load("digits")
    split = divide(data)
    of_test = np.bincount(data.labels[split.test])
    wanted = [int(np.floor(count * 0.2 + 0.5)) for count in data.counts()]
    assert of_test.tolist() == wanted
    assert (len(split.train), len(split.validation), len(split.test)) == (
        1259,
        179,
        359,
    )


def test_the_seed_alone_decides() -> None:
    data = load("digits")
    first, again, other = (divide(data, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.test, again.test)
    assert not np.array_equal(first.test, other.test)
    assert (np.diff(first.train) > 0).all()
    with pytest.raises(ValueError, match="read-only"):
        first.train[0] = 1


def test_a_fraction_of_zero_makes_no_part() -> None:
    data = grey_dataset({"cat": 2, "dog": 5})
    split = divide(data, validation=0, test=0.2)
    assert len(split.validation) == 0 and len(split.test) == 2
    assert len(divide(data, validation=0, test=0).train) == 7


def test_given_parts_are_kept_and_the_missing_one_is_carved() -> None:
    data = grey_dataset(
        {"cat": 10, "dog": 10}, parts=[0] * 8 + [2] * 2 + [0] * 8 + [2] * 2
    )
    split = divide(data, validation=0.25)
    assert split.test.tolist() == [8, 9, 18, 19]
    assert np.bincount(data.labels[split.validation]).tolist() == [2, 2]
    assert len(split.train) == 12
    with_validation = replace(data, given=np.array([0, 1] * 10, dtype=np.uint8))
    split = divide(with_validation, test=0.4)
    assert split.validation.tolist() == list(range(1, 20, 2))
    assert len(split.test) == 4 and len(split.train) == 6


def test_all_parts_given_leave_nothing_to_chance() -> None:
    data = grey_dataset({"cat": 3, "dog": 3}, parts=[0, 1, 2, 2, 1, 0])
    split = divide(data, seed=9)
    assert split.train.tolist() == [0, 5] and split.validation.tolist() == [1, 4]


def test_one_class_is_refused() -> None:
    with refuses(DataError, "one-class", "only one class, 'cat'", "at least two"):
        divide(grey_dataset({"cat": 9}))


def test_a_label_that_never_trains_is_refused_by_name() -> None:
    data = grey_dataset({"cat": 3, "dog": 3, "wolf": 1}, parts=[0, 0, 2, 0, 0, 2, 1])
    words = ("Class 'wolf' of drawn has 1 images", "none for training")
    with refuses(DataError, "label-not-in-training", *words):
        divide(data, validation=0, test=0)


def test_a_class_too_small_to_divide_is_refused_with_the_number_needed() -> None:
    data = grey_dataset({"cat": 9, "dog": 2})
    words = ("Class 'dog' of drawn has 2 images", "3 are needed", "Add images")
    with refuses(DataError, "class-too-small", *words):
        divide(data)
    assert len(divide(data, validation=0).test) == 3
    given = grey_dataset({"cat": 2, "dog": 2}, parts=[0, 2, 0, 2])
    with refuses(DataError, "class-too-small", "has 1 images to divide; 2 are needed"):
        divide(given)


@pytest.mark.parametrize(
    ("validation", "test"), [(-0.1, 0.2), (0.5, 0.5), (0.1, float("nan")), (2, 0)]
)
def test_fractions_out_of_reach_are_refused(validation: float, test: float) -> None:
    data = grey_dataset({"cat": 9, "dog": 9})
    with refuses(DataError, "split-fractions", "both together at most 0.9"):
        divide(data, validation=validation, test=test)


def test_a_split_belongs_to_one_content() -> None:
    data = grey_dataset({"cat": 9, "dog": 9})
    split = divide(data)
    split.require(data)
    changed = data.images.copy()
    changed[0, 0, 0, 0] ^= 1
    other = replace(data, images=changed)
    words = (split.fingerprint[:12], other.fingerprint[:12], "make a new split")
    with refuses(DataError, "split-of-other-data", *words):
        split.require(other)


def test_a_reduced_split_leaves_samples_out_of_training_alone() -> None:
    data = grey_dataset({"cat": 20, "dog": 13, "owl": 3})
    whole = divide(data)
    quarter, half = (reduced(whole, data, share, seed=4) for share in (0.25, 0.5))
    assert set(quarter.train) < set(half.train) < set(whole.train)
    assert (np.bincount(data.labels[quarter.train]) >= 1).all()
    for part in (Part.VALIDATION, Part.TEST):
        assert np.array_equal(half.of(part), whole.of(part))
    assert sorted([*everything(half), *half.unused]) == list(range(len(data)))
    assert reduced(whole, data, 1.0).digest == whole.digest != half.digest
    other = reduced(whole, data, 0.5, seed=5)
    assert other.digest != half.digest and len(other.train) == len(half.train)


def test_what_is_not_to_be_seen_is_in_no_part() -> None:
    split = divide(grey_dataset({"cat": 9, "dog": 9}))
    hidden = without_test(split)
    assert np.array_equal(hidden.unused, split.test) and len(hidden.test) == 0
