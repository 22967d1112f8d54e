"""Bodies, answers and event streams, over a lab with planted work."""

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mirada.errors import ConfigurationError
from mirada.lab import answering
from mirada.lab.answering import Held, refused
from mirada.lab.files import page_files
from tests.lab.attacked import attacked, calls, connected, head, said, words_of
from tests.lab.open_lab import OpenLab
from tests.refusal import refuses

HURRY = 20.0
UPLOAD = "/api/planted/upload"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenLab]:
    with attacked(tmp_path_factory.mktemp("planted"), hurry=HURRY) as found:
        yield found


def wait_for(lab: OpenLab, name: str, count: int) -> None:
    end = time.monotonic() + 10
    while calls(lab).get(name, 0) < count:
        assert time.monotonic() < end, calls(lab)
        time.sleep(0.01)


def events(content: bytes) -> list[tuple[str, object]]:
    """The events of a stream that was sent in chunks."""
    lines = content.decode().split("\n")
    kinds = [line[7:] for line in lines if line.startswith("event: ")]
    values = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
    return list(zip(kinds, values, strict=True))


def test_json_and_bytes_reach_the_work(planted: OpenLab) -> None:
    found = planted.ask("POST", UPLOAD, {"name": "ñ"})
    assert found.value == {"bytes": 0, "value": {"name": "ñ"}}
    assert found.headers["cache-control"] == "no-store"
    assert planted.ask("POST", UPLOAD, content=b"x" * 9).value["bytes"] == 9
    assert planted.ask("POST", UPLOAD).value == {"bytes": 0, "value": {}}


@pytest.mark.parametrize(
    ("code", "status", "content", "words"),
    [
        ("request-json", 400, b"[1]", ("a JSON object", "objeto JSON")),
        ("request-json", 400, b'{"a": NaN}', ("a JSON object", "objeto JSON")),
        ("request-json", 400, b'{"a": "\\udc00"}', ("a JSON object", "objeto JSON")),
        ("request-too-large", 413, bytes((1 << 20) + 1), ("1048576", "1048576")),
    ],
)
def test_other_bodies_are_refused_in_the_language_of_who_asks(
    code: str, status: int, content: bytes, words: tuple[str, str], planted: OpenLab
) -> None:
    for language, word in zip(("en", "es"), words, strict=True):
        found = planted.ask(
            *("POST", UPLOAD),
            content=content,
            language=language,
            Content_Type="application/json",
        )
        assert (found.status, found.value["error"]["code"]) == (status, code)
        assert word in found.value["error"]["message"]


def test_refusals_of_the_lab_are_told_in_both_languages(planted: OpenLab) -> None:
    for code, method, path, words in (
        ("request-path", "GET", "/api/none", ("has nothing at", "no tiene nada en")),
        ("request-method", "PUT", "/", ("takes no PUT", "no admite PUT")),
        ("bug", "GET", "/api/planted/fails", ("a bug of mirada's", "error de mirada")),
        ("bug", "GET", "/api/planted/fails?nan=true", ("bug of mirada's", "de mirada")),
    ):
        for language, word in zip(("en", "es"), words, strict=True):
            error = planted.ask(method, path, language=language).value["error"]
            assert error["code"] == code and word in error["message"], error


def test_what_is_no_request_is_told_in_the_language_of_the_lab(
    planted: OpenLab, tmp_path: Path
) -> None:
    with attacked(tmp_path, language="es") as spanish:
        for lab, words in ((planted, "not a request"), (spanish, "no es una petición")):
            found = said(lab, b"HELLO\r\n\r\n")
            error = json.loads(found.content)["error"]
            assert (found.status, error["code"]) == (400, "request-malformed")
            assert words in error["message"]


def test_a_bug_leaves_its_trace_where_the_lab_was_started(planted: OpenLab) -> None:
    planted.ask("GET", "/api/planted/fails")
    assert "ZeroDivisionError: planted" in words_of(planted.folder)


