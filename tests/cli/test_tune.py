"""`mirada tune`, from end to end."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.bilingual import refused
from tests.cli.calling import Caller
from tests.cli.documented import documented_fields, run_examples

TUNE = ("tune", "photos", "--epochs", "3", "--threads", "1", "--test", "0.3")
SEARCH = ("--search", "lr=log 0.01..0.2", "--search", "conv1.kernel_size=3|40")


@pytest.fixture(autouse=True)
def _here(here: Path) -> None:
    """In a folder with images."""


def test_every_example_of_help_runs(call: Caller) -> None:
    run_examples(call, "tune")


def test_the_best_can_be_trained_again(call: Caller) -> None:
    called = call(*TUNE, *SEARCH, "--trials", "6", "--out", "tuned", "--json")
    assert called.code == 0, called.err
    found = called.json
    assert set(found) >= {"schema", "study", "best", "trials", "seconds"}
    states = {trial["state"] for trial in found["trials"]}
    assert len(found["trials"]) == 6 and states >= {"finished", "pruned"}
    for trial in found["trials"]:
        assert (trial["values"]["conv1.kernel_size"] == 40) == (
            trial["state"] == "pruned"
        )
    best = found["best"]
    assert best["state"] == "finished" and best["epochs"] == 3
    program, *words = shlex.split(best["command"])
    assert program == "mirada" and "--lr" in words
    again = call(*words, "--out", "again", "--json")
    assert again.code == 0, again.err
    assert again.json["test_accuracy"] == best["test_accuracy"]
    same = [Path(f) / "metrics.jsonl" for f in ("again", best["run"])]
    assert same[0].read_bytes() == same[1].read_bytes()
    plain = json.loads(Path("tuned/study.json").read_text())
    assert plain["best"] == best and plain["trials"] == found["trials"]
    assert call("predict", "tuned/best.safetensors", "image.png").code == 0


def test_a_network_of_its_own_is_described(call: Caller) -> None:
    words = ("--search", "depth=1|2", "--search", "conv1.out_channels=4..8")
    found = call(*TUNE, *words, "--trials", "2", "--out", "tuned", "--json").json
    assert "tuned/best.toml" in found["best"]["command"]
    assert call("summary", "tuned/best.toml").code == 0
    command = shlex.split(found["best"]["command"])[1:]
    again = call(*command, "--out", "again", "--json")
    assert again.json["test_accuracy"] == found["best"]["test_accuracy"]


def test_a_table_and_a_sentence(call: Caller) -> None:
    called = call(*TUNE, *SEARCH, "--trials", "3", "--out", "tuned")
    heading = called.out.splitlines()[0].split()
    assert heading == ["Trial", "lr", "conv1.kernel_size", "Epochs", "Validation"]
    assert "3 trials: " in called.out and "Test accuracy of trial-000" in called.out
    assert "Train it again with: mirada train " in called.out
    assert "is impossible: Layer 'conv1' needs" in called.err or "pruned" in called.out
    more = call("tune", "--resume", "--out", "tuned", "--trials", "4")
    assert more.code == 0 and "4 trials: " in more.out
    assert "Training trial-0000." not in more.err


def test_without_a_search_rate_and_batch_are_varied(call: Caller) -> None:
    called = call(*TUNE, "--trials", "1", "--json")
    assert set(called.json["best"]["values"]) == {"lr", "batch"}
    found = re.search(
        r"Searching lr=log (\S+)\.\.(\S+), batch=16\|32\|64\|128", called.err
    )
    assert found and float(found[2]) == pytest.approx(100 * float(found[1]))


def test_time_that_is_up(call: Caller) -> None:
    called = call(*TUNE, "--trials", "2", "--time", "0.001s", "--out", "tuned")
    assert called.code == 4 and "[tune-nothing]" in called.err
    assert call("tune", "--resume", "--out", "tuned", "--trials", "1").code == 0


def test_what_is_refused(call: Caller) -> None:
    told = refused(call, "tune", code="tune-words", exit_code=2)
    assert "got 0 words" in told.english
    for words, code, exit_code in (
        (("--search", "speed=1..2"), "search-unknown", 4),
        (("--search", "lr"), "search-text", 4),
        (("--validation", "0"), "tune-without-validation", 4),
        (("--storage", "sqlite:///x.db"), "storage-without-optuna", 2),
    ):
        refused(call, *TUNE, *words, code=code, exit_code=exit_code)
        assert not [*Path("runs").glob("*tune*")], "it is refused before a word is kept"
    for given in (("tune",), TUNE):
        folder = ("--resume", "--out", "nowhere")
        refused(call, *given, *folder, code="study-missing", exit_code=4)
        assert not Path("nowhere").exists()
    assert call(*TUNE, "--trials", "1", "--out", "tuned").code == 0
    other = ("train", "--resume", "--out", "tuned")
    told = refused(call, *other, code="study-verb", exit_code=2)
    assert "mirada tune --resume" in told.english


def test_the_json_is_as_documented(call: Caller) -> None:
    found = call(*TUNE, "--trials", "1", "--json").json
    assert set(found) == documented_fields("mirada tune")
    inside = documented_fields("mirada tune", inside="trials")
    assert set(found["trials"][0]) == inside


def test_two_processes_share_a_study(tmp_path: Path) -> None:
    storage = str(tmp_path / "study.log")
    words = ("tune", "digits", "--sampler", "optuna", "--storage", storage)
    rest = ("--trials", "3", "--epochs", "1", "--search", "lr=0.01..0.1", "--json")
    folders = [tmp_path / name for name in ("one", "two")]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "mirada", *words, *rest, "--out", str(folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for folder in folders
    ]
    for process in started:
        _, talk = process.communicate(timeout=240)
        assert process.returncode == 0, talk.decode()
    found = [json.loads((folder / "study.json").read_text()) for folder in folders]
    trials = [trial["values"]["lr"] for each in found for trial in each["trials"]]
    # Each counts before it asks for one more: at most one is too many.
    assert len(trials) in (3, 4)
    assert len({*trials}) == len(trials)
