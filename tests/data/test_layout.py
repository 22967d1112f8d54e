"""The folders around an image say its class and its part."""

import pytest

from mirada.data.dataset import Part
from mirada.data.layout import lay_out, top_folder

TRAIN, VALIDATION, TEST = Part.TRAIN, Part.VALIDATION, Part.TEST


def places(*names: str) -> list[tuple[str, Part] | None]:
    """The place of each file by its path."""
    return lay_out([tuple(name.split("/")) for name in names])


def test_the_first_folder_is_the_class() -> None:
    found = places("cat/1.png", "cat/deep/2.png", "dog/1.png", "README")
    assert found == [("cat", TRAIN), ("cat", TRAIN), ("dog", TRAIN), None]


@pytest.mark.parametrize("top", ["set", "a/b", "test"])
def test_folders_around_all_mean_nothing(top: str) -> None:
    names = [f"{top}/{name}" for name in ("cat/1.png", "dog/1.png", "README")]
    assert places(*names) == [("cat", TRAIN), ("dog", TRAIN), None]


def test_one_class_alone_is_a_class() -> None:
    assert places("cat/1.png", "cat/2.png") == [("cat", TRAIN)] * 2
    assert places("set/cat/1.png", "set/cat/2.png") == [("cat", TRAIN)] * 2


@pytest.mark.parametrize("top", ["", "cifar/"])
def test_parts_are_known_by_their_names(top: str) -> None:
    found = places(f"{top}Train/cat/1.png", f"{top}val/cat/1.png", f"{top}test/dog/1.p")
    assert found == [("cat", TRAIN), ("cat", VALIDATION), ("dog", TEST)]
    assert places(f"{top}train/cat/1.png") == [("cat", TRAIN)]
    assert places("train/a/1", "test/1") == [("a", TRAIN), None]


def test_a_class_may_be_called_train() -> None:
    assert places("train/1.png", "car/1.png") == [("train", TRAIN), ("car", TRAIN)]
    assert places("train/1.png", "test/1.png") == [("train", TRAIN), ("test", TRAIN)]


def test_nothing_is_no_trouble() -> None:
    assert places() == [] and top_folder([]) == ()
