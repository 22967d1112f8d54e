"""`mirada check`: tables from files, stdin and people; classes; what is refused."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mirada.cli import main
from tests.cli.bilingual import refused
from tests.cli.calling import Caller, started
from tests.cli.documented import documented_fields, run_examples

LECTURE = ("--network", "lenet5_lecture")
RIGHT = "layer,size,parameters\nconv1,28x28x6,456\npool1,14,\ntotal,,62006\n"

EIGHT = """
name = "eight"
input = "3x32x32"
layers = ["conv 8 5x5", "relu", "maxpool 2", "conv 16 5x5", "relu", "maxpool 2",
  "flatten", "linear 120", "relu", "linear 84", "relu", "linear 10"]
"""

PUBLISHED = """layer,Activation shape,# parameters
Input:,"(32,32,3)",0
"CONV1 (f=5, s=1)","(28,28,8)",208
POOL1,"(14,14,8)",0
"CONV2 (f=5, s=1)","(10,10,16)",416
POOL2,"(5,5,16)",0
FC3,"(120,1)","48,001"
FC4,"(84,1)","10,081"
Softmax,"(10,1)",841
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Puts what a person types, or a pipe brings, on stdin."""
    stream = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", stream)


def written(name: str, text: str) -> str:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")
    return name


def network(layers: str, input: str) -> str:
    return written("net.toml", f'name="n"\ninput = "{input}"\nlayers = [{layers}]\n')


def test_every_example_of_help_runs(call: Caller, place: Path) -> None:
    written("table.csv", RIGHT)
    written("class/ana.csv", RIGHT)
    run_examples(call, "check")
    assert (place / "grades.csv").exists()


def test_the_interface(call: Caller, place: Path) -> None:
    table = written("t.csv", RIGHT.replace("456", "156"))
    called = call("check", table, *LECTURE, "--json")
    found = called.json
    assert called.code == 7
    assert (found["schema"], found["correct"], found["wrong"]) == (1, 3, 1)
    assert set(found) == documented_fields("mirada check TABLE")
    assert set(found["cells"][0]) == documented_fields("mirada check TABLE", "cells")
    wrong = found["cells"][1]
    assert (wrong["layer"], wrong["column"], wrong["line"]) == (
        "conv1",
        "parameters",
        2,
    )
    assert (wrong["given"], wrong["expected"], wrong["ok"]) == ("156", 456, False)
    assert wrong["mistake"] == "channels-forgotten"
    assert found["cells"][2]["expected"] == "14x14x6"
    assert found["cells"][2]["mistake"] is None


def test_a_right_table_ends_with_0(call: Caller, place: Path) -> None:
    called = call("check", written("t.csv", RIGHT), *LECTURE)
    assert called.code == 0
    assert called.out.startswith("lenet5_lecture: 4 right, 0 wrong\n")
    assert "Error" not in called.err


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ["the 3 channels of the input are left out", "one bias is counted where"],
        ),
        ("es", ["faltan los 3 canales de la entrada", "se cuenta un solo sesgo donde"]),
    ],
)
def test_the_published_table(
    call: Caller, place: Path, language: str, words: list[str]
) -> None:
    given = (written("t.csv", PUBLISHED), "--network", written("eight.toml", EIGHT))
    called = call("check", *given, "--lang", language)
    assert called.code == 7
    for formula in ("208", "416", "48001", "10081", "841"):
        assert f" = {formula}: " in called.out
    for right in ("608", "3216", "48120", "10164", "850"):
        assert f" = {right}, " in called.out
    assert all(word in called.out for word in words)
    cells = call("check", *given, "--json").json["cells"]
    wrong = {cell["layer"]: cell["mistake"] for cell in cells if not cell["ok"]}
    assert wrong == {
        "conv1": "channels-forgotten",
        "conv2": "channels-forgotten",
        "linear1": "bias-once",
        "linear2": "bias-once",
        "linear3": "bias-once",
    }


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("layers", "input", "cell", "mistakes", "right"),
    [
        (
            '"conv 6 5x5 same"',
            "3x32x32",
            "30",
            ["same-misread", "padding-once"],
            "= 32",
        ),
        (
            '"conv 6 5x5 stride 2 pad 1"',
            "3x32x32",
            "(32-5+2)/2+1 = 16",
            ["floor-missed", "same-misread"],
            "= 15.5",
        ),
        ('"conv 6 5x5 stride 2"', "3x32x32", "14.5", ["floor-missed"], "= 14.5"),
        (
            '"conv 6 5x5 stride 2 pad 2"',
            "3x32x32",
            "32 + 2*2 - 5/2 + 1",
            ["stride-on-filter"],
            "= 16.5",
        ),
        (
            '"conv 6 5x5"',
            "1x28x28",
            "47,040",
            ["same-misread", "batch-counted"],
            "= 24",
        ),
        (
            '"maxpool 2"',
            "6x28x28",
            "(28+4-5)/1+1 = 14",
            ["stride-on-filter", "same-misread"],
            "= 14",
        ),
    ],
)
def test_published_sizes_that_are_wrong(
    call: Caller,
    place: Path,
    language: str,
    layers: str,
    input: str,
    cell: str,
    mistakes: list[str],
    right: str,
) -> None:
    kind = "maxpool1" if "pool" in layers else "conv1"
    table = written("t.csv", f'layer,size\n{kind},"{cell}"\n')
    given = ("check", table, "--network", network(layers, input), "--lang", language)
    called = call(*given)
    assert called.code == 7
    assert right in called.out
    (found,) = call(*given, "--json").json["cells"]
    assert found["mistakes"] == mistakes
    assert found["explanation"].split(": ")[-1][:60] in called.out


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "14.5 is rounded down to 14"), ("es", "14.5 se redondea hacia abajo a 14")],
)
def test_a_size_that_was_rounded_is_right_and_its_exact_value_told(
    call: Caller, place: Path, language: str, words: str
) -> None:
    table = written("t.csv", "layer,size\nconv1,14\n")
    net = network('"conv 6 5x5 stride 2"', "3x32x32")
    called = call("check", table, "--network", net, "--lang", language)
    assert called.code == 0
    assert words in called.out


@pytest.mark.parametrize(
    "data",
    [
        "capa;tamaño;parámetros\nCapa convolucional 1;28×28×6;62.006\n".encode(),
        "capa\ttamaño\tparámetros\r\nCONV1\t28x28x6\t62 006\r\n".encode("utf-16"),
        "capa;tamaño;parámetros\nconvolución 1;28x28x6;62,006".encode("latin-1"),
        b'\xef\xbb\xbflayer,parameters,size\nconv1,"62,006",28\n\n',
    ],
    ids=["utf-8", "utf-16", "latin-1", "mark"],
)
def test_encodings_separators_and_spanish(
    call: Caller, place: Path, data: bytes
) -> None:
    Path("t.csv").write_bytes(data)
    cells = call("check", "t.csv", *LECTURE, "--json").json["cells"]
    assert [cell["ok"] for cell in cells] == [True, False]
    assert cells[0]["layer"] == "conv1"


def test_rows_may_end_early(call: Caller, place: Path) -> None:
    table = written("t.csv", "layer,size,parameters\nconv1\npool1,14\n")
    assert call("check", table, *LECTURE, "--json").json["correct"] == 1


def test_other_columns_are_told_and_left_aside(call: Caller, place: Path) -> None:
    table = written("t.csv", "layer,size,notes\nconv1,28,hard\n")
    called = call("check", table, *LECTURE)
    assert "the column 'notes'" in called.err and called.code == 0


def test_a_network_with_another_input(call: Caller, place: Path) -> None:
    more = ("--network", "lenet5", "--input", "1x32x32", "--classes", "5")
    table = written("t.csv", "layer,size,parameters\nconv1,28,156\nlinear3,5,425\n")
    assert call("check", table, *more).code == 0


def test_cells_are_typed(
    call: Caller, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "28x28x6\n156\n\nmany\n0\n")
    called = call("check", *LECTURE)
    assert called.code == 7
    assert "conv1 (conv 6 5x5), size: conv1 (conv 6 5x5), parameters: " in called.err
    assert "This is no number that can be read" in called.err
    assert "maxpool1 (maxpool 2), parameters: " in called.err
    assert called.out.startswith("lenet5_lecture: 2 right, 1 wrong\n")


def test_typing_is_asked_for_in_spanish_and_answered_as_json(place: Path) -> None:
    words = ("check", *LECTURE, "--json", "--lang", "es")
    done = subprocess.run(
        [sys.executable, "-m", "mirada", *words],
        input="28\n456\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0
    assert "conv1 (conv 6 5x5), tamaño: " in done.stderr
    assert json.loads(done.stdout)["correct"] == 2


def test_nothing_typed_is_nothing_to_check(
    call: Caller, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "")
    assert "check-nothing" in call("check", *LECTURE).err


def test_quiet_asks_without_a_word(
    call: Caller, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "28\n")
    called = call("--quiet", "check", *LECTURE)
    assert (called.code, called.err) == (0, "")


def test_a_table_on_stdin(
    call: Caller, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, RIGHT)
    assert call("check", "-", *LECTURE, "--json").json["correct"] == 4


def test_too_much_on_stdin(
    call: Caller, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(monkeypatch, "layer,size\n" + "conv1,28\n" * 120_000)
    called = call("check", "-", *LECTURE, "--json")
    assert called.code == 3
    assert called.json["error"]["code"] == "check-too-long"
    assert "more than 1048576 bytes" in called.err


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_template_can_be_filled_in(call: Caller, place: Path, language: str) -> None:
    called = call("check", "--template", *LECTURE, "--lang", language)
    head, *rows = called.out.splitlines()
    assert (
        head
        == {"en": "layer,size,parameters", "es": "capa,tamaño,parámetros"}[language]
    )
    assert [row.split(",")[0] for row in rows] == [
        *("conv1", "maxpool1", "conv2", "maxpool2", "flatten1"),
        *("linear1", "linear2", "linear3", "total"),
    ]
    table = written("t.csv", called.out.replace("conv1,,", "conv1,28,456"))
    assert call("check", table, *LECTURE).code == 0


def a_class() -> None:
    written("class/ana.csv", RIGHT)
    written("class/=1+1.csv", RIGHT.replace("456", "156").replace("14", "13"))
    written("class/no table.csv", "what,is\nthis,?\n")
    written("class/notes.md", "no table")
    written("class/.hidden.csv", "x")


def test_a_class_is_graded(call: Caller, place: Path) -> None:
    a_class()
    called = call("check", "class", *LECTURE, "--out", "grades.csv")
    assert called.code == 7
    assert "channels forgotten" in called.out and "Written: grades.csv" in called.out
    rows = list(csv.DictReader(io.StringIO(Path("grades.csv").read_text("utf-8"))))
    assert [row["file"] for row in rows] == ["'=1+1.csv", "ana.csv", "no table.csv"]
    assert [row["share"] for row in rows] == ["0.5000", "1.0000", ""]
    assert rows[0]["conv1 parameters"] == "channels-forgotten"
    assert rows[0]["mistakes"] == "channels-forgotten unknown"
    assert rows[2]["problem"].startswith("check-columns: ")


def test_a_class_as_json(call: Caller, place: Path) -> None:
    a_class()
    found = call("check", "class", *LECTURE, "--json").json
    assert set(found) == {"schema", "network", "tables", "mistakes", "written"}
    assert [table["correct"] for table in found["tables"]] == [2, 4, None]
    assert found["tables"][2]["error"]["code"] == "check-columns"
    assert found["mistakes"][0] == {
        "mistake": "channels-forgotten",
        "cells": 1,
        "tables": 1,
    }
    assert not Path("grades.csv").exists()


def test_grades_inside_the_class_are_no_table(call: Caller, place: Path) -> None:
    written("class/ana.csv", RIGHT)
    for _ in range(2):
        called = call("check", "class", *LECTURE, "--out", "class/grades.csv")
        assert called.code == 0
    assert len(Path("class/grades.csv").read_text().splitlines()) == 2


def test_grades_that_cannot_be_written_leave_what_was_there(
    call: Caller, place: Path
) -> None:
    written("class/ana.csv", RIGHT)
    called = call("check", "class", *LECTURE, "--out", "nowhere/grades.csv")
    assert called.code == 5
    assert not Path("nowhere").exists()


def test_refusals(call: Caller, place: Path) -> None:
    def told(*words: str, code: str, exit_code: int = 3) -> str:
        return refused(call, "check", *words, code=code, exit_code=exit_code).english

    table = written("t.csv", "layr,size\nconv1,28\n")
    assert "'layer' by 'layr'" in told(table, *LECTURE, code="check-columns")
    table = written("t.csv", "layer,size,shape\nconv1,28,28\n")
    assert "say the same" in told(table, *LECTURE, code="check-column-twice")
    table = written("t.csv", "layer,size\n,28\n")
    assert "line 2" in told(table, *LECTURE, code="check-row-nameless")
    table = written("t.csv", "layer,size\nconv7,28\n")
    assert "Did you mean" in told(table, *LECTURE, code="check-row-unknown")
    table = written("t.csv", "layer,size\nFC3,28\n")
    assert "linear3, linear1" in told(table, *LECTURE, code="check-row-ambiguous")
    table = written("t.csv", "layer,size\nconv1,28\nCONV1,28\n")
    assert "on line 2" in told(table, *LECTURE, code="check-row-twice")
    table = written("t.csv", "layer,size\nconv1,\n")
    assert "at least one cell" in told(table, *LECTURE, code="check-nothing")
    table = written("t.csv", "\n\n")
    assert "--template" in told(table, *LECTURE, code="check-no-header")
    table = written("t.csv", "layer,size\nconv1,28,28,6\n")
    assert "line 2" in told(table, *LECTURE, code="table-ragged")
    table = written("t.csv", RIGHT)
    given, more = [table, *LECTURE], ["--out", "x.csv"]
    assert "folder" in told(*given, *more, code="check-out", exit_code=2)
    more = ["--template"]
    assert "empty table" in told(*given, *more, code="check-template", exit_code=2)
    Path("none").mkdir()
    assert "'none'" in told("none", *LECTURE, code="check-folder-empty")
    written("class/a.csv", RIGHT)
    written("class/b.csv", RIGHT)
    given, more = ["class", *LECTURE], ["--out", "class/b.csv"]
    assert "one of the" in told(*given, *more, code="check-out-table", exit_code=2)
    assert Path("class/b.csv").read_text() == RIGHT
    assert "'lenet7'" in told(
        table, "--network", "lenet7", code="network-unknown", exit_code=2
    )


def test_an_answer_is_the_same_in_a_process_of_its_own(place: Path) -> None:
    table = written("t.csv", RIGHT.replace("456", "450"))
    done = started("check", table, *LECTURE)
    assert done.returncode == 7 and "bias forgotten" in done.stdout


def test_a_table_of_any_bytes_never_is_a_bug_of_ours(place: Path) -> None:
    pieces: list[Any] = [b"\0\1", b"layer,size\n\xff,1", b"layer,size\nconv1,9^9^9\n"]
    pieces += [b'layer,size\nconv1,"', b"layer,size\n" + b"(" * 70000, b",,,\n,,,"]
    for data in pieces:
        Path("t.csv").write_bytes(data)
        assert main(["check", "t.csv", *LECTURE]) in (3, 7)
