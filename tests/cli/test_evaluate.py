"""`mirada evaluate`: which images count, and what is told of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import documented_fields, run_examples
from tests.cli.stage import photos

RUN = "runs/example"


def found(call: Caller, *words: str) -> Any:
    called = call("evaluate", *words, "--json")
    assert called.code == 0, called.err
    return called.json


def test_every_example_of_help_runs(call: Caller, here: Path) -> None:
    run_examples(call, "evaluate")


@pytest.mark.parametrize("more", [(), ("-q",), ("--lang", "es")], ids=" ".join)
def test_json_has_the_documented_fields(
    call: Caller, here: Path, more: tuple[str, ...]
) -> None:
    called = call("evaluate", RUN, "digits", "--json", *more)
    assert len(called.out.splitlines()) == 1
    plain = called.json
    assert set(plain) == documented_fields("mirada evaluate")
    assert [row["name"] for row in plain["per_class"]] == list("0123456789")
    for row, counts in zip(plain["per_class"], plain["confusion"], strict=True):
        assert set(row) == {"name", "precision", "recall", "f1", "count"}
        assert row["count"] == sum(counts)
    right = sum(row[place] for place, row in enumerate(plain["confusion"]))
    assert plain["accuracy"] == right / plain["images"]


def test_the_held_out_images_of_the_run_count(call: Caller, here: Path) -> None:
    plain = found(call, RUN, "digits")
    kept = json.loads((here / RUN / "evaluation.json").read_text())
    assert plain["images"] == 359
    assert plain["confusion"] == kept["confusion"]
    assert plain["loss"] == pytest.approx(kept["loss"], rel=1e-9)
    weights = found(call, f"{RUN}/best.safetensors", "digits")
    assert weights == plain


def test_all_images_count_when_asked_for(call: Caller, here: Path) -> None:
    assert found(call, RUN, "digits", "--all")["images"] == 1797


def test_both_engines_and_any_threads_answer_alike(call: Caller, here: Path) -> None:
    native = found(call, RUN, "digits", "--threads", "3")
    plain = found(call, RUN, "digits", "--engine", "reference")
    assert native["confusion"] == plain["confusion"]
    assert native["loss"] == pytest.approx(plain["loss"], rel=1e-4)


def test_a_table(call: Caller, here: Path) -> None:
    called = call("evaluate", RUN, "digits")
    first, heading, *rows = called.out.splitlines()
    assert first.startswith("Accuracy 9") and "% of 359 images, loss 0." in first
    assert heading.split() == ["Class", "Images", "Precision", "Recall", "F1"]
    assert [row.split()[0] for row in rows[:10]] == list("0123456789")
    assert "Surest mistakes:" in called.out
    assert called.err == "Only the 359 images that the run held out count.\n"
    spanish = call("evaluate", RUN, "digits", "--lang", "es")
    assert spanish.out.startswith("Exactitud 9")
    assert "Exhaustividad" in spanish.out


def test_other_data_count_whole(call: Caller, here: Path) -> None:
    photos(here / "others", {"dark": 3, "light": 2}, size=(20, 30))
    called = call("evaluate", "models/photos", "others", "--json")
    assert called.json["images"] == 5
    assert "This is not the data that the run was trained on." in called.err


def test_the_test_part_of_other_data_counts(call: Caller, here: Path) -> None:
    photos(here / "others" / "train", {"dark": 3, "light": 3})
    photos(here / "others" / "test", {"dark": 2, "light": 2})
    called = call("evaluate", "models/photos", "others", "--json")
    assert called.json["images"] == 4
    assert "Only the test part of the data counts." in called.err


def test_a_class_without_images_has_no_recall(call: Caller, here: Path) -> None:
    photos(here / "dark only", {"dark": 3})
    called = call("evaluate", "models/photos", "dark only", "--json")
    assert [row["count"] for row in called.json["per_class"]] == [3, 0]
    assert called.json["per_class"][1]["recall"] is None
    assert " -" in call("evaluate", "models/photos", "dark only").out


def test_a_broken_file_is_listed_and_the_rest_answered(
    call: Caller, here: Path
) -> None:
    photos(here / "others", {"dark": 3, "light": 3})
    (here / "others" / "dark" / "text.png").write_text("no image")
    called = call("evaluate", "models/photos", "others", "--json")
    assert called.code == 0
    assert called.json["images"] == 6
    assert "Left out: dark/text.png. 'others/dark/text.png' is not" in called.err


@pytest.mark.parametrize(
    ("words", "code", "english"),
    [
        (f"{RUN} photos", "classes-unknown", "the model knows only '0', '1'"),
        (f"{RUN} nowhere", "source-missing", "'nowhere' does not exist"),
        (f"{RUN} empty", "no-images", "'empty' holds no images"),
        ("nowhere digits", "file-missing", "'nowhere' does not exist"),
        ("runs digits", "run-without-weights", "'runs' holds no weights"),
    ],
)
def test_refusals(
    call: Caller, here: Path, words: str, code: str, english: str
) -> None:
    (here / "empty").mkdir()
    told = refused(call, "evaluate", *words.split(), code=code, exit_code=3)
    assert english in told.english


def test_a_split_that_was_changed_is_refused(call: Caller, here: Path) -> None:
    path = here / RUN / "split.json"
    path.write_text(path.read_text().replace('"seed"', '"speed"'))
    told = refused(call, "evaluate", RUN, "digits", code="split-file", exit_code=3)
    assert "split.json" in told.english
