"""The four files of MNIST and its family make one dataset."""

import gzip
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from mirada.data.dataset import Part
from mirada.data.idx_folder import find_idx_files
from mirada.data.limits import Limits
from mirada.data.sources import load
from mirada.errors import DataError, MemoryLimitError
from tests.data.pictures import idx_bytes, idx_set
from tests.refusal import refuses
from tests.shared import shared_data


@pytest.mark.parametrize("zipped", [True, False])
def test_both_parts_are_there_in_order(tmp_path: Path, zipped: bool) -> None:
    data = load(idx_set(tmp_path, zipped=zipped))
    assert data.images.shape == (10, 5, 4, 1) and data.classes == ("0", "1")
    assert data.labels.tolist() == [0, 1, 0, 1, 0, 1, 0, 1, 0, 1]
    assert data.given is not None and data.given.tolist() == [0] * 6 + [2] * 4
    assert data.names[0] == "train/0" and data.names[6] == "test/0"
    assert data.images[0].ravel().tolist() == list(range(20))
    assert data.images[6].ravel().tolist() == list(range(20))


@pytest.mark.parametrize(
    "name",
    [
        "train-images.idx3-ubyte",
        "emnist-letters-train-images-idx3-ubyte",
        "TRAIN-IMAGES-IDX3-UBYTE",
    ],
)
def test_other_spellings_are_known(tmp_path: Path, name: str) -> None:
    for what, values in (("images", np.ones((2, 3, 3))), ("labels", np.arange(2))):
        number = "1" if what == "labels" else "3"
        spelt = name.replace("images", what).replace("IMAGES", what.upper())
        path = tmp_path / spelt.replace("idx3", f"idx{number}").replace(
            "IDX3", f"IDX{number}"
        )
        path.write_bytes(idx_bytes(values.astype(np.uint8)))
    (files,) = find_idx_files("set", os.listdir(tmp_path))
    assert files.part == Part.TRAIN
    assert load(tmp_path).given is None


def test_a_plain_file_goes_before_a_gzipped_one(tmp_path: Path) -> None:
    idx_set(tmp_path, zipped=False)
    for path in list(tmp_path.iterdir()):
        (tmp_path / f"{path.name}.gz").write_bytes(b"broken")
    assert len(load(tmp_path)) == 10


def test_labels_that_do_not_begin_at_zero_are_classes_by_number(tmp_path: Path) -> None:
    idx_set(tmp_path, zipped=False)
    for part, count in (("train", 6), ("t10k", 4)):
        labels = np.array([12, 3] * (count // 2), dtype=np.uint8)
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    data = load(tmp_path)
    assert data.classes == ("3", "12") and data.labels[:2].tolist() == [1, 0]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    idx_set(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte.gz").unlink()
    words = "'t10k-labels-idx1-ubyte.gz' is missing"
    with refuses(DataError, "idx-file-missing", words):
        load(tmp_path)


def test_two_sets_in_one_folder_are_refused(tmp_path: Path) -> None:
    idx_set(tmp_path)
    for path in list(tmp_path.iterdir()):
        shutil.copy(path, tmp_path / f"letters-{path.name}")
    with refuses(DataError, "idx-files-mixed", "of 2 sets ('', 'letters-')"):
        load(tmp_path)


def test_images_and_labels_must_be_as_many(tmp_path: Path) -> None:
    idx_set(tmp_path)
    labels = gzip.compress(idx_bytes(np.zeros(5, dtype=np.uint8)))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(labels)
    with refuses(DataError, "idx-counts-differ", "6 images", "holds 5 labels"):
        load(tmp_path)


def test_both_parts_must_have_one_size(tmp_path: Path) -> None:
    idx_set(tmp_path, zipped=False)
    images = idx_bytes(np.zeros((4, 6, 4), dtype=np.uint8))
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(images)
    with refuses(DataError, "idx-sizes-refused", "are 5x4, 6x4 (height x width)"):
        load(tmp_path)


def test_memory_is_asked_for_before_it_is_taken(tmp_path: Path) -> None:
    words = ("10 images of 5x4 need 1 MB", "0 MB may be used")
    with refuses(MemoryLimitError, "dataset-memory", *words):
        load(idx_set(tmp_path), limits=Limits(dataset_bytes=199))


def test_it_can_be_loaded_at_the_size_of_a_model(tmp_path: Path) -> None:
    data = load(idx_set(tmp_path), size=(8, 9), channels=3, resize="squash")
    assert data.images.shape == (10, 8, 9, 3) and data.resize == "squash"


def test_a_link_instead_of_a_file_is_refused(tmp_path: Path) -> None:
    idx_set(tmp_path / "real")
    (tmp_path / "linked").mkdir()
    for path in (tmp_path / "real").iterdir():
        (tmp_path / "linked" / path.name).symlink_to(path)
    with refuses(DataError, "file-not-plain", "is a symbolic link"):
        load(tmp_path / "linked")


def test_mnist_is_mnist() -> None:
    data = load(shared_data("mnist"))
    assert data.images.shape == (70_000, 28, 28, 1)
    assert data.classes == tuple("0123456789")
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(data.labels[:60_000]).tolist() == counts
    assert data.labels[:5].tolist() == [5, 0, 4, 1, 9]
