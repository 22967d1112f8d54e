"""Requests that are no HTTP, or nearly: spoiled ones, drawn, and some by hand."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from tests.lab.attacked import calls, head, said, words_of
from tests.lab.open_lab import OpenLab
from tests.training.tally import Tally

__all__ = ["malformed_requests"]

_PATIENCE_S = 0.4
_GUARDS = ("content-security-policy", "x-content-type-options", "cache-control")
_TLS = bytes.fromhex("16030100c8010000c40303") + bytes(200)
_ODD_LINES = (
    *(b"Host : x", b" Host: x", b"Host\x00: x", b"X: a\r\n b", b"X: \x00", b": x"),
    *(b"X\r\nY: z", b"Content-Length: 1, 1", b"Transfer-Encoding: chunked, chunked"),
    *(b"Connection: upgrade\r\nUpgrade: websocket", b"Upgrade: h2c", b"Expect: 200"),
    *(b"Expect: 100-continue", b"Connection: close, keep-alive", b"X: " + b"y" * 70000),
    *(b"X: \xff\xfe", b"\xc3\xa9: x", b"Range: bytes=0-0,-1", b"If-None-Match: *"),
    *(b"Accept-Language: " + b"es," * 3000, b"Accept-Language: \xff", b"TE: trailers"),
)


def malformed_requests(lab: OpenLab, cases: int, seed: int = 0) -> Tally:
    """Each is answered by a refusal, or not at all; none costs the lab anything.

    Those without the token reach nothing, whatever was made of them.
    """
    tally = Tally()
    drawn = [*_by_hand(lab), *_spoiled(lab, cases, seed)]
    with ThreadPoolExecutor(16) as threads:
        patience = [_PATIENCE_S] * len(drawn)
        found = threads.map(said, [lab] * len(drawn), drawn, patience)
        for content, (status, headers, _) in zip(drawn, found, strict=True):
            kind = f"{status // 100}xx" if status else "no answer"
            lacking = [n for n in _GUARDS if n not in headers] if status else []
            is_fine = not lacking and (status < 500 or status == 501)
            fault = "" if is_fine else f"{status}, without {lacking}: {content[:300]!r}"
            tally.add(kind, fault)
    tally.add("no trace", words_of(lab.folder)[-500:])
    reached = calls(lab).get("deed", 0)
    tally.add("nothing reached", f"{reached} times" if reached else "")
    return tally


def _by_hand(lab: OpenLab) -> Iterator[bytes]:
    plain = _plain(lab)
    yield from (
        _TLS,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(64),
        b"\r\n\r\n",
        b"\n",
    )
    yield from (b"\x00" * 100, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"a" * 70000)
    yield from (plain.replace(b"\r\n", b"\n"), plain.replace(b"\r\n", b"\r"))
    yield from (
        plain.replace(b" HTTP/1.1", b""),
        plain.replace(b"HTTP/1.1", b"HTTP/1.0"),
    )
    yield from (
        plain.replace(b"HTTP/1.1", b"http/1.1"),
        plain * 50,
        plain + b"junk" * 99,
    )
    for line in _ODD_LINES:
        yield plain.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n\r\n")
    yield plain.replace(b"\r\n\r\n", b"\r\nX: y" * 5000 + b"\r\n\r\n")
    yield plain.replace(b"\r\n\r\n", b"\r\nX: y" * 100 + b"\r\n\r\n")
    targets = (
        *("*", "http://evil.example/", f"http://{lab.host}/api/planted/deed", "/\x7f"),
        *("evil.example:443", "/" + "a" * 9000, "/?" + "a" * 9000, "/\xff", "//", "?"),
    )
    for target in targets:
        for method in ("GET", "OPTIONS", "CONNECT", "G\x00T", "x" * 200):
            yield head(lab, method, target, token=False)


def _spoiled(lab: OpenLab, cases: int, seed: int) -> Iterator[bytes]:
    drawn = random.Random(seed)
    body = b'{"revision": 0}'
    lines = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    whole = head(lab, "POST", "/api/planted/deed", *lines, token=False) + body
    for _ in range(cases):
        content = bytearray(drawn.choice((whole, _plain(lab))))
        for _ in range(drawn.choice((1, 1, 2, 5))):
            _spoil(content, drawn)
        yield bytes(content)


def _spoil(content: bytearray, drawn: random.Random) -> None:
    place = drawn.randrange(len(content))
    kind = drawn.randrange(5)
    if kind == 0:
        content[place] = drawn.randrange(256)
    elif kind == 1:
        del content[place : place + drawn.choice((1, 2, 20))]
    elif kind == 2:
        content[place:place] = drawn.randbytes(drawn.choice((1, 2, 20)))
    elif kind == 3:
        content[place:place] = content[place // 2 : place]
    else:
        odd = (b"\r\n", b"\n", b"\r", b"\x00", b": ", b" ", b"\t", b"\r\n\r\n", b"%00")
        content[place:place] = drawn.choice(odd)
    content += b" " if not content else b""


def _plain(lab: OpenLab) -> bytes:
    return head(lab, "GET", "/api/planted/deed", "X-Some: thing", token=False)
