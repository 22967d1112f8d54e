"""`load` knows a source by its name or by what lies in it."""

from pathlib import Path

import pytest

from mirada.data.sources import load
from mirada.errors import DataError
from tests.data.pictures import idx_set, image_folder
from tests.refusal import refuses


def test_digits_come_with_the_package() -> None:
    data = load("digits")
    assert data.images.shape == (1797, 8, 8, 1) and data.given is None
    assert data.classes == tuple("0123456789") and data.name == "digits"
    assert load("digits", size=16, channels=3).images.shape == (1797, 16, 16, 3)


def test_a_folder_called_digits_is_reached_by_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image_folder(tmp_path / "digits", {"one": 1, "two": 1})
    monkeypatch.chdir(tmp_path)
    assert len(load("digits")) == 1797
    assert len(load("./digits")) == len(load(Path("digits"))) == 2


def test_folders_are_known_by_what_lies_in_them(tmp_path: Path) -> None:
    assert load(idx_set(tmp_path / "idx")).channels == 1
    assert load(image_folder(tmp_path / "images", {"a": 1, "b": 1})).channels == 3


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    with refuses(DataError, "source-missing", "digit' does not exist", "'digits'"):
        load(tmp_path / "digit")
    (tmp_path / "data.pkl").write_bytes(b"\x80\x04.")
    with refuses(DataError, "source-not-a-folder", "data.pkl' is a file"):
        load(tmp_path / "data.pkl")
    with refuses(DataError, "load-option", "option size must be", "got (0, 0)"):
        load("digits", size=0)
