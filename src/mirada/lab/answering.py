"""From a request to a `Work` and back: bodies, languages, refusals."""

import json
import re
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from mirada.errors import ConfigurationError, UsageError
from mirada.lab.asked import Asked, Content, Events, Work
from mirada.lab.lab import Lab
from mirada.lab.refusals import language_of, refused_as
from mirada.lab.streaming import EventStream
from mirada.lab.threads import Threads
from mirada.language import speaking

__all__ = ["MOST_HELD", "Held", "Workers", "language_of", "refused", "route"]

_HALF_LETTER = re.compile(rb"\\u[dD][89a-fA-F]")


MOST_HELD = 512 << 20
"""How much all that is carried to a lab at a time may weigh."""


class Held:
    """What requests carry that are not answered yet: so much in memory, and no more."""

    def __init__(self) -> None:
        self._bytes = 0

    @contextmanager
    def body(self) -> Iterator[Callable[[bytes], None]]:
        """Takes in pieces of a body; refuses what would be too much (`lab-busy`)."""
        own = 0

        def take(piece: bytes) -> None:
            nonlocal own
            if self._bytes + len(piece) > MOST_HELD:
                raise ConfigurationError(
                    "lab-busy",
                    "The lab is sent too much at once. Send it again when what is "
                    "under way has come through.",
                )
            own += len(piece)
            self._bytes += len(piece)

        try:
            yield take
        finally:
            self._bytes -= own


class Workers(NamedTuple):
    """The threads of a lab: those of its work, and those that wait for events.

    And what is carried to them.
    """

    work: Threads
    events: Threads
    held: Held


def route(lab: Lab, work: Work, workers: Workers) -> Route:
    """The route by which Starlette finds a piece of work."""
    endpoint = _endpoint(lab, work, workers)
    return Route(work.path, endpoint, methods=[work.method])


def refused(error: BaseException, language: str = "en") -> Response:
    """What is answered where something was refused, or failed."""
    status, content = refused_as(error, language)
    return Response(content, status, media_type="application/json")


def _endpoint(
    lab: Lab, work: Work, workers: Workers
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def endpoint(request: Request) -> Response:
        language = language_of(request.headers.get("accept-language", ""))
        try:
            with workers.held.body() as take:
                content = await _body(request, work.most_bytes, take)
                with speaking(language):
                    answer = await workers.work.run(lambda: done(request, content))
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:
            return refused(error, language)
        if isinstance(answer, Events):
            return EventStream(answer.source, language, workers.events)
        return answer

    def done(request: Request, content: bytes) -> Response | Events:
        answer = work.does(lab, _asked(request, content))
        if isinstance(answer, Events):
            return answer
        if isinstance(answer, Content):
            return _content(answer)
        text = json.dumps(
            answer, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        )
        # The name of a file may be no text: half letters of it become question marks.
        content = text.encode(errors="replace")
        return Response(content, media_type="application/json")

    return endpoint


def _asked(request: Request, content: bytes) -> Asked:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    value: Any = {}
    if kind == "application/json" and content:
        value, content = _value(content), b""
    query = dict(request.query_params)
    return Asked(dict(request.path_params), query, value, content)


async def _body(
    request: Request, most_bytes: int, take: Callable[[bytes], None]
) -> bytes:
    said = request.headers.get("content-length", "0")
    if said.isdecimal() and (len(said) > 18 or int(said) > most_bytes):
        raise _too_large(most_bytes)
    pieces, length = [], 0
    async for piece in request.stream():
        length += len(piece)
        if length > most_bytes:
            raise _too_large(most_bytes)
        take(piece)
        pieces.append(piece)
    return b"".join(pieces)


def _too_large(most_bytes: int) -> UsageError:
    return UsageError(
        "request-too-large",
        "A request to the lab carries more than {most} bytes.",
        most=most_bytes,
    )


def _value(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content, parse_constant=_no_constant)
        if _HALF_LETTER.search(content):
            # Half of a letter can be written in JSON, and in no file.
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UsageError("request-json", "A request to the lab must be a JSON object.")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _content(answer: Content) -> Response:
    headers = {}
    if answer.name:
        safe = "".join(c if c.isalnum() or c in "._-" else "_" for c in answer.name)
        name = safe.encode("ascii", "replace").decode().replace("?", "_")
        headers["content-disposition"] = f'attachment; filename="{name}"'
    return Response(answer.content, media_type=answer.media, headers=headers)
