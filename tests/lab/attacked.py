"""A lab under attack: started with planted work, and spoken to byte by byte."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.contract.tree import ROOT
from tests.lab.open_lab import OpenLab

__all__ = [
    "CANARY",
    "Raw",
    "attacked",
    "calls",
    "closed_within",
    "connected",
    "head",
    "heard",
    "said",
    "words_of",
]

CANARY = "canary-in-the-coal-mine"
"""What a file outside of the page holds, which nobody may read."""


class Raw(NamedTuple):
    """What came back on a connection: status 0 is that nothing did."""

    status: int
    headers: dict[str, str]
    content: bytes


@contextmanager
def attacked(
    folder: Path, bug: str = "", hurry: float = 1.0, language: str = "en"
) -> Iterator[OpenLab]:
    """A lab with planted work; with `hurry` its patience is shorter by that factor."""
    (folder / "secret.txt").write_text(CANARY)
    for name in ("lab/page", "views"):
        (folder / "page" / name).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.lab.planted", str(folder)]
    with (folder / "stderr.txt").open("w") as talk:
        process = subprocess.Popen(
            [*command, "--bug", bug, "--hurry", str(hurry), "--lang", language],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=talk,
            text=True,
            env={**os.environ, "MIRADA_LANG": "en"},
            cwd=ROOT,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("http://"), words_of(folder)
        yield OpenLab(process, line.strip(), folder)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        if process.poll() is None:
            process.kill()
        if process.stdout is not None:
            process.stdout.close()


def words_of(folder: Path) -> str:
    """What the attacked lab said on stderr."""
    return (folder / "stderr.txt").read_text()


def calls(lab: OpenLab) -> dict[str, int]:
    """How often each planted work was reached."""
    found: dict[str, int] = lab.ask("GET", "/api/planted/count").value
    return found


def connected(lab: OpenLab, patience_s: float = 10.0) -> socket.socket:
    """A connection to the lab."""
    host, _, port = lab.host.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), patience_s)


def head(
    lab: OpenLab,
    method: str = "GET",
    target: str = "/",
    *lines: str,
    host: str | None = None,
    token: bool = True,
) -> bytes:
    """The first lines of a request and an empty one; `lines` are more headers."""
    given = [f"{method} {target} HTTP/1.1", f"Host: {host or lab.host}", *lines]
    if token:
        given.append(f"Authorization: Bearer {lab.token}")
    return ("\r\n".join(given) + "\r\n\r\n").encode("latin-1")


def said(lab: OpenLab, content: bytes, patience_s: float = 10.0) -> Raw:
    """What the lab answers to some bytes, on a connection of their own."""
    with connected(lab, patience_s) as connection:
        with suppress(OSError):
            connection.sendall(content)
        return heard(connection, patience_s, is_head=content.startswith(b"HEAD"))


def heard(
    connection: socket.socket, patience_s: float = 10.0, *, is_head: bool = False
) -> Raw:
    """The next answer on a connection, as far as it comes in time."""
    found, end = b"", time.monotonic() + patience_s
    with suppress(OSError):
        while (left := end - time.monotonic()) > 0:
            connection.settimeout(left)
            piece = connection.recv(1 << 16)
            found += piece
            if not piece or _is_whole(found, is_head):
                break
    first, _, content = found.partition(b"\r\n\r\n")
    status = re.match(rb"HTTP/1\.1 (\d\d\d)", first)
    lines = first.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(": ") for line in lines)
    headers = {name.lower(): text for name, _, text in pairs}
    return Raw(int(status[1]) if status else 0, headers, content)


def closed_within(connection: socket.socket, seconds: float) -> bool:
    """Whether the other end closes the connection in time, whatever it says first."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            if not connection.recv(1 << 16):
                return True
        except TimeoutError:
            return False
        except OSError:
            return True
    return False


def _is_whole(found: bytes, is_head: bool) -> bool:
    first, end, content = found.partition(b"\r\n\r\n")
    length = re.search(rb"\r\ncontent-length: (\d+)", first, re.I)
    if not end:
        return False
    if is_head or re.match(rb"HTTP/1\.1 (304|204|1\d\d)", first):
        return True
    return length is not None and len(content) >= int(length[1])
