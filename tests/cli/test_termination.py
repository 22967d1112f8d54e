import signal
import subprocess
import sys
import threading

import pytest

from mirada.cli.failure import Failure, failure_of
from mirada.cli.termination import TerminatedError, heeding_termination

WAITING = """
import sys, time
from mirada.cli import shell
def wait(words):
    print("waiting", flush=True)
    time.sleep(60)
shell._run = wait
sys.exit(shell.run(sys.argv[1:]))
"""


def test_it_is_raised_and_the_handler_comes_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(TerminatedError), heeding_termination():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_thread_listens_to_nothing() -> None:
    found: list[object] = []

    def work() -> None:
        with heeding_termination():
            found.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [before]


def test_it_ends_with_its_own_code() -> None:
    told = Failure("interrupted", "Interrupted.", 143)
    assert failure_of(TerminatedError()) == told
    assert failure_of(KeyboardInterrupt()).exit_code == 130


@pytest.mark.parametrize(("number", "code"), [(2, 130), (15, 143)])
def test_any_command_ends_in_words(number: int, code: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, "doctor", "--lang", "en"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (code, "Interrupted.\n")
