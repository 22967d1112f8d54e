"""Every source is surveyed: what is encoded as files, what is arrays in memory."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from mirada.data.dataset import Dataset, Part
from mirada.data.examine import RECORD, examine
from mirada.data.limits import Limits
from mirada.data.listing import Listing
from mirada.data.pool import Decoders
from mirada.data.report import report_on
from mirada.data.request import Request
from mirada.data.sources import find, load
from mirada.data.survey import survey
from tests.data.copied import photo, saved
from tests.data.pictures import image_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve photos of two classes, and what is no image."""
    for number in range(12):
        label = ("cat", "dog")[number % 2]
        saved(photo(number), tmp_path / "data" / label / f"{number:02}.png")
    (tmp_path / "data" / "dog" / "broken.png").write_bytes(b"no image")
    return tmp_path / "data"


def test_a_folder(folder: Path) -> None:
    found = find(folder, Request())
    assert isinstance(found, Listing)
    seen = survey(found, Request())
    assert (seen.found, len(seen), len(seen.skipped)) == (13, 12, 1)
    assert seen.counts().tolist() == [6, 6] and seen.parts is None
    assert seen.part_counts() == {} and seen.has_files
    assert seen.names == load(folder).names and seen.classes == load(folder).classes


def test_what_a_process_tells_is_what_this_one_would(folder: Path) -> None:
    paths = [str(path) for path in sorted(folder.rglob("*0*.png"))]
    with Decoders(workers=2) as decoders:
        told = list(decoders.examine(paths))
    here = [examine(path, Limits()).reshape(-1).view(RECORD) for path in paths]
    assert len(told) > 8
    for one, other in zip(told, here, strict=True):
        assert isinstance(one, np.ndarray) and one.tobytes() == other.tobytes()


def test_arrays() -> None:
    images = np.stack([np.asarray(photo(number)) for number in range(4)])
    images[3] = 9
    images[2] = images[2, :, :, :1]
    data = Dataset.of(images, [0, 1, 0, 1], ["cat", "dog"])
    seen = survey(data, Request())
    assert seen.same_bytes is None and seen.found == 4
    assert seen.records["kind"].tolist() == [b"array RGB"] * 4
    assert seen.records["coloured"].tolist() == [True, True, False, False]
    assert seen.records["constant"].tolist() == [False, False, False, True]


def test_arrays_and_files_of_the_same_pixels_are_equal(folder: Path) -> None:
    seen = survey(find(folder, Request()), Request())
    arrays = survey(load(folder, size=(90, 120), channels=3), Request())
    assert (seen.records["pixels"] == arrays.records["pixels"]).all()
    assert seen.fingerprint == arrays.fingerprint
    near = np.abs(seen.records["small"].astype(int) - arrays.records["small"])
    assert near.max() <= 1


def test_a_table_with_parts(folder: Path) -> None:
    rows = ["file,label,split"]
    for path in sorted(folder.rglob("[01]*.png")):
        part = "test" if path.stem in ("00", "01") else "train"
        rows.append(f"{path.relative_to(folder)},{path.parent.name},{part}")
    rows.append("dog/broken.png,dog,train")
    (folder / "labels.csv").write_text("\n".join(rows))
    seen = report_on(folder / "labels.csv").survey
    assert (len(seen), len(seen.skipped)) == (12, 1)
    counts = {part: count.tolist() for part, count in seen.part_counts().items()}
    assert counts == {Part.TRAIN: [5, 5], Part.TEST: [1, 1]}


def test_a_table_with_groups(folder: Path) -> None:
    rows = ["file,label,split,group"]
    for number, path in enumerate(sorted(folder.rglob("[01]*.png"))):
        part, group = ("test" if number < 2 else "train"), f"person{number // 3}"
        rows.append(f"{path.relative_to(folder)},{path.parent.name},{part},{group}")
    (folder / "labels.csv").write_text("\n".join(rows))
    found = {warning.code: warning for warning in report_on(folder).warnings}
    assert found["torn-group"].facts["group"] == "person0"
    assert len(found["torn-group"].files) == 3


def test_an_archive_is_as_the_folder_in_it(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        for path in sorted(folder.rglob("*.png")):
            archive.write(path, path.relative_to(folder))
    packed, plain = report_on(tmp_path / "data.zip"), report_on(folder)
    assert packed.survey.fingerprint == plain.survey.fingerprint
    assert packed.survey.found == plain.survey.found == 13
    assert packed.survey.names == plain.survey.names


def test_arrays_in_a_file(tmp_path: Path) -> None:
    images = np.stack([np.asarray(photo(number)) for number in range(4)])
    np.savez(tmp_path / "some.npz", images=images, labels=[0, 1, 0, 1])
    seen = report_on(tmp_path / "some.npz").survey
    assert len(seen) == 4 and not seen.has_files


def test_a_file_that_goes_while_it_is_looked_at(tmp_path: Path) -> None:
    found = find(image_folder(tmp_path, {"cat": 3, "dog": 3}), Request())
    (tmp_path / "cat" / "001.png").unlink()
    seen = survey(found, Request())
    assert [item.name for item in seen.skipped] == ["cat/001.png"]
    assert (seen.found, len(seen)) == (6, 5)


def test_copies_are_told_by_pixels_and_by_bytes(folder: Path) -> None:
    (folder / "cat" / "copy.png").write_bytes((folder / "cat" / "00.png").read_bytes())
    saved(photo(2), folder / "cat" / "other.bmp")
    seen = survey(find(folder, Request()), Request())
    place = {name: number for number, name in enumerate(seen.names)}
    of = [
        place[f"cat/{name}"] for name in ("00.png", "copy.png", "02.png", "other.bmp")
    ]
    pixels, contents = seen.same_pixels[of], seen.same_bytes
    assert contents is not None
    assert pixels[0] == pixels[1] != pixels[2] == pixels[3]
    assert contents[of[0]] == contents[of[1]] and contents[of[2]] != contents[of[3]]