def test_who_goes_ends_the_stream(planted: OpenLab) -> None:
    """Of both kinds of source, and while it waits for long."""
    for path in ("ticks", "steps", "ticks?s=600"):
        before = calls(planted)
        with connected(planted) as connection:
            connection.sendall(head(planted, "GET", f"/api/planted/{path}"))
            wait_for(planted, "begun", before.get("begun", 0) + 1)
        wait_for(planted, "ended", before.get("ended", 0) + 1)


def test_a_stream_ends_with_its_source(planted: OpenLab) -> None:
    found = planted.ask("GET", "/api/planted/steps?most=2&x=3&s=0", language="es")
    told = events(found.content)
    assert found.headers["content-type"].startswith("text/event-stream")
    assert [kind for kind, _ in told] == ["step", "step", "refused"]
    assert told[0][1] == {"number": 0, "text": "xxx"}
    assert "error de mirada" in str(told[2][1])


def test_head_begins_no_stream(planted: OpenLab) -> None:
    before = calls(planted)
    for path in ("ticks", "steps"):
        assert planted.ask("HEAD", f"/api/planted/{path}").status == 200
    assert calls(planted) == before


def test_silence_is_broken_by_a_heartbeat(planted: OpenLab) -> None:
    """So a browser that has gone without a word is noticed."""
    whole = said(planted, head(planted, "GET", "/api/planted/ticks?s=600"), 2.0)
    assert whole.content.count(b": still here\n\n") >= 2


def test_streams_leave_threads_for_work(planted: OpenLab) -> None:
    streams = [connected(planted) for _ in range(60)]
    try:
        for place, stream in enumerate(streams):
            kind = "ticks?s=600" if place % 2 else "steps?s=5"
            stream.sendall(head(planted, "GET", f"/api/planted/{kind}"))
        begun = time.monotonic()
        assert planted.ask("GET", "/api/state").status == 200
        assert time.monotonic() - begun < 4
    finally:
        for stream in streams:
            stream.close()


def test_a_page_that_is_known_is_not_sent_again(planted: OpenLab) -> None:
    found = planted.ask("GET", "/lab/page/lab.js")
    tag = found.headers["etag"]
    assert found.headers["cache-control"] == "no-cache"
    for known in (tag, f'"other", W/{tag}'):
        again = planted.ask("GET", "/lab/page/lab.js", If_None_Match=known)
        assert (again.status, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert "content-security-policy" in again.headers
    other = planted.ask("GET", "/lab/page/lab.js", If_None_Match='"other"')
    assert other.status == 200 and other.content == found.content


def test_every_file_of_the_page_is_there(planted: OpenLab) -> None:
    for path, file in page_files().items():
        found = planted.ask("GET", path)
        assert found.content == file.content
        assert found.headers["content-type"].startswith(file.media.partition(";")[0])
        head_only = planted.ask("HEAD", path)
        assert (head_only.status, head_only.content) == (200, b"")


def test_a_bug_has_no_language_of_its_own() -> None:
    answer = refused(KeyError("planted"), "es")
    assert answer.status_code == 500 and b"error de mirada" in answer.body


def test_only_so_much_is_held_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "MOST_HELD", 16)
    held = Held()
    for _ in range(3):
        with held.body() as take, held.body() as other:
            take(bytes(10))
            with refuses(ConfigurationError, "lab-busy"):
                other(bytes(7))
            other(bytes(6))
    assert json.loads(refused_status(held)[1])["error"]["code"] == "lab-busy"


def refused_status(held: Held) -> tuple[int, bytes]:
    with held.body() as take, pytest.raises(ConfigurationError) as caught:
        take(bytes(17))
    found = refused(caught.value)
    assert found.status_code == 503
    return found.status_code, bytes(found.body)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are text")
def test_a_folder_whose_name_is_no_text(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"l\xffb")
    folder.mkdir()
    with attacked(folder) as lab:
        assert lab.ask("GET", "/api/here").value["folder"].endswith("/l?b")
    assert words_of(folder) == ""
