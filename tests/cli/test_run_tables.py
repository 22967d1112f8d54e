"""`mirada runs compare`, `diff` and `export`."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.views.geometry import SVG


@pytest.fixture(autouse=True)
def _here(here: Path) -> None:
    """In a folder with runs."""


BOTH = ("runs/example", "models/photos")


def test_what_was_measured_side_by_side(call: Caller) -> None:
    called = call("runs", "compare", *BOTH)
    lines = called.out.splitlines()
    assert lines[0].split() == list(BOTH)
    rows = {line.split("  ")[0].strip(): line.split() for line in lines[1:]}
    assert rows["network"][-2:] == ["digits", "digits"]
    assert rows["epochs"][-2:] == ["8", "1"]
    assert rows["found of dark"][-3] == "-"  # not a class of the digits
    plain = call("runs", "compare", *BOTH, "--json").json
    assert [row["run"] for row in plain["runs"]] == list(BOTH)
    assert set(plain["runs"][1]["recall"]) == {"dark", "light"}
    assert plain["figure"] is None


def test_their_curves_in_one_figure(call: Caller) -> None:
    called = call("runs", "compare", *BOTH, "--out", "both.svg")
    assert called.code == 0 and "The curves: both.svg" in called.out
    assert SVG.strip("{}") in Path("both.svg").read_text()


def test_what_differs_with_where_it_came_from(call: Caller) -> None:
    called = call("runs", "diff", *BOTH)
    rows = {line.split()[0]: line for line in called.out.splitlines()}
    assert "8 (given)" in rows["recipe.epochs"] and "1 (given)" in rows["recipe.epochs"]
    assert "recipe.seed" not in rows
    plain = call("runs", "diff", *BOTH, "--json").json
    assert plain["runs"] == list(BOTH)
    found = {item["name"]: item for item in plain["differences"]}
    assert found["recipe.epochs"] == {
        "name": "recipe.epochs",
        "values": [8, 1],
        "origins": ["given", "given"],
    }
    same = call("runs", "diff", BOTH[0], BOTH[0])
    assert same.out.startswith("Nothing differs")


@pytest.mark.parametrize("suffix", ["csv", "json", "md"])
def test_a_table_for_others(call: Caller, suffix: str) -> None:
    name = f"table.{suffix}"
    called = call("runs", "export", "runs", "models", "--out", name)
    assert called.out == f"2 runs are in {name}.\n"
    text = Path(name).read_text()
    if suffix == "csv":
        rows = list(csv.DictReader(text.splitlines()))
        assert {row["run"] for row in rows} == set(BOTH)
        assert float(rows[0]["test_accuracy"]) > 0
    elif suffix == "json":
        assert {row["run"] for row in json.loads(text)["runs"]} == set(BOTH)
    else:
        assert text.startswith("| run | network |") and text.count("\n") == 4


def test_a_table_is_printed_without_a_name(call: Caller) -> None:
    rows = list(csv.DictReader(call("runs", "export").out.splitlines()))
    assert [row["run"] for row in rows] == ["runs/example"]
    assert call("runs", "export", "--json").json["runs"][0]["seed"] == 0


def test_runs_of_a_study_are_listed(call: Caller) -> None:
    words = ("train", "photos", "--epochs", "1", "--seeds", "2", "--out", "runs/two")
    assert call(*words).code == 0
    listed = {row["run"] for row in call("runs", "--json").json["runs"]}
    assert listed == {"runs/example", "runs/two/seed-0", "runs/two/seed-1"}
    inside = call("runs", "compare", "runs/two", "--json").json["runs"]
    assert [row["seed"] for row in inside] == [0, 1]


def test_a_folder_with_the_name_of_a_verb(call: Caller) -> None:
    Path("compare").mkdir()
    assert call("runs", "./compare").out.startswith("No runs here.")


def test_what_is_refused(call: Caller) -> None:
    for words, code, exit_code in (
        (("compare",), "runs-words", 2),
        (("diff", BOTH[0]), "runs-too-few", 3),
        (("compare", *BOTH, "--out", "both.png"), "runs-out-suffix", 2),
        (("export", "--out", "table.xls"), "runs-out-suffix", 2),
        (("diff", *BOTH, "--out", "x.svg"), "runs-out", 2),
        (("compare", BOTH[0], "nowhere"), "runs-folder", 2),
    ):
        refused(call, "runs", *words, code=code, exit_code=exit_code)
