"""A process that dies of a fault leaves word of it."""

import faulthandler
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mirada.errors import Phrase
from mirada.language import use_language
from mirada.training import RunFolder, Watch, list_runs
from mirada.training.crash import RUNNING, crash_watch, last_crash
from mirada.training.place import Place
from tests.training.example import plan

ROOT = Path(__file__).resolve().parents[2]

CHILD = """
import os, signal, sys
from pathlib import Path
from mirada.engines import create, prepared
from mirada.training import RunFolder, Watch, train
from mirada.training.crash import crash_watch
from tests.training.example import plan

class Planted(Watch):
    def step(self, place, loss):
        if how == "outside" and place.step == 3:
            os.kill(os.getpid(), signal.SIGSEGV)
        if how == "killed" and place.step == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "code" and place.step == 3:
            for program in engine.prepared():
                program._run, program._alone = 8, prepared._FUNCTION(8)

how, threads = sys.argv[2], int(sys.argv[3])
chosen = plan(engine="native", threads=threads)
made = chosen.configuration
engine = create("native", made.network, made.recipe, threads)
with RunFolder.new(Path(sys.argv[1])) as folder:
    with crash_watch(folder.path, Planted()) as watch:
        train(chosen, engine, folder, watch)
"""


def child(folder: Path, how: str, threads: int = 1) -> int:
    words = [sys.executable, "-c", CHILD, str(folder), how, str(threads)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, timeout=60).returncode


@pytest.mark.parametrize("threads", [1, 2])
def test_a_fault_in_machine_code_names_the_network(
    tmp_path: Path, threads: int
) -> None:
    folder = tmp_path / "run"
    assert child(folder, "code", threads) == -signal.SIGSEGV
    (run,) = list_runs(tmp_path)
    crash = run.crash
    assert crash is not None and crash == last_crash(folder)
    assert crash.in_machine_code and crash.step == 3
    assert crash.network == plan().configuration.network.name
    assert (crash.engine, crash.isa) == ("native", "native")
    assert crash.fault == "Segmentation fault"
    use_language("en")
    assert "died in machine code of network" in str(crash.text)
    assert crash.to_dict()["in_machine_code"] is True


def test_a_fault_elsewhere_is_told_apart(tmp_path: Path) -> None:
    assert child(tmp_path / "run", "outside") == -signal.SIGSEGV
    crash = last_crash(tmp_path / "run")
    assert crash is not None
    assert not crash.in_machine_code and crash.step == 3
    use_language("en")
    assert "outside machine code" in str(crash.text)


def test_who_was_killed_is_not_accused(tmp_path: Path) -> None:
    assert child(tmp_path / "run", "killed") == -signal.SIGKILL
    assert (tmp_path / "run" / RUNNING).exists()
    assert last_crash(tmp_path / "run") is None


def test_nothing_is_left_by_a_clean_end(tmp_path: Path) -> None:
    assert child(tmp_path / "run", "well") == 0
    assert not (tmp_path / "run" / RUNNING).exists()


def test_a_failure_is_a_clean_end(tmp_path: Path) -> None:
    listens = faulthandler.is_enabled()
    with pytest.raises(ZeroDivisionError), crash_watch(tmp_path, Watch()) as watch:
        watch.began(plan().configuration, Place(step=7))
        assert '"step":            7,' in (tmp_path / RUNNING).read_text()
        watch.step(Place(step=8), 0.5)
        assert '"step":            8,' in (tmp_path / RUNNING).read_text()
        raise ZeroDivisionError
    assert not (tmp_path / RUNNING).exists()
    assert faulthandler.is_enabled() == listens


def test_everything_is_told_on(tmp_path: Path) -> None:
    heard = []

    class Hearing(Watch):
        def note(self, text: Phrase) -> None:
            heard.append("note")

        def began(self, *given: object) -> None:
            heard.append("began")

        def step(self, *given: object) -> None:
            heard.append("step")

        def epoch(self, *given: object) -> None:
            heard.append("epoch")

    with crash_watch(tmp_path, Hearing()) as watch:
        watch.note(Phrase("x"))
        watch.began(plan().configuration, Place())
        watch.step(Place(step=1), 0.0)
        watch.epoch(None, 1.0, 1)  # type: ignore[arg-type]
    assert heard == ["note", "began", "step", "epoch"]


def test_a_folder_that_takes_no_file_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / RUNNING).mkdir()
    with crash_watch(tmp_path, Watch()) as watch:
        watch.began(plan().configuration, Place())
        watch.step(Place(step=1), 0.0)
    assert last_crash(tmp_path) is None


HEAD = '{"step": 5, "network": "n", "engine": "native", "isa": "native"}\n'


@pytest.mark.parametrize(
    ("text", "machine"),
    [
        (HEAD, None),
        ("", None),
        ("Fatal Python error: Aborted\n", None),
        ("[]\nFatal Python error: Aborted\n", None),
        ('{"step": "x"}\nFatal Python error: Aborted\n', None),
        (HEAD + "Fatal Python error: Aborted\n", False),
        (HEAD + 2 * "Fatal Python error: Bus errorThread 0x", True),
        (
            HEAD + "Fatal Python error: Illegal instruction\n\nCurrent thread 0x01 "
            '(most recent call first):\n  File "a\\engines\\crew.py", line 3 in run\n',
            True,
        ),
    ],
)
def test_what_is_read_is_not_trusted(
    tmp_path: Path, text: str, machine: bool | None
) -> None:
    (tmp_path / RUNNING).write_text(text)
    found = last_crash(tmp_path)
    assert (found.in_machine_code if found else None) is machine


def test_a_run_that_goes_on_has_not_crashed(tmp_path: Path) -> None:
    with RunFolder.new(tmp_path / "run") as folder:
        (folder.path / RUNNING).write_text(HEAD + "Fatal Python error: Aborted\n")
        assert last_crash(folder.path) is None
        assert last_crash(folder.path, ours=True) is not None
    assert last_crash(folder.path) is not None
    assert os.listdir(folder.path)
