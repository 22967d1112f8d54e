"""A family's process: it stands still, and its end is an answer."""

import sys
from pathlib import Path

import pytest

from benchmarks.child import Child, GoneError, environment, last_line

ECHO = "import sys\nfor line in sys.stdin: print(line, end='', flush=True)"


def program(text: str, patience: float = 60.0) -> Child:
    return Child([sys.executable, "-c", text], patience=patience)


def test_it_answers_again_after_standing_still() -> None:
    with program(ECHO) as child:
        assert child.ask(do="a") == {"do": "a"}
        assert child.ask(do="b", n=2) == {"do": "b", "n": 2}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")
def test_it_is_stopped_between_two_requests() -> None:
    with program(ECHO) as child:
        child.ask(do="a")
        stat = Path(f"/proc/{child.pid}/stat")
        for _ in range(1000):
            state = stat.read_text().rsplit(")", 1)[1].split()[0]
            if state == "T":
                break
        assert state == "T"


@pytest.mark.skipif(sys.platform == "win32", reason="no signals to die of")
def test_a_crash_is_told_by_its_signal() -> None:
    text = "import os, signal; input(); os.kill(os.getpid(), signal.SIGSEGV)"
    with program(text) as child:
        with pytest.raises(GoneError, match="SIGSEGV"):
            child.ask(do="a")
        with pytest.raises(GoneError, match="SIGSEGV"):
            child.ask(do="b")


def test_an_end_without_an_answer_is_told_by_its_status() -> None:
    with (
        program("input(); raise SystemExit(3)") as child,
        pytest.raises(GoneError, match="status 3"),
    ):
        child.ask(do="a")


def test_who_does_not_answer_is_given_up() -> None:
    text = "import time; input(); time.sleep(600)"
    with program(text, 0.2) as child, pytest.raises(GoneError, match=r"within 0\.2 s"):
        child.ask(do="a")


def test_children_are_told_their_threads() -> None:
    assert environment(3)["OMP_NUM_THREADS"] == "3"


def test_the_last_line_is_the_error() -> None:
    assert last_line("Traceback\n  x\nValueError: no\n") == "ValueError: no"
    assert last_line("") == "nothing said"
