"""The split file is checked whole before it is used."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mirada.data.dataset import Part
from mirada.data.split import divide, reduced
from mirada.data.split_file import read_split, write_split
from mirada.errors import DataError, FileError, StorageError
from tests.data.pictures import grey_dataset
from tests.refusal import refuses

DATA = grey_dataset({"cat": 5, "dog": 5})


def test_a_split_comes_back(tmp_path: Path) -> None:
    split = divide(DATA, seed=7)
    write_split(tmp_path / "split.json", split)
    found = read_split(tmp_path / "split.json", DATA)
    for part in Part:
        assert np.array_equal(found.of(part), split.of(part))
    assert (found.seed, found.fingerprint) == (7, DATA.fingerprint)
    assert [path.name for path in tmp_path.iterdir()] == ["split.json"]


def test_it_is_json_with_a_schema(tmp_path: Path) -> None:
    split = divide(DATA)
    write_split(tmp_path / "split.json", split)
    values = json.loads((tmp_path / "split.json").read_text())
    assert values["schema"] == 1 and values["kind"] == "split"
    assert values["test"] == split.test.tolist()


def test_a_reduced_split_comes_back(tmp_path: Path) -> None:
    split = reduced(divide(DATA), DATA, 0.5)
    write_split(tmp_path / "split.json", split)
    found = read_split(tmp_path / "split.json", DATA)
    assert len(split.unused) and np.array_equal(found.unused, split.unused)
    assert found.digest == split.digest


def test_a_split_of_other_data_is_refused(tmp_path: Path) -> None:
    write_split(tmp_path / "split.json", divide(DATA))
    smaller = grey_dataset({"cat": 4, "dog": 4})
    with refuses(DataError, "split-of-other-data", "drawn now has"):
        read_split(tmp_path / "split.json", smaller)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": 2}, "its schema is 2 of kind 'split'"),
        ({"kind": "model"}, "its schema is 1 of kind 'model'"),
        ({"extra": 1}, "its fields are extra, fingerprint"),
        ({"seed": "0"}, "its seed or its fingerprint"),
        ({"fingerprint": 5}, "its seed or its fingerprint"),
        ({"test": 5}, "'test' must list different sample numbers below 10"),
        ({"test": [10]}, "'test' must list"),
        ({"test": [-1]}, "'test' must list"),
        ({"test": [True]}, "'test' must list"),
        ({"test": [2**70]}, "'test' must list"),
        ({"test": [1, 1]}, "'test' must list"),
        ({"train": [0], "validation": [0]}, "sample 0 is in two parts"),
        ({"train": [], "validation": [], "test": [0, 1]}, "sample 2 is in no part"),
        ({"unused": [0]}, "sample 0 is in two parts"),
        ({"unused": 1}, "'unused' must list"),
    ],
)
def test_a_changed_file_is_refused(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    path = tmp_path / "split.json"
    write_split(path, divide(DATA))
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with refuses(FileError, "split-file", "split.json' is not a split", words):
        read_split(path, DATA)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "it is no JSON"),
        ("\x80", "it is no JSON"),
        ("[" * 100_000, "it is no JSON"),
        ('{"seed": 1, "seed": 2}', "a field is there twice"),
        ("[]", "its fields are -"),
    ],
)
def test_foreign_content_is_refused(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "split.json").write_text(content, "latin-1")
    with refuses(FileError, "split-file", words):
        read_split(tmp_path / "split.json", DATA)


def test_a_missing_split_is_named(tmp_path: Path) -> None:
    with refuses(DataError, "file-missing", "split.json' does not exist"):
        read_split(tmp_path / "split.json", DATA)


def test_a_full_disk_leaves_the_old_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "split.json"
    write_split(path, divide(DATA))
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    words = ("split.json' (", "No space left on device", "Free some space")
    with refuses(StorageError, "split-not-written", *words):
        write_split(path, replace(divide(DATA), seed=5))
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["split.json"]
    with refuses(StorageError, "split-not-written", "No such file"):
        write_split(tmp_path / "gone" / "split.json", divide(DATA))
