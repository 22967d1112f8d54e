"""What a network sees is the same in training and in prediction."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mirada.data.limits import Limits
from mirada.data.preprocessing import Preprocessing
from mirada.data.sources import load
from mirada.errors import DataError
from tests.data.pictures import image_folder, picture
from tests.refusal import refuses

GOOD = {
    "size": [8, 6],
    "channels": 3,
    "resize": "squash",
    "mean": [0.5, 0.25, 0.125],
    "std": [0.2, 0.3, 0.4],
}


def test_mean_and_std_are_those_of_the_pixels() -> None:
    images = np.random.default_rng(0).integers(0, 256, (30, 5, 4, 3), dtype=np.uint8)
    found = Preprocessing.measured(images, "squash")
    assert found.size == (5, 4) and found.channels == 3 and found.resize == "squash"
    assert found.mean == pytest.approx((images / 255).mean(axis=(0, 1, 2)), rel=1e-12)
    assert found.std == pytest.approx((images / 255).std(axis=(0, 1, 2)), rel=1e-9)
    assert found == Preprocessing.measured(images[::-1], "squash")


def test_large_sets_are_measured_in_pieces() -> None:
    images = np.random.default_rng(0).integers(0, 256, (9, 600, 700, 1), dtype=np.uint8)
    found = Preprocessing.measured(images)
    assert found.mean[0] == pytest.approx(images.mean() / 255, rel=1e-12)


def test_images_without_variation_have_one_grey_level_of_std() -> None:
    images = np.full((3, 2, 2, 1), 51, dtype=np.uint8)
    found = Preprocessing.measured(images)
    assert found.mean == (0.2,) and found.std == (1 / 255,)
    assert np.abs(found.normalize(images)).max() < 1e-4


@given(mean=st.floats(0, 1), std=st.floats(0.05, 1), channels=st.sampled_from([1, 3]))
def test_normalizing_is_the_formula_within_its_rounding(
    mean: float, std: float, channels: int
) -> None:
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    images = np.repeat(levels, channels, axis=3)
    to = Preprocessing((16, 16), channels, mean=(mean,), std=(std,))
    found = to.normalize(images)
    assert found.shape == (1, channels, 16, 16) and found.dtype == np.float32
    assert found.flags.c_contiguous
    # Four roundings: of scale and offset, of the product, and of the sum.
    unit = 2.0**-24
    for level in (0, 1, 127, 255):
        product = Fraction(level) / (255 * Fraction(std))
        offset = -Fraction(mean) / Fraction(std)
        bound = 3 * unit * (abs(product) + abs(offset)) + 2.0**-140
        value = Fraction(float(found[0, -1, level // 16, level % 16]))
        assert abs(value - (product + offset)) <= bound


def test_channels_do_not_mix() -> None:
    image = np.asarray(picture(1, (4, 3)))[None]
    to = Preprocessing((3, 4), 3, mean=(0.1, 0.2, 0.3), std=(1.0, 2.0, 4.0))
    wanted = (image[0] / 255 - np.array(to.mean)) / np.array(to.std)
    assert np.allclose(to.normalize(image)[0], wanted.transpose(2, 0, 1), atol=1e-6)


def test_images_of_another_size_are_refused_as_a_batch() -> None:
    to = Preprocessing((8, 8), 1)
    words = ("The images are 28x28x1", "the model takes 8x8x1", "size of the model")
    with refuses(DataError, "batch-size-differs", *words):
        to.normalize(np.zeros((2, 28, 28, 1), dtype=np.uint8))


def test_images_of_another_size_are_fitted_one_by_one(tmp_path: Path) -> None:
    picture(1, (50, 30)).save(tmp_path / "a.png")
    to = Preprocessing((8, 6), 1, mean=(0.5,), std=(0.5,))
    found = to.apply(tmp_path / "a.png")
    assert found.shape == (1, 8, 6) and found.flags.c_contiguous
    with Image.open(tmp_path / "a.png") as image:
        assert np.array_equal(to.apply(image), found)
    with refuses(DataError, "image-unusable", "more than the 100 pixels"):
        to.apply(tmp_path / "a.png", Limits(pixels=100))


@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_prediction_sees_what_training_saw(tmp_path: Path, ending: str) -> None:
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        for number in range(2):
            picture(number, (300, 400)).save(tmp_path / label / f"{number}.{ending}")
    data = load(tmp_path)
    to = Preprocessing.measured(data.images, data.resize)
    batch = to.normalize(data.images)
    for number, name in enumerate(data.names):
        assert to.apply(tmp_path / name).tobytes() == batch[number].tobytes()


def test_it_goes_into_json_and_back_without_loss(tmp_path: Path) -> None:
    data = load(image_folder(tmp_path, {"a": 3, "b": 2}))
    to = Preprocessing.measured(data.images)
    assert Preprocessing.from_dict(json.loads(json.dumps(to.to_dict()))) == to
    assert Preprocessing.from_dict(GOOD).to_dict() == GOOD


def test_one_number_serves_all_channels_and_whole_numbers_are_numbers() -> None:
    assert Preprocessing((4, 4), 3, mean=(0.5,), std=(1,)).mean == (0.5, 0.5, 0.5)
    assert Preprocessing((4, 4), 3, std=(1,)).std == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("size", [8], "height and width from 1 to 4096; got (8,)"),
        ("size", [8, 0], "got (8, 0)"),
        ("size", [8, 2**63], "from 1 to 4096"),
        ("size", "8x8", "got '8x8'"),
        ("channels", 2, "must be 1 (grey) or 3 (RGB); got 2"),
        ("channels", True, "got True"),
        ("resize", "pad", "one of crop, squash; got 'pad'"),
        ("resize", ["crop"], "got ('crop',)"),
        ("mean", [0.1, 0.2], "3 numbers from -1000 to 1000"),
        ("mean", [0.1, 0.2, float("nan")], "nan"),
        ("mean", [10**400, 0.2, 0.3], "3 numbers"),
        ("std", [0.0, 1.0, 1.0], "3 numbers from 0.001 to 1000; got (0.0, 1.0, 1.0)"),
        ("std", ["a", "b", "c"], "3 numbers"),
        ("std", None, "got None"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object, words: str) -> None:
    with refuses(
        DataError, "preprocessing-field", f"Preprocessing.{field} must", words
    ):
        Preprocessing.from_dict({**GOOD, field: value})


@pytest.mark.parametrize("values", [None, [], {}, {**GOOD, "extra": 1}])
def test_other_fields_are_refused(values: object) -> None:
    words = "exactly size, channels, resize, mean, std"
    with refuses(DataError, "preprocessing-fields", words):
        Preprocessing.from_dict(values)
