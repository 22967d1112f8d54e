"""Sources in the room of data: looked at as `mirada data` does, and shown in part."""

import base64
import json
import os
import shutil
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mirada.data import load
from mirada.data.findings import FEWEST
from mirada.data.report import report_on
from mirada.data.warning import SERIOUS
from mirada.errors import ConfigurationError, DataError, UsageError
from mirada.lab import data_scan
from mirada.lab.data_findings import TITLES
from mirada.lab.data_places import Recent
from mirada.lab.data_scan import Scan, Scans
from mirada.lab.lab import Lab
from tests.cli.stage import photos
from tests.lab.asking import ask, heard


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    photos(tmp_path / "flowers", {"daisy": 8, "roses": 8, "tulips": 12}, size=(16, 12))
    found = Lab(tmp_path)
    yield found
    found.close()


def looked(lab: Lab, source: str, **values: Any) -> Any:
    """What a look at a source finds."""
    kind, found = heard(lab, "/api/data/scan", source=source, **values)[-1]
    assert kind == "report"
    json.dumps(found)
    return found


def tiles(answer: Any) -> list[NDArray[np.uint8]]:
    """The small images of a sheet, one by one, in RGBA."""
    png = Image.open(BytesIO(base64.b64decode(answer["png"])))
    side, pixels = answer["side"], np.asarray(png)
    return [
        pixels[top : top + side, left : left + side]
        for top in range(0, png.height, side)
        for left in range(0, png.width, side)
    ]


def test_a_look_says_what_mirada_data_says(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "flowers/daisy/bad.png").write_bytes(b"no image")
    shutil.copy(tmp_path / "flowers/daisy/000.png", tmp_path / "flowers/roses/zz.png")
    found, law = looked(lab, "flowers"), report_on(tmp_path / "flowers").to_dict()
    assert found["source"] == str(tmp_path / "flowers")
    for name in ("found", "used", "sizes", "kinds", "fingerprint"):
        assert found[name] == law[name], name
    assert found["left_out"] == 1
    assert {each["name"]: each["count"] for each in found["classes"]} == law["classes"]
    told = [item["message"] for group in found["warnings"] for item in group["items"]]
    assert told == [warning["message"] for warning in law["warnings"]]
    assert {group["code"] for group in found["warnings"] if group["serious"]} == {
        "conflicting-labels"
    }
    (left_out,) = found["skipped"]
    assert left_out["items"] == [
        {name: law["skipped"][0][name] for name in ("file", "reason")}
    ]


def test_every_class_is_shown_by_images_of_its_own(lab: Lab, tmp_path: Path) -> None:
    for found in looked(lab, "flowers")["classes"]:
        assert len(found["samples"]) == 8
        assert all(name.startswith(found["name"] + "/") for name in found["samples"])


def test_every_kind_of_warning_has_a_title() -> None:
    assert set(SERIOUS) < set(TITLES)


def test_of_uneven_classes_the_page_names_its_own_field(
    lab: Lab, tmp_path: Path
) -> None:
    for number in range(60):
        image = np.full((8, 8, 3), number, np.uint8)
        Image.fromarray(image).save(tmp_path / f"flowers/daisy/more{number}.png")
    found = looked(lab, "flowers")["warnings"]
    (uneven,) = [group for group in found if group["code"] == "class-imbalance"]
    (item,) = uneven["items"]
    assert "'daisy' has 68 images, 'roses' has 8" in item["message"]
    assert "in Class weights" in item["message"] and "--" not in item["message"]


def test_of_many_findings_the_first_are_shown_and_all_counted(
    lab: Lab, tmp_path: Path
) -> None:
    for number in range(30):
        (tmp_path / f"flowers/daisy/bad{number:02}.png").write_bytes(b"no image")
    (group,) = looked(lab, "flowers")["skipped"]
    assert group["count"] == 30
    assert [item["file"] for item in group["items"]] == [
        f"daisy/bad{number:02}.png" for number in range(24)
    ]


def test_the_small_images_are_those_of_their_names(lab: Lab, tmp_path: Path) -> None:
    looked(lab, "flowers")
    names = ["tulips/003.png", "daisy/000.png", "no such.png", "roses/007.png"] * 5
    answer = ask(lab, "POST", "/api/data/tiles", source="flowers", names=names, side=16)
    assert answer["missing"] == [2, 6, 10, 14, 18]
    shown = tiles(answer)
    for place, name in enumerate(names):
        if place in answer["missing"]:
            assert not shown[place].any()
            continue
        wanted = load(tmp_path / "flowers", size=16, cache=False)
        pixels = wanted.images[wanted.names.index(name)]
        assert np.array_equal(shown[place][..., :3], pixels), name


