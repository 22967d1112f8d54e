"""Uploads that lie about their length, come slowly, or never end."""

import socket
import time
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from tests.lab.attacked import Raw, calls, closed_within, connected, head, heard
from tests.lab.open_lab import OpenLab
from tests.lab.planted import MOST_BYTES
from tests.training.tally import Tally

__all__ = ["spoiled_uploads"]

_PATH = "/api/planted/upload"
_ANSWER_S = 4.0
_MEDIA = "Content-Type: application/octet-stream"
_CHUNKED = "Transfer-Encoding: chunked"

Statuses = tuple[int, ...]
Attack = Callable[[OpenLab, socket.socket], Raw]


def spoiled_uploads(
    lab: OpenLab, patience_s: float, only: Collection[str] = ()
) -> Tally:
    """Every kind of them: each is refused and cut off within `patience_s`.

    None but those that end as they said may reach the work. `only` are some by name.
    """
    tally = Tally()
    chosen = [each for each in ATTACKS if not only or each[0] in only]
    with ThreadPoolExecutor(8) as threads:
        faults = threads.map(lambda each: _fault(lab, patience_s, *each), chosen)
        for (name, _, _), fault in zip(chosen, faults, strict=True):
            tally.add(name, fault)
    is_well = lab.ask("GET", "/api/state").status == 200
    tally.add("the lab answers", "" if is_well else "no longer")
    reached, good = calls(lab).get("upload", 0), sum(c[0] in GOOD for c in chosen)
    tally.add("work reached", "" if reached == good else f"{reached} times")
    return tally


def _fault(
    lab: OpenLab, patience_s: float, name: str, statuses: Statuses, attack: Attack
) -> str:
    begun = time.monotonic()
    with connected(lab) as connection:
        found = attack(lab, connection)
        if found.status not in statuses:
            return f"{found.status} {found.content!r}"
        left = patience_s - (time.monotonic() - begun)
        if name not in GOOD and not closed_within(connection, left):
            return f"still open after {time.monotonic() - begun:.1f} s"
    return ""


def _announced(said: int, given: int) -> Attack:
    def attack(lab: OpenLab, connection: socket.socket) -> Raw:
        line = f"Content-Length: {said}"
        connection.sendall(head(lab, "POST", _PATH, _MEDIA, line) + bytes(given))
        return heard(connection, _ANSWER_S)

    return attack


def _written(*lines: str, content: bytes = b"", token: bool = True) -> Attack:
    def attack(lab: OpenLab, connection: socket.socket) -> Raw:
        connection.sendall(head(lab, "POST", _PATH, *lines, token=token) + content)
        return heard(connection, _ANSWER_S)

    return attack


def _poured(
    pieces: Callable[[], Iterator[bytes]], *lines: str, token: bool = True
) -> Attack:
    """What comes back while pieces are sent until the other end has had enough."""

    def attack(lab: OpenLab, connection: socket.socket) -> Raw:
        connection.sendall(head(lab, "POST", _PATH, _MEDIA, *lines, token=token))
        end, found = time.monotonic() + 2 * _ANSWER_S, Raw(0, {}, b"")
        with suppress(OSError):
            for piece in pieces():
                connection.sendall(piece)
                if not found.status:
                    found = heard(connection, 0.002)
                if time.monotonic() > end:
                    break
        return found if found.status else heard(connection, 1.0)

    return attack


def _endless() -> Iterator[bytes]:
    while True:
        yield b"10000\r\n" + bytes(1 << 16) + b"\r\n"


def _endless_plain() -> Iterator[bytes]:
    while True:
        yield bytes(1 << 16)


def _slow() -> Iterator[bytes]:
    # Each byte comes in time for the next: only the sum is too much.
    while True:
        yield b"x"
        time.sleep(0.05)


def _endless_size() -> Iterator[bytes]:
    while True:
        yield b"0" * 1024


def _endless_trailer() -> Iterator[bytes]:
    yield b"1\r\nx\r\n0\r\n"
    while True:
        yield b"a: " + b"b" * 1000 + b"\r\n"


_LARGE, _ALL = f"Content-Length: {1 << 40}", f"Content-Length: {MOST_BYTES}"
GOOD = ("whole", "whole in chunks", "as large as may be")
ATTACKS: tuple[tuple[str, Statuses, Attack], ...] = (
    ("whole", (200,), _announced(1000, 1000)),
    ("as large as may be", (200,), _announced(MOST_BYTES, MOST_BYTES)),
    (
        "whole in chunks",
        (200,),
        _written(_MEDIA, _CHUNKED, content=b"3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n"),
    ),
    ("one byte too many", (413,), _announced(MOST_BYTES + 1, 0)),
    ("a terabyte said", (413,), _announced(1 << 40, 100)),
    ("more digits than numbers have", (400, 413), _announced(10**30, 0)),
    ("less than said", (408,), _announced(1000, 999)),
    ("nothing of what was said", (408,), _announced(1000, 0)),
    ("slow", (408,), _poured(_slow, _ALL)),
    ("slow in chunks", (400, 408), _poured(_slow, _CHUNKED)),
    ("endless", (413,), _poured(_endless, _CHUNKED)),
    ("endless after a refusal", (413,), _poured(_endless_plain, _LARGE)),
    ("endless without token", (401,), _poured(_endless_plain, _LARGE, token=False)),
    ("endless size of a chunk", (400, 413, 431), _poured(_endless_size, _CHUNKED)),
    ("endless trailer", (400, 413, 431), _poured(_endless_trailer, _CHUNKED)),
    ("negative", (400,), _written(_MEDIA, "Content-Length: -1")),
    ("no number", (400,), _written(_MEDIA, "Content-Length: ten")),
    ("hexadecimal", (400,), _written(_MEDIA, "Content-Length: 0x10")),
    ("signed", (400,), _written(_MEDIA, "Content-Length: +5", content=b"hello")),
    (
        "two lengths",
        (400,),
        _written(_MEDIA, "Content-Length: 3", "Content-Length: 5", content=b"hello"),
    ),
    (
        "a broken chunk",
        (400,),
        _written(_MEDIA, _CHUNKED, content=b"zz\r\nhello\r\n"),
    ),
    (
        "a longer chunk than said",
        (400,),
        _written(_MEDIA, _CHUNKED, content=b"2\r\nhello\r\n0\r\n\r\n"),
    ),
    ("another coding", (400, 501), _written(_MEDIA, "Transfer-Encoding: gzip")),
    (
        "a form",
        (415,),
        _written(
            "Content-Type: multipart/form-data; boundary=x",
            "Content-Length: 5",
            content=b"--x--",
        ),
    ),
    (
        "an encoded form",
        (415,),
        _written(
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Length: 3",
            content=b"a=b",
        ),
    ),
    (
        "plain text",
        (415,),
        _written("Content-Type: text/plain", "Content-Length: 2", content=b"{}"),
    ),
    (
        "no object",
        (400,),
        _written("Content-Type: application/json", "Content-Length: 2", content=b"[]"),
    ),
    (
        "deep",
        (400,),
        _written(
            "Content-Type: application/json",
            "Content-Length: 200000",
            content=b'{"a":' * 20000 + b"[" * 100000,
        ),
    ),
    (
        "half a letter",
        (400,),
        _written(
            "Content-Type: application/json",
            "Content-Length: 14",
            content=b'{"a":"\\ud800"}',
        ),
    ),
)
"""What each is called, the statuses that may answer it, and how it is done."""
