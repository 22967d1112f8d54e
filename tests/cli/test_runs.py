"""`mirada runs`: what is known of each run, the best first."""

import shutil
from pathlib import Path

import pytest

from mirada.training import RunFolder
from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import documented_fields, run_examples
from tests.cli.stage import died


@pytest.fixture
def three(call: Caller, here: Path) -> Path:
    """A good run, a worse one, and one that was stopped."""
    words = ("train", "digits", "--epochs", "1", "--out", "runs/worse", "--quiet")
    assert call(*words).code == 0
    shutil.copytree("runs/worse", "runs/stopped")
    (here / "runs" / "stopped" / "evaluation.json").unlink()
    (here / "runs" / "stopped" / "last.safetensors").unlink()
    return here


def test_every_example_of_help_runs(call: Caller, here: Path) -> None:
    run_examples(call, "runs")


def test_the_best_comes_first(call: Caller, three: Path) -> None:
    called = call("runs", "--json")
    assert set(called.json) == documented_fields("mirada runs")
    rows = called.json["runs"]
    assert [row["run"] for row in rows] == [
        "runs/example",
        "runs/worse",
        "runs/stopped",
    ]
    for row in rows:
        assert set(row) >= documented_fields("mirada runs", inside="runs")
        assert (row["network"], row["data"], row["seed"]) == ("digits", "digits", 0)
    assert [row["state"] for row in rows] == ["finished", "finished", "stopped"]
    assert [(row["epochs"], row["of_epochs"]) for row in rows] == [
        *((8, 8), (1, 1)),
        (1, 1),
    ]
    assert rows[0]["test_accuracy"] > 0.9 > rows[1]["test_accuracy"]
    assert rows[2]["test_accuracy"] is None


def test_a_table(call: Caller, three: Path) -> None:
    heading, *rows = call("runs").out.splitlines()
    assert heading.split()[:4] == ["Run", "Network", "Data", "Epochs"]
    assert [row.split()[0] for row in rows] == [
        "runs/example",
        "runs/worse",
        "runs/stopped",
    ]
    assert rows[0].endswith("finished") and rows[2].endswith("stopped")
    assert " - " in rows[2]
    spanish = call("runs", "--lang", "es").out.splitlines()
    assert spanish[0].startswith("Corrida") and spanish[1].endswith("terminada")


def test_one_that_goes_on_is_told(call: Caller, here: Path) -> None:
    with RunFolder.existing(here / "runs" / "example"):
        assert call("runs", "--json").json["runs"][0]["state"] == "running"


def test_a_single_run(call: Caller, here: Path) -> None:
    rows = call("runs", "runs/example", "--json").json["runs"]
    assert [row["run"] for row in rows] == ["runs/example"]


def test_a_run_that_cannot_be_read_is_named(call: Caller, three: Path) -> None:
    (three / "runs" / "worse" / "configuration.json").write_text("{}")
    called = call("runs", "--json")
    assert called.code == 0
    assert "'runs/worse/configuration.json' is not a configuration" in called.err
    assert len(called.json["runs"]) == 2


def test_no_runs_yet(
    call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    called = call("runs")
    assert called.code == 0
    assert called.out == "No runs here. 'mirada train digits' makes one.\n"
    assert call("runs", "--json").json == {"schema": 1, "runs": []}


def test_what_is_no_folder_is_refused(call: Caller, here: Path) -> None:
    for name in ("nowhere", "image.png"):
        told = refused(call, "runs", name, code="runs-folder", exit_code=2)
        assert f"'{name}' is no folder" in told.english
        assert f"'{name}' no es una carpeta" in told.spanish


def test_a_run_that_died_of_a_fault_is_told(call: Caller, three: Path) -> None:
    died(three / "runs" / "stopped")
    called = call("runs", "--json")
    crashes = {row["run"]: row["crash"] for row in called.json["runs"]}
    assert crashes["runs/example"] is None
    assert crashes["runs/stopped"] == {
        "network": "digits",
        "engine": "native",
        "isa": "native",
        "step": 7,
        "fault": "Illegal instruction",
        "in_machine_code": True,
    }
    words = "'runs/stopped' died in machine code of network 'digits', after 7 steps"
    assert words in called.err


def test_going_on_says_how_the_last_process_died(call: Caller, three: Path) -> None:
    folder = three / "runs" / "stopped"
    died(folder)
    called = call("train", "--resume", "--out", "runs/stopped")
    assert called.code == 0
    assert "died in machine code of network 'digits'" in called.err
    assert not (folder / "running.txt").exists()
    assert call("runs", "--json").err == ""