def test_images_of_arrays_are_enlarged_by_whole_pixels(lab: Lab) -> None:
    looked(lab, "digits")
    names = ["digits/5", "digits/1700"]
    answer = ask(lab, "POST", "/api/data/tiles", source="digits", names=names, side=36)
    assert answer["side"] == 32
    images = load("digits").images
    for shown, number in zip(tiles(answer), (5, 1700), strict=True):
        larger = images[number].repeat(4, axis=0).repeat(4, axis=1)
        assert np.array_equal(shown[..., :3], larger.repeat(3, axis=2))


def test_of_a_folder_that_vanishes_images_are_missing_and_a_look_is_refused(
    lab: Lab, tmp_path: Path
) -> None:
    looked(lab, "flowers")
    shutil.rmtree(tmp_path / "flowers")
    names = ["daisy/000.png", "roses/000.png"]
    answer = ask(lab, "POST", "/api/data/tiles", source="flowers", names=names)
    assert answer["missing"] == [0, 1]
    with pytest.raises(DataError, match="does not exist"):
        looked(lab, "flowers", anew=True)
    with pytest.raises(ConfigurationError) as refused:
        ask(lab, "POST", "/api/data/tiles", source="flowers", names=names)
    assert refused.value.code == "data-not-looked-at"
    here = ask(lab, "GET", "/api/data")
    assert here["recent"] == [{"source": str(tmp_path / "flowers"), "is_there": False}]


@pytest.mark.parametrize("names", [None, "a", [1], ["a"] * 401, {"a": 1}])
def test_names_of_small_images_are_checked(lab: Lab, names: object) -> None:
    looked(lab, "digits")
    with pytest.raises(UsageError) as refused:
        ask(lab, "POST", "/api/data/tiles", source="digits", names=names)
    assert refused.value.code == "tile-names"


def test_a_report_is_kept_until_it_is_asked_for_anew(lab: Lab, tmp_path: Path) -> None:
    before = looked(lab, "flowers")
    (tmp_path / "flowers/daisy/000.png").unlink()
    assert looked(lab, "flowers") == before
    assert looked(lab, "flowers", anew=True)["used"] == before["used"] - 1


