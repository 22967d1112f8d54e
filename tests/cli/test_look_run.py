"""`mirada look RUN`: the page, the table of labels, the words and the JSON of a run."""

import csv
import errno
import io
import json
import shutil
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mirada.cli import main
from mirada.training.disk import Disk
from tests.cli.bilingual import refused
from tests.cli.calling import Called, Caller
from tests.cli.documented import documented_fields
from tests.cli.stage import copied, photos
from tests.shared import shared_data
from tests.views.test_report import ALLOWED, Page

RUN = "runs/example"
DRAWN = ALLOWED | {"image", "use"}
"""The elements of a page with maps: an image is held once and used again."""


class Seen(NamedTuple):
    """Looks at the example: as JSON, in words, in Spanish, and the page of each."""

    called: dict[str, Called]
    pages: dict[str, bytes]
    table: list[str]


@pytest.fixture(scope="module")
def seen(stage: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """What all tests that only read share: each look takes seconds."""
    folder = copied(stage, tmp_path_factory.mktemp("looks") / "here")
    called, pages = {}, {}
    for name, words in {
        "json": ("--json", "--lang", "en"),
        "en": ("--lang", "en"),
        "es": ("--lang", "es", "--engine", "native"),
    }.items():
        out, err = io.StringIO(), io.StringIO()
        with chdir(folder), redirect_stdout(out), redirect_stderr(err):
            code = main(["look", RUN, *words])
        called[name] = Called(code, out.getvalue(), err.getvalue())
        pages[name] = (folder / RUN / "report.html").read_bytes()
    table = (folder / RUN / "wrong_labels.csv").read_text("utf-8").splitlines()
    return Seen(called, pages, table)


def looked(call: Caller, *words: str) -> Any:
    called = call("look", *words, "--json")
    assert called.code == 0, called.err
    assert called.out.count("\n") == 1
    return called.json


def page_of(folder: Path) -> Page:
    return Page((folder / "report.html").read_text("utf-8"))


def rows_of(folder: Path) -> list[dict[str, str]]:
    text = (folder / "wrong_labels.csv").read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def weights_alone(here: Path) -> Path:
    path = here / "alone" / "w.safetensors"
    path.parent.mkdir()
    shutil.copy(here / RUN / "best.safetensors", path)
    return path


def test_json_has_the_documented_fields(seen: Seen) -> None:
    plain = seen.called["json"].json
    name = "mirada look RUN ["
    assert set(plain) == documented_fields(name)
    for inside in ("per_class", "confused", "mistakes"):
        for item in plain[inside]:
            assert set(item) == documented_fields(name, inside), inside
    assert set(plain["calibration"]) == {
        *("ece", "mce", "chance", "brier", "confidence", "verdict", "temperature"),
        "bins",
    }
    for item in plain["calibration"]["bins"]:
        assert set(item) == {"low", "high", "count", "confidence", "accuracy"}


def test_the_numbers_are_those_of_evaluate(
    call: Caller, here: Path, seen: Seen
) -> None:
    plain = seen.called["json"].json
    known = call("evaluate", RUN, "digits", "--json").json
    assert plain["images"] == known["images"] == 359
    assert plain["accuracy"]["value"] == pytest.approx(known["accuracy"])
    assert plain["mistakes"] == known["mistakes"]
    for ours, theirs in zip(plain["per_class"], known["per_class"], strict=True):
        assert (ours["name"], ours["count"]) == (theirs["name"], theirs["count"])
        for measure in ("precision", "recall", "f1"):
            found = ours[measure]
            assert found["value"] == pytest.approx(theirs[measure])
            assert found["low"] <= found["value"] <= found["high"]
    off = [
        n
        for i, row in enumerate(known["confusion"])
        for j, n in enumerate(row)
        if i != j
    ]
    assert [pair["count"] for pair in plain["confused"]] == sorted(
        filter(None, off), reverse=True
    )[:10]
    assert sum(item["count"] for item in plain["calibration"]["bins"]) == 359


def test_the_page_has_all_that_training_wrote(stage: Path, seen: Seen) -> None:
    before = page_of(stage / RUN)
    plain = seen.called["json"].json
    assert plain["report"] == f"{RUN}/report.html"
    assert plain["written"] == [f"{RUN}/wrong_labels.csv", f"{RUN}/report.html"]
    after = Page(seen.pages["json"].decode())
    assert set(before.said("h2")) < set(after.said("h2"))
    assert {"Calibration", "Likely wrong labels"} <= set(after.said("h2"))
    assert set(before.said("dt")) - {"test accuracy"} < set(after.said("dt"))
    lost = set(before.said("bdi")) - set(after.said("bdi"))
    assert len(lost) <= 1, lost  # how long it took, measured otherwise
    assert set(before.said("td")) <= set(after.said("td"))
    assert sum("data:image/png" in value for _, _, value in before.attributes) <= sum(
        "data:image/png" in value for _, _, value in after.attributes
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_is_one_file_without_script(seen: Seen, language: str) -> None:
    assert seen.called[language].code == 0
    text = seen.pages[language].decode()
    page = Page(text)
    assert page.tags <= DRAWN and page.open == []
    assert ("html", "lang", language) in page.attributes
    names = [value for _, name, value in page.attributes if name == "id"]
    assert len(set(names)) == len(names)
    for tag, name, value in page.attributes:
        assert name != "style" and not name.startswith("on"), tag
        if name in ("src", "href"):
            assert value.startswith("data:image/png;base64,") or value[1:] in names
    words = {"en": "Likely wrong labels", "es": "Etiquetas probablemente equivocadas"}
    assert (words[language] in text) and (words["es"] in text) == (language == "es")


def test_reasons_are_told_in_the_language_in_use(seen: Seen) -> None:
    spanish, english = seen.pages["es"].decode(), seen.pages["en"].decode()
    assert "automático: " in spanish and "up and down once" not in spanish
    assert "up and down once" in english


def test_looking_twice_gives_the_same_bytes(seen: Seen) -> None:
    assert seen.pages["json"] == seen.pages["en"] != seen.pages["es"]


def test_words(seen: Seen) -> None:
    called = seen.called["en"]
    assert called.code == 0
    assert called.err.splitlines() == [
        "Only the 359 images that the run held out count.",
        "Looking into every layer of digits ...",
    ]
    lines = called.out.splitlines()
    assert " of 359 images are answered rightly (95 % interval: " in lines[0]
    assert lines[1].startswith("Hardest class: ")
    assert lines[2].startswith("Most often confused: ") and " taken for " in lines[2]
    assert lines[3].startswith("The network is ") and "chance explains" in lines[3]
    assert lines[4].startswith("Likely wrong labels: ")
    assert lines[-1] == "Look at it:  runs/example/report.html"
    spanish = seen.called["es"].out
    assert "Se responde bien el " in spanish and "La clase más difícil" in spanish


def test_other_images_and_another_folder(call: Caller, here: Path) -> None:
    photos(here / "others", {"dark": 3, "light": 2}, size=(20, 30))
    words = ("models/photos", "--data", "others", "--out", "seen/here")
    plain = looked(call, *words)
    assert plain["images"] == 5
    assert plain["report"] == "seen/here/report.html"
    text = (here / "seen" / "here" / "report.html").read_text("utf-8")
    assert "5 of others" in text
    assert "This is not the data that the run was trained on." in text
    assert "with fewer than 10 images are not judged: dark, light." in text
    assert not (here / "models" / "photos" / "wrong_labels.csv").exists()


def test_every_image_when_asked_for(call: Caller, here: Path) -> None:
    called = call("look", RUN, "--all", "--json")
    assert called.json["images"] == 1797
    assert "All 1,797 images count, 1,2" in called.err
    text = (here / RUN / "report.html").read_text("utf-8")
    assert "of which the run was trained on" in text
    assert "train with --folds 5" in text


def test_weights_alone(call: Caller, here: Path) -> None:
    weights = weights_alone(here)
    plain = looked(call, str(weights), "--data", "digits")
    assert plain["images"] == 1797
    assert plain["report"] == str(weights.parent / "look" / "report.html")
    page = page_of(weights.parent / "look")
    assert page.said("h1") == ["w.safetensors"]
    assert not {"Training curves", "Configuration"} & set(page.said("h2"))
    assert any("These are weights alone" in text for text in page.said("bdi"))


def test_weights_of_a_run_leave_its_page_alone(call: Caller, here: Path) -> None:
    before = (here / RUN / "report.html").read_bytes()
    plain = looked(call, f"{RUN}/last.safetensors")
    assert plain["images"] == 359
    assert plain["report"] == f"{RUN}/look/report.html"
    assert (here / RUN / "report.html").read_bytes() == before


def test_a_run_that_held_out_nothing(call: Caller, here: Path) -> None:
    words = ("--epochs", "1", "--test", "0", "--out", "whole", "--json")
    assert call("train", "digits", *words).code == 0
    called = call("look", "whole", "--json")
    assert called.json["images"] > 100
    assert "that chose its best epoch count, which makes" in called.err


def test_a_run_that_trained_on_everything(call: Caller, here: Path) -> None:
    words = ("--epochs", "1", "--test", "0", "--validation", "0", "--out", "whole")
    assert call("train", "digits", *words).code == 0
    called = call("look", "whole")
    assert called.code == 0, called.err
    assert "No image is left to judge the network by" in called.out
    page = page_of(here / "whole")
    assert "Training curves" in page.said("h2")
    assert "Calibration" not in page.said("h2")
    plain = looked(call, "whole")
    assert set(plain) == documented_fields("mirada look RUN [")
    assert (plain["accuracy"], plain["images"], plain["mistakes"]) == (None, 0, [])
    assert not (here / "whole" / "wrong_labels.csv").exists()
    assert looked(call, "whole", "--all")["images"] == 1797


def test_a_run_whose_measurements_are_gone(call: Caller, here: Path) -> None:
    (here / RUN / "metrics.jsonl").unlink()
    (here / RUN / "timing.jsonl").unlink()
    assert looked(call, RUN)["images"] == 359
    page = page_of(here / RUN)
    assert "Training curves" not in page.said("h2")
    assert "Configuration" in page.said("h2")


def test_a_run_that_was_stopped_says_how_far_it_came(call: Caller, here: Path) -> None:
    path = here / RUN / "metrics.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    epochs = [n for n, line in enumerate(lines) if '"kind":"epoch"' in line]
    path.write_text("".join(lines[: epochs[2] + 1]))
    looked(call, RUN)
    assert "3 of 8 epochs are done." in (here / RUN / "report.html").read_text("utf-8")


def test_a_damaged_evaluation(call: Caller, here: Path) -> None:
    (here / RUN / "evaluation.json").write_text("{}")
    before = (here / RUN / "report.html").read_bytes()
    refused(call, "look", RUN, code="evaluation-file", exit_code=3)
    assert (here / RUN / "report.html").read_bytes() == before


def test_labels_that_were_planted_wrong(call: Caller, here: Path) -> None:
    """Ten of 200 photos lie in the folder of the other class: they are suggested."""
    photos(here / "many", {"dark": 100, "light": 100})
    words = ("train", "many", "--epochs", "20", "--out", "good", "--json")
    assert call(*words).code == 0
    photos(here / "mixed", {"dark": 100, "light": 100})
    for number in range(5):
        dark = here / "mixed" / "dark" / f"{number:03}.png"
        light = here / "mixed" / "light" / f"{number:03}.png"
        dark.rename(here / "mixed" / "light" / f"=wrong{number}.png")
        light.rename(here / "mixed" / "dark" / f"+wrong{number}.png")
    plain = looked(call, "good", "--data", "mixed", "--out", "seen")
    found = {item["file"] for item in plain["wrong_labels"]}
    planted = {f"light/=wrong{n}.png" for n in range(5)}
    planted |= {f"dark/+wrong{n}.png" for n in range(5)}
    assert planted <= found and len(found) <= 12
    rows = rows_of(here / "seen")
    assert [row["file"] for row in rows] == [
        item["file"] for item in plain["wrong_labels"]
    ]
    wrong = next(row for row in rows if row["file"] == "light/=wrong0.png")
    assert (wrong["given"], wrong["suggested"]) == ("light", "dark")


def test_names_are_text_in_page_and_table(call: Caller, here: Path) -> None:
    odd = "<script>alert(1)</script>"
    names = ("=1+1", "-b & c")
    folder = photos(here / "odd" / odd, dict.fromkeys(names, 30))
    assert call("train", str(folder), "--epochs", "8", "--out", "run").code == 0
    plain = looked(call, "run", "--all")
    text = (here / "run" / "report.html").read_text("utf-8")
    assert odd not in text
    assert page_of(here / "run").tags <= DRAWN
    rows = rows_of(here / "run")
    assert len(rows) == len(plain["wrong_labels"])
    for row in rows:
        assert {row["given"], row["suggested"]} == {"'=1+1", "'-b & c"}


def test_the_table_of_labels_always_has_a_heading(seen: Seen) -> None:
    assert seen.table[0] == "file,given,suggested,probability"
    assert len(seen.table) == 1 + len(seen.called["json"].json["wrong_labels"])


def test_nothing_is_written_among_the_images(call: Caller, here: Path) -> None:
    for folder in ("photos", "photos/dark", "photos/new/deep"):
        told = refused(
            *(call, "look", "models/photos", "--out", folder),
            code="look-inside-data",
            exit_code=2,
        )
        assert f"'{folder}', among the images" in told.english
    assert not (here / "photos" / "new").exists()
    assert not list((here / "photos").rglob("*.csv"))


def test_a_folder_that_cannot_be_made(call: Caller, here: Path) -> None:
    words = ("look", "models/photos", "--out", "image.png/deeper")
    told = refused(call, *words, code="cannot-make-report", exit_code=5)
    assert "'image.png/deeper' cannot be made" in told.english


def test_a_failing_disk_leaves_the_old_page(
    call: Caller, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (here / RUN / "report.html").read_bytes()
    write = Disk.write

    def refuse(disk: Disk, descriptor: int, piece: Any) -> int:
        if len(piece) > 2000:
            write(disk, descriptor, piece[:1000])
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(disk, descriptor, piece)

    monkeypatch.setattr(Disk, "write", refuse)
    called = call("look", RUN, "--json")
    assert called.code == 5
    assert called.json["error"]["code"] == "cannot-write"
    assert "report.html' cannot be written (No space" in called.err
    assert (here / RUN / "report.html").read_bytes() == before
    assert not list((here / RUN).glob("*.part"))


def test_mnist(call: Caller, tmp_path: Path) -> None:
    """A real run: every part of the page, and labels that people doubt as well."""
    data, out = str(shared_data("mnist")), str(tmp_path / "run")
    assert call("train", "lenet5", data, "--epochs", "2", "--out", out).code == 0
    plain = looked(call, out)
    assert plain["images"] == 10_000
    assert plain["accuracy"]["low"] > 0.98
    assert plain["calibration"]["ece"] < 0.01
    assert 0.7 < plain["calibration"]["temperature"] < 1.4
    assert 1 <= len(plain["wrong_labels"]) <= 40
    json.dumps(plain, allow_nan=False)
