"""`mirada data`: the report on images, and the preview."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import run_examples
from tests.data.copied import photo, saved
from tests.shared import shared_data

FIELDS = {
    *("schema", "source", "found", "used", "skipped", "classes", "parts", "sizes"),
    *("kinds", "fingerprint", "warnings", "written"),
}


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `photos` with parts, a leak, two labels for one image, and no images."""
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "photos"
    for number in range(24):
        part, label = ("train", "test")[number % 2], ("cat", "dog")[number // 2 % 2]
        saved(photo(number), root / part / label / f"{number:02}.png")
    shutil.copy(root / "train/cat/00.png", root / "test/cat/again.png")
    shutil.copy(root / "train/dog/02.png", root / "train/cat/also.png")
    (root / "train" / "cat" / "<b>\n.png").write_bytes(b"no image")
    for number in range(5):
        (root / "train" / "dog" / f"text{number}.txt").write_text("words")
    return root


def picture(path: str | Path) -> NDArray[np.uint8]:
    """The pixels of a picture that was written."""
    with Image.open(path) as image:
        return np.asarray(image)


def test_every_example_of_help_runs(call: Caller, here: Path) -> None:
    run_examples(call, "data")


def test_the_report_for_scripts(call: Caller, faulty: Path) -> None:
    called = call("data", "photos", "--json")
    told = called.json
    assert called.code == 0 and called.err == "" and set(told) == FIELDS
    assert told["found"] == told["used"] + len(told["skipped"]) == 32
    assert told["classes"] == {"cat": 14, "dog": 12}
    assert {"file": "train/cat/<b>\\n.png", "code": "image-unknown-format"}.items() <= (
        told["skipped"][0].items()
    )
    codes = [warning["code"] for warning in told["warnings"]]
    assert codes[:2] == ["leakage", "conflicting-labels"]
    assert told["warnings"][0]["files"] == ["test/cat/again.png", "train/cat/00.png"]
    assert told["written"] == [] and not Path("data-report").exists()


def test_the_report_in_words(call: Caller, faulty: Path) -> None:
    called = call("data", "photos")
    assert called.code == 0
    assert called.out.startswith("photos: 32 found, 26 used, 6 left out\n")
    lines = called.out.splitlines()
    assert lines[2].split() == ["Class", "Images", "train", "test"]
    assert lines[3].split() == ["cat", "14", "7", "7"]
    assert "  [image-unknown-format] 6" in lines
    assert "    and 3 more; --all lists them" in lines
    assert "  [leakage] 1" in lines and "  [conflicting-labels] 1" in lines
    assert (
        lines[-1]
        == "Written: data-report/data_report.json, data-report/contact_sheet.png"
    )
    every = call("data", "photos", "--all").out
    assert every.count(".txt' is not an image") == 5 and "--all" not in every
    spanish = call("data", "photos", "--lang", "es").out
    assert spanish.startswith("photos: 32 encontrados, 26 usados, 6 dejados fuera\n")


def test_what_it_writes(call: Caller, faulty: Path) -> None:
    called = call("data", "photos", "--out", "here/report", "--json")
    assert called.json["written"] == [
        "here/report/data_report.json",
        "here/report/contact_sheet.png",
    ]
    kept = json.loads(Path("here/report/data_report.json").read_text())
    assert kept == {name: called.json[name] for name in FIELDS - {"written"}}
    assert picture("here/report/contact_sheet.png").shape[1] > 300
    assert call("data", "photos", "--out", "here/report").code == 0
    assert sorted(p.name for p in Path("here/report").iterdir()) == [
        "contact_sheet.png",
        "data_report.json",
    ]


def test_nothing_is_written(call: Caller, faulty: Path) -> None:
    before = sorted(faulty.parent.rglob("*"))
    assert call("data", "photos", "--no-files").code == 0
    assert sorted(faulty.parent.rglob("*")) == before


def test_foreign_folders_are_left_alone(
    call: Caller, faulty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("mine").mkdir()
    Path("mine/letter.txt").write_text("dear")
    for out in ("mine", "mine/letter.txt"):
        words = ("data", "photos", "--out", out)
        told = refused(call, *words, code="report-folder-foreign", exit_code=2)
        assert f"'{out}' holds something other" in told.english
    for out in ("photos", "photos/train/report"):
        words = ("data", "photos", "--out", out)
        told = refused(call, *words, code="report-inside-data", exit_code=2)
        assert f"'{out}', inside the data" in told.english
    monkeypatch.chdir(faulty)
    assert call("data", ".").code == 2
    assert call("data", ".", "--no-files").code == 0
    Path("../file").write_text("")
    words = ("data", ".", "--out", "../file/report")
    refused(call, *words, code="cannot-make-report", exit_code=5)


def test_options_that_do_not_go_together(call: Caller, faulty: Path) -> None:
    for words in (("--augment", "flip"), ("--size", "8"), ("--network", "lenet5")):
        told = refused(
            call, "data", "photos", *words, code="data-without-preview", exit_code=2
        )
        assert "Add --preview" in told.english
    for option in (("--preview",), ("--out", "x")):
        words = ("data", "photos", "--no-files", *option)
        refused(call, *words, code="data-no-files", exit_code=2)


def test_a_preview(call: Caller, here: Path) -> None:
    words = ("data", "photos", "--preview", "--size", "32", "--json")
    plain = call(*words, "--augment", "none").json
    path = here / "data-report" / "preview.png"
    assert plain["preview"] == "data-report/preview.png"
    assert (plain["augmentation"], plain["input"]) == ("none", [3, 32, 32])
    assert len(plain["samples"]) == 8
    before = picture(path)
    changed = call(*words, "--augment", "crop 2, flip").json
    assert changed["augmentation"] == "crop 2, flip"
    assert changed["samples"] == plain["samples"]
    after = picture(path)
    assert before.shape == after.shape and (before != after).any()
    spoken = call("data", "digits", "--preview", "--network", "lenet5")
    assert spoken.code == 0 and "Written: data-report/preview.png" in spoken.out


def test_a_source_that_is_none(call: Caller, here: Path) -> None:
    refused(call, "data", "nowhere", code="source-missing", exit_code=3)


def test_tricky_images_work_to_the_end(
    call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = str(shared_data("tricky-images"))
    told = call("data", source, "--json", "--out", "report").json
    assert told["found"] == told["used"] + len(told["skipped"])
    assert all(item["reason"] for item in told["skipped"])
    assert len(told["written"]) == 2
