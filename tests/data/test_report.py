"""The report on a source: what is planted is found, and nothing is lost."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mirada.data.dataset import Dataset
from mirada.data.limits import Limits
from mirada.data.report import DataReport, quick_warnings, report_on
from mirada.data.split import Split
from tests.data.copied import photo, recompressed, saved
from tests.data.pictures import grey_dataset, idx_set, image_folder
from tests.shared import shared_data

PARTS = ("train", "val", "test")


def codes(report: DataReport) -> dict[str, int]:
    """How many warnings there are of each code."""
    found = [warning.code for warning in report.warnings]
    return {code: found.count(code) for code in sorted(set(found))}


@pytest.fixture
def leaky(tmp_path: Path) -> tuple[Path, set[frozenset[str]]]:
    """60 photos in three parts, with copies across them, and the names of each copy."""
    root, planted = tmp_path / "leaky", set()
    for number in range(60):
        part, label = PARTS[number % 3], ("cat", "dog")[number // 3 % 2]
        saved(photo(number), root / part / label / f"{number:02}.png")
    for number in range(0, 30):
        source = (
            PARTS[number % 3],
            ("cat", "dog")[number // 3 % 2],
            f"{number:02}.png",
        )
        part = PARTS[(number + 1) % 3]
        suffix = ("png", "bmp", "tiff")[number % 3]
        copy = (part, source[1], f"copy{number:02}.{suffix}")
        if suffix == "png":
            shutil.copy(root.joinpath(*source), root.joinpath(*copy))
        else:
            saved(photo(number), root.joinpath(*copy))
        planted.add(frozenset(("/".join(source), "/".join(copy))))
    return root, planted


def leaks(report: DataReport) -> set[frozenset[str]]:
    """The sets of files that are told to be in more than one part."""
    return {frozenset(w.files) for w in report.warnings if w.code == "leakage"}


def test_every_planted_leak_is_found(leaky: tuple[Path, set[frozenset[str]]]) -> None:
    root, planted = leaky
    report = report_on(root)
    assert leaks(report) == planted and len(planted) == 30
    same = [w.facts["same"] for w in report.warnings if w.code == "leakage"]
    assert (same.count("bytes"), same.count("pixels")) == (10, 20)
    assert codes(report) == {"leakage": 30}


def test_a_planted_fault_is_seen(
    leaky: tuple[Path, set[frozenset[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report would be wrong if it compared bytes alone."""
    root, planted = leaky
    report = report_on(root)
    records = report.survey.records.copy()
    records["pixels"] = records["content"]
    blind = replace(report.survey, records=records)
    monkeypatch.setattr("mirada.data.report.survey", lambda *_: blind)
    assert leaks(report_on(root)) < planted


def test_leaks_are_found_in_arrays(tmp_path: Path) -> None:
    folder = idx_set(tmp_path / "idx", train=6, test=4, zipped=False)
    report = report_on(folder)  # the test images equal the first training images
    assert codes(report)["leakage"] == 4
    assert report.survey.same_bytes is None
    assert report.to_dict()["parts"] == {
        "train": {"0": 3, "1": 3},
        "test": {"0": 2, "1": 2},
    }


def test_near_leaks_are_told_apart(tmp_path: Path) -> None:
    for number in range(24):
        part, label = "train", ("cat", "dog")[number % 2]
        saved(photo(number), tmp_path / part / label / f"{number}.png")
        saved(photo(100 + number), tmp_path / "test" / label / f"{number}.png")
    saved(recompressed(photo(0), 60), tmp_path / "test" / "cat" / "near.jpg")
    saved(photo(2).resize((60, 45)), tmp_path / "train" / "cat" / "small.png")
    saved(photo(4).resize((60, 45)), tmp_path / "train" / "dog" / "wrong.png")
    assert codes(report_on(tmp_path)) == {
        "near-conflicts": 1,
        "near-duplicates": 1,
        "near-leakage": 1,
    }


def test_every_other_warning(tmp_path: Path) -> None:
    for number in range(60):
        saved(photo(number), tmp_path / "many" / f"{number}.png")
    for number in range(100, 110):
        saved(photo(number, (90, 120)), tmp_path / "some" / f"{number}.png")
    odd = tmp_path / "some"
    saved(Image.new("RGB", (60, 60), (9, 8, 7)), odd / "constant.png")
    saved(photo(7, (12, 12)).resize((12, 12)), odd / "tiny.png")
    saved(photo(8).convert("L"), odd / "grey.png")
    exif = Image.Exif()
    exif[0x0112] = 8
    photo(111).save(odd / "turned.jpg", exif=exif)
    saved(photo(112), tmp_path / "few" / "one.png")
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "broken.png").write_bytes(b"no image")
    report = report_on(tmp_path)
    files = {warning.code: warning.files for warning in report.warnings}
    single = {c: Path(fs[0]).name for c, fs in files.items() if len(fs) == 1}
    assert single == {
        "constant-images": "constant.png",
        "tiny-images": "tiny.png",
        "exif-rotated": "turned.jpg",
        "class-too-small": "one.png",
        "grey-among-colour": "grey.png",
    }
    assert set(files) == {
        *("class-without-images", "class-too-small", "class-imbalance"),
        *("mixed-orientation", "exif-rotated", "constant-images", "tiny-images"),
        *("grey-among-colour", "near-conflicts"),
    }
    assert len(files["mixed-orientation"]) == 11
    assert report.warnings[0].code == "class-without-images"
    assert report.warnings[0].is_serious and not report.warnings[1].is_serious


