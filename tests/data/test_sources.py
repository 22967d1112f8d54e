"""`load` knows a source by its name or by what lies in it."""

from pathlib import Path

import pytest

from mirada.data.sources import load
from mirada.errors import DataError
from tests.data.packing import Entry, png, tar, zip_of
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


def test_files_are_known_by_how_they_begin(tmp_path: Path) -> None:
    """Not by their names, which a download may have changed."""
    files = [("a/1.png", png(1)), ("b/1.png", png(2))]
    (tmp_path / "one.download").write_bytes(zip_of(*files))
    (tmp_path / "two").write_bytes(tar(*(Entry(name, data) for name, data in files)))
    (tmp_path / "linked").symlink_to(tmp_path / "two")
    for name in ("one.download", "two", "linked"):
        assert load(tmp_path / name).classes == ("a", "b")


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    with refuses(DataError, "source-missing", "digit' does not exist", "'digits'"):
        load(tmp_path / "digit")
    (tmp_path / "notes.docx").write_bytes(b"notes")
    words = ("notes.docx' is a file of no known source", "Looked for: a zip or tar")
    with refuses(DataError, "source-unknown", *words):
        load(tmp_path / "notes.docx")
    with refuses(DataError, "source-kind", "got list", "Dataset.of"):
        load([1, 2])  # type: ignore[arg-type]
    with refuses(DataError, "load-option", "option size must be", "got (0, 0)"):
        load("digits", size=0)


@pytest.mark.parametrize("name", ["data.pkl", "model.pt", "a.joblib", "b.PICKLE"])
def test_pickles_are_never_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with refuses(DataError, "data-pickled", f"{name}' is pickled", "numpy.savez"):
        load(tmp_path / name)