def test_a_look_tells_how_far_it_is_and_can_be_ended(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, waiting = threading.Event(), threading.Event()

    def slow(source: str, *, watch: Any) -> None:
        for done in range(3):
            watch(done, 28)
        waiting.set()
        held.wait(10)
        watch(3, 28)
        raise AssertionError("it was not ended")

    monkeypatch.setattr(data_scan, "report_on", slow)
    events = ask(lab, "POST", "/api/data/scan", source="flowers").source
    assert waiting.wait(10)
    assert next(events) == ("progress", {"done": 2, "total": 28})
    ask(lab, "DELETE", "/api/data/scan")
    held.set()
    assert [kind for kind, _ in events][-1] == "cancelled"
    assert ask(lab, "GET", "/api/data")["scanned"] == ""


def test_two_who_look_at_one_source_follow_one_look(lab: Lab, tmp_path: Path) -> None:
    scans, source = lab.part(Scans), str(tmp_path / "flowers")
    first = scans.begin(source)
    assert scans.begin(source) is first
    other = scans.begin("digits")
    assert other is not first and first.is_cancelled
    assert other.wait(30)


def test_a_look_that_fails_is_told_and_tried_again(lab: Lab) -> None:
    scans = lab.part(Scans)
    first = scans.begin("/no/such folder")
    assert first.wait(10) and isinstance(first.error, DataError)
    assert scans.begin("/no/such folder") is not first


def test_the_lab_closes_while_a_look_goes_on(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = threading.Event()

    def slow(source: str, *, watch: Any) -> None:
        began.set()
        while True:
            watch(0, 1)

    monkeypatch.setattr(data_scan, "report_on", slow)
    scan: Scan = lab.part(Scans).begin("digits")
    assert began.wait(10)
    lab.close()
    assert scan.wait(10)


def test_paths_are_in_the_folder_of_the_lab_unless_they_are_whole(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    whole = str(tmp_path / "flowers")
    for typed in ("flowers", "./flowers/", "x/../flowers", whole, "~/flowers"):
        assert looked(lab, typed)["source"] == whole, typed
    assert looked(lab, "digits")["source"] == "digits"


@pytest.mark.parametrize("source", ["", "  "])
def test_a_source_must_be_named(lab: Lab, source: str) -> None:
    with pytest.raises(UsageError) as refused:
        ask(lab, "POST", "/api/data/scan", source=source)
    assert refused.value.code == "source-empty"


@pytest.mark.parametrize(
    "source",
    ["\0", "a\0b", "\udcff", "\ud800", "~nobody here/x", "/dev/null", "x" * 4000],
)
def test_sources_that_cannot_be_are_refused_plainly(lab: Lab, source: str) -> None:
    with pytest.raises(DataError) as refused:
        heard(lab, "/api/data/scan", source=source)
    str(refused.value).encode()


def test_folders_are_named_as_a_path_is_typed(lab: Lab, tmp_path: Path) -> None:
    def named(path: str) -> list[str]:
        return [each["path"] for each in folders(path)["folders"]]

    def folders(path: str) -> Any:
        return ask(lab, "GET", "/api/data/folders", path=path)

    (tmp_path / "Fluff").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "flat.txt").write_text("secret")
    assert named("fl") == ["Fluff", "flowers"]
    assert named("flo") == ["flowers"]
    assert named("flowers") == ["flowers"]
    assert named("flowers/") == ["flowers/daisy", "flowers/roses", "flowers/tulips"]
    assert named(f"{tmp_path}/flowers/d") == [f"{tmp_path}/flowers/daisy"]
    assert named(".") == [".hidden"]
    assert named("") == ["Fluff", "flowers"]
    assert named("no/such/") == [] and "no/such" in folders("no/such/")["problem"]
    assert "secret" not in json.dumps(folders("flowers/../fl"))


@pytest.mark.parametrize("path", ["\0/", "a\0", "\udcff/", "~", "~nobody here/", "//"])
def test_paths_that_cannot_be_have_no_folders(lab: Lab, path: str) -> None:
    json.dumps(ask(lab, "GET", "/api/data/folders", path=path)).encode()


def test_a_folder_whose_name_is_no_text_is_not_named(lab: Lab, tmp_path: Path) -> None:
    try:
        os.mkdir(os.fsencode(tmp_path) + b"/odd\xff")
    except OSError:
        pytest.skip("this disk takes only names that are text")
    (tmp_path / "odd\n").mkdir()
    assert ask(lab, "GET", "/api/data/folders", path="odd")["folders"] == []


def test_sources_are_remembered_the_last_first(lab: Lab, tmp_path: Path) -> None:
    recent = lab.part(Recent)
    for number in range(12):
        recent.add(f"/data/{number}")
    recent.add("/data/9")
    assert recent.all()[:3] == ["/data/9", "/data/11", "/data/10"]
    assert len(recent.all()) == 8
    assert Lab(tmp_path).part(Recent).all() == recent.all()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"recent": 3}', "[" * 100_000])
def test_a_damaged_memory_is_an_empty_one(lab: Lab, tmp_path: Path, text: str) -> None:
    (tmp_path / "data.json").write_text(text)
    assert lab.part(Recent).all() == []
    looked(lab, "flowers")
    assert lab.part(Recent).all() == [str(tmp_path / "flowers")]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_memory_that_is_no_small_file_is_not_read(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps({"recent": ["digits"], "more": " " * (1 << 20)}))
    assert lab.part(Recent).all() == []
    path.unlink()
    os.mkfifo(path)  # is waited for by who opens it as any file
    assert lab.part(Recent).all() == []


def test_what_is_in_use_and_gone_is_told(lab: Lab, tmp_path: Path) -> None:
    lab.workplace.change(0, {"data": str(tmp_path / "flowers")})
    assert ask(lab, "GET", "/api/data")["in_use"]["is_there"]
    shutil.rmtree(tmp_path / "flowers")
    assert not ask(lab, "GET", "/api/data")["in_use"]["is_there"]


def test_small_classes_are_told(lab: Lab) -> None:
    small = [
        g for g in looked(lab, "flowers")["warnings"] if g["code"] == "class-too-small"
    ]
    assert small[0]["count"] == 2 and 8 < FEWEST <= 12


def test_what_cannot_be_remembered_is_looked_at_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "data.json").mkdir()  # as little to be written as on a full disk
    events = heard(Lab(tmp_path), "/api/data/scan", source="digits")
    assert events[-1][0] == "report"
