import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from mirada.training.interrupt import Interrupt, RunInterruptedError

TWICE = """
import signal, sys
from mirada.training.interrupt import Interrupt
with Interrupt() as interrupt:
    signal.raise_signal(int(sys.argv[1]))
    print("first", interrupt.number, flush=True)
    signal.raise_signal(int(sys.argv[2]))
    print("never", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_is_kept_and_the_handlers_come_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with Interrupt() as interrupt:
        assert interrupt.number == 0
        signal.raise_signal(number)
        assert interrupt.number == number
    assert signal.getsignal(number) is before
    assert RunInterruptedError(number).exit_code == 128 + number


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [(signal.SIGINT, signal.SIGINT, 130), (signal.SIGINT, signal.SIGTERM, 143)],
)
def test_the_second_is_immediate(first: int, second: int, code: int) -> None:
    command = [sys.executable, "-c", TWICE, str(int(first)), str(int(second))]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == code
    assert done.stdout == f"first {int(first)}\n"


def test_a_thread_listens_to_nothing() -> None:
    found: list[object] = []

    def work() -> None:
        with Interrupt() as interrupt:
            found.extend([interrupt.number, signal.getsignal(signal.SIGINT)])

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [0, before]


BUSY = """
import hashlib
from mirada.training.interrupt import Interrupt
with Interrupt():
    print("busy", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"a", b"b", 2_000_000_000)  # machine code, for long
"""


def test_the_second_is_immediate_while_machine_code_runs() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BUSY], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "busy\n"
        time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.3)  # it goes on to a safe place
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(20) == 143
        finally:
            process.kill()


def test_what_listened_before_listens_again() -> None:
    reads, writes = socket.socketpair()
    with reads, writes:
        writes.setblocking(False)
        before = signal.set_wakeup_fd(writes.fileno())
        try:
            with Interrupt():
                signal.raise_signal(signal.SIGTERM)
            assert signal.set_wakeup_fd(before) == writes.fileno()
        finally:
            signal.set_wakeup_fd(before)
        reads.setblocking(False)
        with pytest.raises(BlockingIOError):
            reads.recv(1)
