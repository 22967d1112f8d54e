"""Which images a run is judged by, and the reason that is told."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from mirada.data import Dataset, Part, load, read_split
from mirada.tasks.held_out import held_out, judges


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("digits")


def test_the_images_held_out(here: Path, digits: Dataset) -> None:
    split = read_split("runs/example/split.json", digits)
    found = judges("runs/example", digits)
    np.testing.assert_array_equal(found.samples, split.test)
    assert found.learned == 0
    assert [str(reason) for reason in found.reasons] == [
        "Only the 359 images that the run held out count."
    ]
    np.testing.assert_array_equal(held_out("runs/example", digits), split.test)


def test_every_image(here: Path, digits: Dataset) -> None:
    found = judges("runs/example", digits, every=True)
    split = read_split("runs/example/split.json", digits)
    assert len(found.samples) == len(digits)
    assert found.learned == len(split.train)
    assert "of which the run was trained on" in str(found.reasons[0])


def other(parts: bool) -> Dataset:
    images = np.zeros((4, 8, 8, 1), np.uint8)
    given = np.array([Part.TRAIN, Part.TRAIN, Part.TEST, Part.TEST], np.uint8)
    labels, names = np.array([0, 1, 0, 1]), tuple("abcd")
    return Dataset(
        *("other", images, labels, tuple("01"), names), given if parts else None
    )


def test_data_that_the_run_has_not_seen(here: Path) -> None:
    told = "This is not the data that the run was trained on."
    found = judges("runs/example", other(parts=True))
    assert found.samples.tolist() == [2, 3]
    assert [str(reason) for reason in found.reasons] == [
        told,
        "Only the test part of the data counts.",
    ]
    found = judges("runs/example", other(parts=True), every=True)
    assert found.samples.tolist() == [0, 1, 2, 3]
    assert found.learned == 0
    assert [str(reason) for reason in found.reasons] == [told]
    assert judges("runs/example", other(parts=False)).samples.tolist() == [0, 1, 2, 3]


def test_weights_of_which_nothing_is_known(here: Path) -> None:
    found = judges("image.png", other(parts=False))
    assert (found.samples.tolist(), found.reasons) == ([0, 1, 2, 3], ())


def test_a_run_without_its_split_tells_that_nothing_is_known(
    tmp_path: Path, here: Path, digits: Dataset
) -> None:
    shutil.copytree("runs/example", tmp_path / "run")
    (tmp_path / "run" / "split.json").unlink()
    found = judges(str(tmp_path / "run"), digits)
    assert len(found.samples) == len(digits)
    assert "'split.json' is missing from the run" in str(found.reasons[0])
