"""What engines refuse: wrong batches, foreign weights, losses that are not finite."""

import numpy as np
import pytest

from mirada.engines.intake import (
    checked_arrays,
    checked_images,
    checked_labels,
    chunks,
    classes,
    diverged,
    learned,
)
from mirada.errors import (
    ConfigurationError,
    DataError,
    DivergenceError,
    FileError,
    UsageError,
)
from mirada.network import (
    BatchNorm2d,
    Conv2d,
    CrossEntropy,
    GlobalAvgPool2d,
    Linear,
    MeanSquaredError,
    Network,
    Recipe,
)
from tests.refusal import refuses

PIXELS = Network("pixels", (1, 4, 4), (Conv2d(3, 3), BatchNorm2d()))
POOLED = Network("pooled", (1, 4, 4), (Conv2d(3, 3), GlobalAvgPool2d()))
VECTOR = Network("vector", (5,), (Linear(3),))


def test_statistics_are_not_learned() -> None:
    assert learned(PIXELS, Recipe()) == {
        "conv1.weight": (3, 1, 3, 3),
        "conv1.bias": (3,),
        "batchnorm1.weight": (3,),
        "batchnorm1.bias": (3,),
    }


def test_a_score_for_every_class() -> None:
    assert classes(VECTOR, Recipe()) == classes(POOLED, Recipe()) == 3
    weighted = Recipe(loss=CrossEntropy(class_weights=(1, 2, 3)))
    assert classes(VECTOR, weighted) == 3
    assert classes(VECTOR, Recipe(loss=MeanSquaredError())) == 3


def test_an_image_is_no_answer() -> None:
    with refuses(
        ConfigurationError, "output-not-classes", "'pixels' gives 3x2x2", "a flatten"
    ):
        classes(PIXELS, Recipe())


def test_a_weight_for_every_class() -> None:
    with refuses(
        ConfigurationError, "class-weights-count", "2 class weights", "'vector' tells 3"
    ):
        classes(VECTOR, Recipe(loss=CrossEntropy(class_weights=(1, 2))))


def test_images_become_contiguous_float32() -> None:
    given = np.zeros((4, 4, 1, 2)).T
    found = checked_images(PIXELS, given, most=2)
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    assert checked_images(PIXELS, given[:0]).shape == (0, 1, 4, 4)


@pytest.mark.parametrize("shape", [(), (1, 4, 4), (2, 4, 4, 1), (2, 1, 4, 5)])
def test_images_of_another_shape(shape: tuple[int, ...]) -> None:
    with refuses(
        UsageError, "batch-images", "'pixels' takes", "(n, 1, 4, 4)", f"shape {shape}"
    ):
        checked_images(PIXELS, np.zeros(shape))


@pytest.mark.parametrize("count", [0, 3])
def test_a_batch_that_is_empty_or_too_large(count: int) -> None:
    with refuses(UsageError, "batch-size", "1 to 2 images", f"got {count}"):
        checked_images(PIXELS, np.zeros((count, 1, 4, 4)), most=2)


def test_labels_become_int64() -> None:
    assert checked_labels(np.array([0, 2], np.uint8), 2, 3).dtype == np.int64


@pytest.mark.parametrize(
    "labels", [np.zeros(3, np.int64), np.zeros((2, 1), np.int64), np.zeros(2)]
)
def test_labels_of_another_shape_or_kind(labels: np.ndarray) -> None:
    with refuses(UsageError, "batch-labels", "needs 2 whole-number", str(labels.dtype)):
        checked_labels(labels, 2, 3)


@pytest.mark.parametrize("label", [-1, 3])
def test_a_label_outside_the_classes(label: int) -> None:
    words = "Image 1 of the batch", f"label {label}", "3 classes apart, 0 to 2"
    with refuses(DataError, "label-range", *words):
        checked_labels(np.array([0, label]), 2, 3)


SHAPES = {"a.weight": (2, 3), "a.bias": (2,)}


def test_weights_are_copied() -> None:
    given = {"a.bias": np.ones(2), "a.weight": np.ones((2, 3))}
    found = checked_arrays(given, SHAPES)
    assert [*found] == ["a.weight", "a.bias"]
    assert {value.dtype for value in found.values()} == {np.dtype(np.float32)}
    given["a.bias"][0] = 7
    assert found["a.bias"][0] == 1


def test_weights_that_lack_a_name_or_hold_another() -> None:
    weight, bias = np.ones((2, 3)), np.ones(2)
    with refuses(FileError, "weights-names", "lack 'a.bias'"):
        checked_arrays({"a.weight": weight}, SHAPES)
    with refuses(FileError, "weights-names", "hold 'b', which this network has not"):
        checked_arrays({"a.weight": weight, "a.bias": bias, "b": bias}, SHAPES)


def test_weights_of_another_shape() -> None:
    words = "'a.weight' of shape (3, 2)", "needs (2, 3)"
    with refuses(FileError, "weights-shape", *words):
        checked_arrays({"a.weight": np.ones((3, 2)), "a.bias": np.ones(2)}, SHAPES)


def test_chunks_cover_everything_once() -> None:
    for count in range(8):
        covered = [i for piece in chunks(count, 3) for i in range(count)[piece]]
        assert covered == [*range(count)]


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ("conv2", "layer 'conv2' is the first"),
        ("input", "the batch of images is the first"),
        (None, "the loss itself is the first"),
    ],
)
def test_what_diverged_is_named(layer: str | None, words: str) -> None:
    with refuses(DivergenceError, "loss-not-finite", "Step 8: the loss is nan", words):
        raise diverged(7, float("nan"), layer)