def test_a_class_that_a_part_lacks_and_only_one_class(tmp_path: Path) -> None:
    for number in range(12):
        saved(photo(number), tmp_path / "a" / "train" / "cat" / f"{number}.png")
        saved(photo(100 + number), tmp_path / "a" / "train" / "dog" / f"{number}.png")
        saved(photo(200 + number), tmp_path / "a" / "test" / "cat" / f"{number}.png")
        saved(photo(number), tmp_path / "b" / "cat" / f"{number}.png")
    report = report_on(tmp_path / "a")
    assert codes(report) == {"class-missing-in-part": 1}
    assert report.warnings[0].facts == {"classes": ["dog"], "parts": ["test"]}
    assert codes(report_on(tmp_path / "b")) == {"one-class": 1}


def test_nothing_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "a.png").write_text("text")
    (tmp_path / "b.png").write_text("text")
    told = report_on(tmp_path).to_dict()
    assert (told["found"], told["used"], told["sizes"]) == (2, 0, None)
    assert {item["code"] for item in told["skipped"]} == {
        "image-unknown-format",
        "file-without-class",
    }
    assert "no-images" in [warning["code"] for warning in told["warnings"]]


def test_the_report_as_json(tmp_path: Path) -> None:
    image_folder(tmp_path / "data", {"cat": 12, "dog": 11})
    (tmp_path / "data" / "dog" / "zz.png").write_bytes(b"no image")
    told = json.loads(json.dumps(report_on(tmp_path / "data").to_dict()))
    assert told["found"] == told["used"] + len(told["skipped"]) == 24
    assert told["classes"] == {"cat": 12, "dog": 11}
    assert told["kinds"] == {"PNG RGB": 23} and told["parts"] == {}
    assert told["sizes"] == {
        "different": 1,
        "smallest": [10, 12],
        "median": [10, 12],
        "largest": [10, 12],
    }
    assert told["skipped"][0]["file"] == "dog/zz.png"
    # Each picture of `cat` is there as a `dog` as well.
    assert codes(report_on(tmp_path / "data"))["conflicting-labels"] == 11


def test_the_fingerprint_is_of_what_is_seen(tmp_path: Path) -> None:
    def fingerprint() -> str:
        return report_on(tmp_path).survey.fingerprint

    image_folder(tmp_path, {"cat": 3, "dog": 2})
    first = fingerprint()
    path = tmp_path / "cat" / "000.png"
    image = Image.open(path).copy()
    image.save(path, compress_level=0)
    assert fingerprint() == first
    image.putpixel((0, 0), (1, 2, 3))
    image.save(path)
    assert fingerprint() != first


def test_tricky_images_are_all_used_or_left_out_with_a_reason() -> None:
    root = shared_data("tricky-images")
    found = report_on(root)
    told = found.to_dict()
    files = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    skipped = [item["file"] for item in told["skipped"]]
    assert told["found"] == told["used"] + len(skipped) == len(files)
    assert {*found.survey.names, *skipped} == files
    assert all(item["reason"] and item["code"] for item in told["skipped"])
    assert told["used"] > 250


def test_a_bomb_loses_one_file(tmp_path: Path) -> None:
    image_folder(tmp_path, {"cat": 4, "dog": 4})
    (tmp_path / "cat" / "bomb.png").write_bytes(
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x00\x00\x00\x01\x00\x00"
        b"\x08\x02\x00\x00\x00"
    )
    report = report_on(tmp_path, limits=Limits(pixels=10_000))
    assert len(report.survey) == 8 and len(report.survey.skipped) == 1


def split(parts: list[int], data: Dataset) -> Split:
    """The split that gives each sample its part; 9 leaves one unused."""
    return Split.from_parts(np.array(parts), 0, data.fingerprint)


def twins(labels: list[int], equal: list[tuple[int, int]]) -> Dataset:
    """Drawn images of two classes, of which some are equal."""
    data = grey_dataset({"cat": len(labels)})
    images = data.images.copy()
    for first, second in equal:
        images[second] = images[first]
    return replace(
        data,
        images=images,
        labels=np.array(labels, dtype=np.int64),
        classes=("cat", "dog"),
    )


def test_quick_warnings_at_the_start_of_a_training() -> None:
    data = twins([0, 0, 0, 1, 0, 1, 0, 1], [(0, 1), (2, 3), (4, 6), (5, 7)])
    found = quick_warnings(data, split([0, 2, 1, 1, 0, 0, 9, 0], data))
    told = [(warning.code, warning.files) for warning in found]
    assert told == [("leakage", ("0", "1")), ("conflicting-labels", ("2", "3"))]


def test_images_that_differ_in_one_pixel_are_not_equal() -> None:
    data = twins([0] * 8, [(0, 1), (2, 3)])
    images = data.images.copy()
    images[1, 3, 4, 0] ^= 1
    data = replace(data, images=images)
    found = quick_warnings(data, split([0, 2, 0, 2, 0, 0, 0, 0], data))
    assert [warning.files for warning in found] == [("2", "3")]
