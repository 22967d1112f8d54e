"""A dataset is a locked value that knows its content."""

from dataclasses import replace

import numpy as np
import pytest

from mirada.data.dataset import Dataset, Part
from mirada.errors import DataError
from tests.data.pictures import grey_dataset
from tests.refusal import refuses


def test_its_measures() -> None:
    data = grey_dataset({"cat": 3, "dog": 2}, side=6)
    assert len(data) == 5 and data.size == (6, 6) and data.channels == 1
    assert data.counts().tolist() == [3, 2]
    assert [part.name.lower() for part in Part] == ["train", "validation", "test"]


def test_its_arrays_are_locked() -> None:
    data = grey_dataset({"cat": 1, "dog": 1}, parts=[0, 2])
    assert data.given is not None
    for array in (data.images, data.labels, data.given):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_the_fingerprint_is_of_the_content_alone() -> None:
    data = grey_dataset({"cat": 2, "dog": 2})
    assert len(data.fingerprint) == 64
    same = replace(data, name="elsewhere", names=("a", "b", "c", "d"))
    assert same.fingerprint == data.fingerprint
    images = data.images.copy()
    images[3, 0, 0, 0] ^= 1
    others = [
        replace(data, images=images),
        replace(data, labels=data.labels[::-1].copy()),
        replace(data, classes=("cat", "wolf")),
        replace(data, given=np.zeros(4, dtype=np.uint8)),
        replace(data, given=np.array([0, 0, 0, 2], dtype=np.uint8)),
        replace(data, images=data.images.reshape(4, 4, 16, 1)),
    ]
    prints = {data.fingerprint, *(other.fingerprint for other in others)}
    assert len(prints) == 7


def test_labels_can_count_in_the_classes_of_a_model() -> None:
    data = grey_dataset({"cat": 1, "dog": 2})
    other = data.with_classes(["bird", "cat", "cow", "dog"])
    assert other.labels.tolist() == [1, 3, 3]
    assert other.classes == ("bird", "cat", "cow", "dog")
    words = ("class 'dog'", "knows only 'cat', 'bird'")
    with refuses(DataError, "classes-unknown", *words):
        data.with_classes(["cat", "bird"])


def test_a_class_without_samples_need_not_be_known() -> None:
    data = Dataset.of(np.zeros((1, 2, 2, 1), np.uint8), [1], ["ghost", "cat"])
    assert data.with_classes(["cat"]).labels.tolist() == [0]


def test_another_order_of_classes_is_refused_with_the_mapping() -> None:
    data = grey_dataset({"cat": 1, "dog": 2, "cow": 1, "ant": 1})
    words = (
        "0 -> 2 'cat', 2 -> 0 'cow'",
        "(number here -> number in the model; 2 in all)",
    )
    with refuses(DataError, "classes-order-differs", *words, "reorder=True"):
        data.with_classes(["cow", "dog", "cat", "ant"])
    mapped = data.with_classes(["cow", "dog", "cat", "ant"], reorder=True)
    assert mapped.labels.tolist() == [2, 1, 1, 0, 3]
    shifted = ("1 -> 2 'dog'", "0 -> 1 'cat'", "3 -> 0 'ant'")
    with refuses(DataError, "classes-order-differs", *shifted):
        data.with_classes(["ant", "cat", "dog", "cow"])


def test_names_that_are_numbers_in_two_orders_are_refused() -> None:
    """As a set of IDX files orders eleven classes, and an older folder did."""
    names = [str(number) for number in range(11)]
    data = grey_dataset(dict.fromkeys(names, 1))
    with refuses(DataError, "classes-order-differs", "2 -> 3 '2'", "10 -> 2 '10'"):
        data.with_classes(sorted(names))


@pytest.mark.parametrize(
    ("images", "labels", "classes"),
    [
        (np.zeros((2, 4, 4)), [0, 1], ["a", "b"]),
        (np.zeros((2, 4, 4), np.uint8), [0, 1], ["a", "b"]),
        (np.zeros((2, 4, 4, 2), np.uint8), [0, 1], ["a", "b"]),
        (np.zeros((2, 4, 4, 1), np.uint8), [0], ["a", "b"]),
        (np.zeros((2, 4, 4, 1), np.uint8), [0, 2], ["a", "b"]),
        (np.zeros((2, 4, 4, 1), np.uint8), [0, -1], ["a", "b"]),
        (np.zeros((2, 4, 4, 1), np.uint8), [0, 1], ["a", "a"]),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(
    images: np.ndarray, labels: list[int], classes: list[str]
) -> None:
    words = ("arrays gives images", "Images must be uint8 (n, h, w, 1 or 3)")
    with refuses(DataError, "dataset-shape", *words):
        Dataset.of(images, labels, classes)
