"""A lab in which work is planted that tells who reached it.

    python -m tests.lab.planted FOLDER

With `--bug NAME` something that guards it is missing, which the attacks must notice.
"""

import argparse
import asyncio
import gc
import signal
import sys
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from mirada.lab import answering, application, gate, protocol, rooms, server, streaming
from mirada.lab.asked import Answer, Asked, Content, Event, Events, Work
from mirada.lab.lab import Lab
from mirada.language import use_language

__all__ = ["BUGS", "MOST_BYTES"]

MOST_BYTES = 1 << 20
"""What an upload may carry."""

_calls: dict[str, int] = {}
_lock = threading.Lock()


def _counted(name: str) -> None:
    with _lock:
        _calls[name] = _calls.get(name, 0) + 1


def _count(lab: Lab, asked: Asked) -> Answer:
    return dict(_calls)


def _held(lab: Lab, asked: Asked) -> Answer:
    """What Python itself holds, of which memory freed and not given back is no part."""
    if not tracemalloc.is_tracing():
        tracemalloc.start()
    gc.collect()
    return {"bytes": tracemalloc.get_traced_memory()[0]}


def _work(lab: Lab, asked: Asked) -> Answer:
    _counted(asked.path.get("name", "deed"))
    return {"secret": "swordfish"}


def _upload(lab: Lab, asked: Asked) -> Answer:
    _counted("upload")
    return {"bytes": len(asked.content), "value": dict(asked.value)}


def _large(lab: Lab, asked: Asked) -> Answer:
    return Content("application/octet-stream", bytes(asked.whole("mb", 1, 512) << 20))


def _slow(lab: Lab, asked: Asked) -> Answer:
    time.sleep(asked.number("s", 0, 60))
    return {}


def _busy(lab: Lab, asked: Asked) -> Answer:
    end = time.monotonic() + asked.number("s", 0, 60)
    while time.monotonic() < end:
        sum(range(1000))
    return {}


def _ticks(lab: Lab, asked: Asked) -> Answer:
    async def source() -> AsyncIterator[Event]:
        _counted("begun")
        try:
            for number in range(1 << 30):
                yield "tick", {"number": number}
                await asyncio.sleep(asked.number("s", 0, 600, 0.05))
        finally:
            await asyncio.sleep(0)
            _counted("ended")

    return Events(source())


def _steps(lab: Lab, asked: Asked) -> Answer:
    def source() -> Iterator[Event]:
        _counted("begun")
        try:
            for number in range(asked.whole("most", 0, 1 << 30, 1 << 30)):
                yield (
                    "step",
                    {"number": number, "text": "x" * asked.whole("x", 0, 9999)},
                )
                time.sleep(asked.number("s", 0, 600, 0.05))
            raise ZeroDivisionError("planted")
        finally:
            _counted("ended")

    return Events(source())


def _fails(lab: Lab, asked: Asked) -> Answer:
    if asked.flag("nan"):
        return {"number": float("nan")}
    raise ZeroDivisionError("planted")


class _Stubborn:
    """A part that does not end when it is told to."""

    def __init__(self, lab: Lab) -> None:
        _counted("part")

    def close(self) -> None:
        time.sleep(30)


def _part(lab: Lab, asked: Asked) -> Answer:
    lab.part(_Stubborn)
    return {}


WORK = (
    Work("GET", "/api/planted/count", _count),
    Work("GET", "/api/planted/held", _held),
    *(Work(m, "/api/planted/deed", _work) for m in ("GET", "POST", "PUT", "DELETE")),
    *(Work(m, "/api/planted/deed/{name}", _work) for m in ("GET", "POST", "PUT")),
    Work("POST", "/api/planted/upload", _upload, most_bytes=MOST_BYTES),
    Work("GET", "/api/planted/large", _large),
    Work("GET", "/api/planted/slow", _slow),
    Work("GET", "/api/planted/busy", _busy),
    Work("GET", "/api/planted/ticks", _ticks),
    Work("GET", "/api/planted/steps", _steps),
    Work("GET", "/api/planted/fails", _fails),
    Work("POST", "/api/planted/part", _part),
)


_leaked: list[bytes] = []


def _leaks() -> None:
    answers = answering._asked

    def asked(request: Any, content: bytes) -> Asked:
        _leaked.append(bytes(1 << 15) + b"x")
        return answers(request, content)

    vars(answering)["_asked"] = asked


def _passes(*_: object) -> None:
    """A check that lets everything through."""


def _unchecked(*names: str) -> None:
    for name in names:
        setattr(gate.Gate, f"check_{name}", _passes)


def _delete_is_open() -> None:
    asks = gate.Gate.check_token
    gate.Gate.check_token = (  # type: ignore[method-assign]
        lambda self, scope: None if scope["method"] == "DELETE" else asks(self, scope)
    )


def _from_disk() -> None:
    """Files by their path in the folder, as many servers do it."""

    async def inside(itself: object, scope: Any, receive: Any, send: Any) -> None:
        path = Path(sys.argv[1], "page", scope["path"].lstrip("/"))
        try:
            content, status = path.read_bytes(), 200
        except (OSError, ValueError):
            content, status = b"", 404
        start = {"type": "http.response.start", "status": status}
        length = str(len(content)).encode()
        await send({**start, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": content})

    vars(application)["Application"].inside = inside
    _all_forms()
    _unchecked("token")


def _all_forms() -> None:
    vars(gate)["_check_form"] = _passes


def _open() -> None:
    _unchecked("origin", "site", "token")
    _all_forms()


def _stock() -> None:
    protocol.MOST = protocol.MOST_OF_ONE = 1 << 30
    protocol.SECONDS.clear()
    protocol.WRITING_S = 1e9


def _patient() -> None:
    gate.PIECE_S = gate.BODY_S = 1e9
    protocol.SECONDS.clear()


def _leaves_bodies() -> None:
    protocol.SECONDS["rest"] = 1e9


def _unguarded_400() -> None:
    vars(protocol)["guarded"] = lambda headers: headers


BUGS: Mapping[str, Callable[[], None]] = {
    "no-host": lambda: _unchecked("host"),
    "open-delete": _delete_is_open,
    "no-token": lambda: _unchecked("token"),
    "no-site": lambda: _unchecked("origin", "site"),
    "no-gate": _open,
    "from-disk": _from_disk,
    "stock": _stock,
    "patient": _patient,
    "leaves-bodies": _leaves_bodies,
    "unguarded-400": _unguarded_400,
    "leaks": _leaks,
    "waits-at-end": lambda: setattr(server, "CLOSING_S", 20.0),
}
"""What may be missing, by its name."""


def main() -> None:
    """Serves until it is told to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--bug", default="")
    parser.add_argument("--lang", default="en")
    parser.add_argument("--hurry", type=float, default=1.0)
    given = parser.parse_args()
    use_language(given.lang)
    vars(rooms)["WORK"] = (*rooms.WORK, *WORK)
    # All times are shorter by the same factor, for tests that wait for their end.
    gate.PIECE_S, gate.BODY_S = gate.PIECE_S / given.hurry, gate.BODY_S / given.hurry
    protocol.SECONDS = {n: s / given.hurry for n, s in protocol.SECONDS.items()}
    protocol.WRITING_S /= given.hurry
    streaming.HEARTBEAT_S /= given.hurry
    if given.bug:
        BUGS[given.bug]()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    server.serve(given.folder, 0, lambda url: print(url, flush=True))


if __name__ == "__main__":
    main()
