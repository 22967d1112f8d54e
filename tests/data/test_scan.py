"""Everything in a folder is either tried or left out with a reason."""

import os
from pathlib import Path

import pytest

from mirada.data.dataset import Part
from mirada.data.limits import Limits
from mirada.data.scan import scan
from mirada.errors import DataError
from tests.data.pictures import image_folder
from tests.refusal import refuses


def codes(folder: Path) -> dict[str, str]:
    """What was left out, by name, with the code of its reason."""
    return {skip.name: skip.reason.code for skip in scan(folder, Limits()).skipped}


def test_class_folders_are_listed_in_order(tmp_path: Path) -> None:
    image_folder(tmp_path, {"dog": 2, "cat": 1})
    listing = scan(tmp_path, Limits())
    assert [file.name for file in listing.files] == [
        "cat/000.png",
        "dog/000.png",
        "dog/001.png",
    ]
    assert [file.label for file in listing.files] == ["cat", "dog", "dog"]
    assert not listing.has_parts and not listing.skipped


def test_folders_in_a_class_belong_to_it(tmp_path: Path) -> None:
    image_folder(tmp_path, {"cat/b": 1, "cat/a/deep": 1, "cat": 1})
    listing = scan(tmp_path, Limits())
    assert [file.name for file in listing.files] == [
        "cat/000.png",
        "cat/a/deep/000.png",
        "cat/b/000.png",
    ]
    assert {file.label for file in listing.files} == {"cat"}


@pytest.mark.parametrize("validation", ["val", "valid", "Validation"])
def test_parts_are_known_by_their_names(tmp_path: Path, validation: str) -> None:
    for part in ("train", validation, "test"):
        image_folder(tmp_path / part, {"cat": 1, "dog": 1})
    listing = scan(tmp_path, Limits())
    assert listing.has_parts
    parts = {file.name.split("/")[0]: file.part for file in listing.files}
    assert parts == {
        "train": Part.TRAIN,
        validation: Part.VALIDATION,
        "test": Part.TEST,
    }


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    image_folder(tmp_path / "one", {"train": 1, "car": 1})
    image_folder(tmp_path / "two", {"train": 1, "test": 1})
    for folder, labels in (("one", {"train", "car"}), ("two", {"train", "test"})):
        listing = scan(tmp_path / folder, Limits())
        assert {file.label for file in listing.files} == labels
        assert not listing.has_parts


def test_what_is_left_out_has_a_reason(tmp_path: Path) -> None:
    image_folder(tmp_path, {"cat": 1})
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").touch()
    (tmp_path / ".git").mkdir()
    (tmp_path / "cat" / ".DS_Store").touch()
    (tmp_path / "cat" / "linked.png").symlink_to(tmp_path / "cat" / "000.png")
    (tmp_path / "dogs").symlink_to(tmp_path / "cat")
    os.mkfifo(tmp_path / "cat" / "pipe.png")
    assert codes(tmp_path) == {
        "empty": "class-folder-empty",
        "notes.txt": "file-without-class",
        ".git": "file-hidden",
        "cat/.DS_Store": "file-hidden",
        "cat/linked.png": "file-not-plain",
        "dogs": "file-not-plain",
        "cat/pipe.png": "file-not-plain",
    }


def test_files_beside_the_classes_of_a_part_have_no_class(tmp_path: Path) -> None:
    image_folder(tmp_path / "train", {"cat": 1})
    image_folder(tmp_path, {"test": 1})
    assert codes(tmp_path) == {"test/000.png": "file-without-class"}


def test_a_link_to_its_own_folder_ends(tmp_path: Path) -> None:
    image_folder(tmp_path, {"cat": 1})
    (tmp_path / "cat" / "again").symlink_to(tmp_path)
    assert codes(tmp_path) == {"cat/again": "file-not-plain"}


def test_names_are_shown_as_text(tmp_path: Path) -> None:
    image_folder(tmp_path, {"a\nb": 1})
    (tmp_path / "a\nb" / os.fsdecode(b"\xff.png")).touch()
    listing = scan(tmp_path, Limits())
    assert [file.name for file in listing.files] == ["a\\nb/000.png", "a\\nb/\\xff.png"]
    assert listing.files[0].label == "a\\nb"


def test_an_unreadable_folder_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_folder(tmp_path, {"cat": 1, "locked": 1})
    real = os.scandir

    def guarded(path: str) -> object:
        if os.fspath(path).endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", guarded)
    assert codes(tmp_path) == {"locked": "folder-unreadable"}
    with refuses(DataError, "folder-unreadable", "locked'", "Permission denied"):
        scan(tmp_path / "locked", Limits())


def test_the_number_of_files_is_bounded(tmp_path: Path) -> None:
    image_folder(tmp_path, {"cat": 3, "dog": 3})
    assert len(scan(tmp_path, Limits(files=6)).files) == 6
    with refuses(DataError, "folder-too-large", "holds more than 5 files"):
        scan(tmp_path, Limits(files=5))
