"""The gate, asked directly: who passes, and what everybody is told."""

import asyncio
import json
from typing import Any

import pytest

from mirada.errors import UsageError
from mirada.lab.gate import Gate, Message, Receive, Scope, Send
from tests.refusal import refuses

HOST = "127.0.0.1:8000"
HOSTS = frozenset({HOST, "localhost:8000"})


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/api/bug":
        raise ZeroDivisionError("planted")
    if scope["path"] == "/api/body":
        while (await receive()).get("more_body"):
            pass
    headers = [(b"cache-control", b"no-cache")] if scope["path"] == "/" else []
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"inside"})


def gate(**settings: Any) -> Gate:
    return Gate(app, "token", HOSTS, {"/", "/lab.js"}, **settings)


def asked(
    path: str = "/api/state", method: str = "GET", **headers: str | None
) -> Scope:
    given = {"host": HOST, "authorization": "Bearer token", **headers}
    pairs = [(n.replace("_", "-"), t) for n, t in given.items() if t is not None]
    lines = [(name.encode(), text.encode("latin-1")) for name, text in pairs]
    return {
        **{"type": "http", "method": method, "path": path, "query_string": b""},
        **{"raw_path": path.encode(), "headers": lines, "client": ("127.0.0.1", 9)},
    }


def answered(scope: Scope, *received: Message, **settings: Any) -> list[Message]:
    """What the gate sends, when it is given these messages and then nothing more."""
    sent: list[Message] = []
    left = list(received)

    async def receive() -> Message:
        if not left:
            await asyncio.sleep(3600)
        return left.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(gate(**settings)(scope, receive, send))
    return sent


def test_who_carries_the_token_passes() -> None:
    start, body = answered(asked())
    assert (start["status"], body["body"]) == (200, b"inside")


@pytest.mark.parametrize(
    ("code", "scope"),
    [
        ("lab-client", {**asked(), "client": ("192.168.1.9", 9)}),
        ("lab-client", {**asked(), "client": None}),
        ("lab-client", {**asked(), "client": ("unknown", 9)}),
        ("lab-host", asked(host=None)),
        ("lab-host", asked(host="evil.example")),
        ("lab-host", asked("/", host="127.0.0.1:8001")),
        ("lab-origin", asked(origin="http://evil.example")),
        ("lab-origin", asked(origin="null")),
        ("lab-origin", asked(origin="https://127.0.0.1:8000")),
        # Both are ours, but not each other's.
        ("lab-origin", asked(origin="http://localhost:8000")),
        ("lab-origin", asked("/lab.js", sec_fetch_site="cross-site")),
        ("lab-origin", asked("/lab.js", sec_fetch_site="same-site")),
        ("lab-origin", asked("/", sec_fetch_site="cross-site")),
        ("lab-origin", asked("/api/state", sec_fetch_mode="navigate")),
        ("lab-origin", asked("/lab.js", sec_fetch_mode="navigate")),
        (
            "lab-origin",
            asked("/", sec_fetch_mode="navigate", sec_fetch_dest="iframe"),
        ),
        ("lab-token", asked(authorization=None)),
        ("lab-token", asked(authorization="Bearer toke")),
        ("lab-token", asked(authorization="Bearer tokené")),
        ("lab-token", asked(authorization="bearer token")),
        ("lab-token", asked("/none", authorization=None)),
        ("lab-token", asked("//", authorization=None)),
        ("lab-token", asked("/lab.js/", authorization=None)),
        ("request-method", asked(method="OPTIONS")),
        ("request-method", asked("/", method="TRACE")),
        ("request-method", asked(upgrade="websocket")),
        ("request-long", {**asked(), "query_string": b"a" * 8192}),
        ("request-headers", asked(**{f"x{n}": "" for n in range(70)})),
        ("request-path", asked("/api/../secret")),
        ("request-path", asked("/api/.")),
        ("request-path", asked("/api/a\\b")),
        ("request-path", asked("/api/a\n")),
        ("request-path", asked("*")),
        ("request-media", asked(content_type="multipart/form-data; boundary=x")),
        ("request-media", asked(content_type="Text/Plain")),
        ("request-media", asked(content_type="application/x-www-form-urlencoded")),
    ],
)
def test_everybody_else_is_told_why(code: str, scope: Scope) -> None:
    with refuses(UsageError, code):
        gate().check(scope)


def test_a_header_that_is_given_twice_is_none() -> None:
    for name in (b"host", b"authorization"):
        scope = asked()
        scope["headers"] += [(n, t) for n, t in scope["headers"] if n == name]
        with pytest.raises(UsageError):
            gate().check(scope)


@pytest.mark.parametrize(
    "scope",
    [
        asked(host="localhost:8000", origin="http://localhost:8000"),
        asked(host="LOCALHOST:8000"),
        asked(origin=f"http://{HOST}", sec_fetch_site="same-origin"),
        asked(sec_fetch_site="none"),
        asked("/", authorization=None),
        asked("/lab.js", authorization=None, sec_fetch_mode="cors"),
        # A link on another page may lead to ours.
        asked(
            "/",
            sec_fetch_site="cross-site",
            sec_fetch_mode="navigate",
            sec_fetch_dest="document",
        ),
        {**asked(), "client": ("::1", 9)},
        {**asked(), "client": ("::ffff:127.0.0.1", 9)},
        asked("/api/a b/ñ", method="DELETE"),
        asked(content_type="application/json", method="PUT"),
    ],
)
def test_what_a_page_of_ours_asks_passes(scope: Scope) -> None:
    gate().check(scope)


def test_other_computers_pass_only_where_anyone_may() -> None:
    scope = {**asked(), "client": ("192.168.1.9", 9)}
    gate(anyone=True).check(scope)
    assert answered(scope)[0]["status"] == 403


def test_a_refusal_is_in_the_language_of_who_asks() -> None:
    for language, words in (("en", b"wants the key"), ("es", b"pide la clave")):
        scope = asked(authorization=None, accept_language=f"{language};q=0.9")
        start, body = answered(scope)
        assert start["status"] == 401 and words in body["body"]
        assert (b"www-authenticate", b"Bearer") in start["headers"]


def test_every_answer_says_what_may_be_done_with_it() -> None:
    for path, status, kept in (
        *(("/", 200, b"no-cache"), ("/api/state", 200, b"no-store")),
        *(("/api/bug", 500, b"no-store"), ("/api/..", 404, b"no-store")),
    ):
        start = answered(asked(path))[0]
        headers = dict(start["headers"])
        assert (start["status"], headers[b"cache-control"]) == (status, kept)
        assert headers[b"content-security-policy"].startswith(b"default-src 'none'")
        assert len(headers) == len(start["headers"])


def test_what_is_not_http_is_not_answered() -> None:
    assert answered({"type": "websocket", "path": "/api/state"}) == []


def test_a_body_must_come_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirada.lab.gate.PIECE_S", 0.05)
    piece = {"type": "http.request", "body": b"x", "more_body": True}
    for language, words in (("en", "too slowly"), ("es", "demasiado despacio")):
        scope = asked("/api/body", method="POST", accept_language=language)
        start, body = answered(scope, piece)
        error = json.loads(body["body"])["error"]
        assert (start["status"], error["code"]) == (408, "request-slow")
        assert words in error["message"]
    last = {**piece, "more_body": False}
    assert answered(asked("/api/body", method="POST"), piece, last)[0]["status"] == 200


def test_a_bug_is_told_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    start, body = answered(asked("/api/bug"))
    assert start["status"] == 500 and b'"code":"bug"' in body["body"]
    assert "ZeroDivisionError: planted" in capsys.readouterr().err
