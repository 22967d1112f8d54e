"""The server as a process: what it prints, and how it ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.cli.conftest import call, in_english
from tests.lab.attacked import attacked, connected, head
from tests.lab.open_lab import OpenLab

__all__ = ["call", "in_english"]

SOON_S = 2.0


@contextmanager
def started(folder: Path, *words: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "mirada", "lab", str(folder), "--no-browser", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "MIRADA_LANG": "en"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def ended(process: "subprocess.Popen[str]", number: int) -> tuple[int, float]:
    """The exit code after a signal, and how long it took."""
    begun = time.monotonic()
    process.send_signal(number)
    code = process.wait(30)
    return code, time.monotonic() - begun


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_ends_it_in_one_line(number: int, code: int, tmp_path: Path) -> None:
    with started(tmp_path) as process:
        assert process.stdout is not None and process.stderr is not None
        url = process.stdout.readline()
        assert url.startswith("http://127.0.0.1:") and "/#token=" in url
        assert ended(process, number)[0] == code
        # The one line is all there is on stdout; talk is on stderr.
        assert process.stdout.read() == ""
        told = process.stderr.read().splitlines()
        assert told[-1] == "Interrupted." and "Traceback" not in "".join(told)
        assert list(tmp_path.iterdir()) == []


def busy(lab: OpenLab, *paths: str) -> list[socket.socket]:
    """Connections on which something goes on."""
    found = []
    for path in paths:
        connection = connected(lab)
        connection.sendall(head(lab, "GET", f"/api/planted/{path}"))
        found.append(connection)
    time.sleep(0.3)  # They are being worked on.
    return found


@pytest.mark.parametrize(
    "paths",
    [
        ["ticks", "ticks?s=600", "steps", "steps?s=600"] * 8,
        ["slow?s=60"] * 20,
        ["busy?s=60"] * 4,
        ["large?mb=64"] * 3,
    ],
    ids=["streams", "waiting", "computing", "unread"],
)
def test_it_ends_in_time_whatever_goes_on(paths: list[str], tmp_path: Path) -> None:
    with attacked(tmp_path) as lab:
        connections = busy(lab, *paths)
        code, seconds = ended(lab.process, signal.SIGTERM)
        for each in connections:
            each.close()
    assert code == 143
    # The promise of 2 s is for a computer that does not run other tests meanwhile.
    assert seconds < 2 * SOON_S


def test_it_ends_in_time_also_where_a_room_does_not(tmp_path: Path) -> None:
    with attacked(tmp_path) as lab:
        assert lab.ask("POST", "/api/planted/part", {}).status == 200
        code, seconds = ended(lab.process, signal.SIGTERM)
    assert code == 143 and seconds < 2 * SOON_S


def test_a_lab_that_waits_for_its_rooms_is_found(tmp_path: Path) -> None:
    with attacked(tmp_path, "waits-at-end") as lab:
        lab.ask("POST", "/api/planted/part", {})
        lab.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            lab.process.wait(SOON_S + 0.5)
        lab.process.kill()


def test_what_is_being_answered_still_is(tmp_path: Path) -> None:
    with attacked(tmp_path) as lab:
        (connection,) = busy(lab, "slow?s=0.5")
        lab.process.send_signal(signal.SIGTERM)
        connection.settimeout(10)
        assert connection.recv(20).startswith(b"HTTP/1.1 200")
        connection.close()


def test_other_computers_are_let_in_by_two_words(call: Caller, tmp_path: Path) -> None:
    told = refusal(call, "host-remote", 2, str(tmp_path), "--host", "0.0.0.0")
    assert "--allow-remote" in told and "unencrypted" in told
    with started(tmp_path, "--host", "0.0.0.0", "--allow-remote") as process:
        assert process.stdout is not None
        lab = OpenLab(process, process.stdout.readline().strip(), tmp_path)
        port = lab.host.rpartition(":")[2]
        local = lab._replace(url=f"http://127.0.0.1:{port}/#token={lab.token}")
        assert local.ask("GET", "/api/state").status == 200
        # Which names it has is as exact as ever.
        assert local.ask("GET", "/api/state", Host=f"evil:{port}").status == 403
        assert ended(process, signal.SIGTERM)[0] == 143


def refusal(call: Caller, code: str, exit_code: int, *words: str) -> str:
    """What the command says on stderr; in Spanish it is the same in other words."""
    said = []
    for language in ("es", "en"):
        called = call("--lang", language, "lab", "--no-browser", *words)
        assert (called.code, called.out) == (exit_code, ""), called.err
        assert f"[{code}]" in called.err
        said.append(called.err)
    assert said[0] != said[1]
    return said[1]


def test_a_taken_port_and_a_missing_folder_are_told(
    call: Caller, tmp_path: Path
) -> None:
    here, none = str(tmp_path), str(tmp_path / "none")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        told = refusal(call, "port-taken", 4, here, "--port", port)
        assert port in told and "--port" in told
    assert none in refusal(call, "lab-folder", 2, none)
    refusal(call, "host-unknown", 2, here, "--host", "no such host")
