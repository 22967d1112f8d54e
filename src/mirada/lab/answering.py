"""From a request to a `Work` and back: bodies, languages, refusals, events."""

import json
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import aclosing
from functools import partial
from typing import Any, cast

from anyio import CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from mirada.errors import MiradaError, UsageError
from mirada.lab.asked import Asked, Content, Event, Events, Work
from mirada.lab.lab import Lab
from mirada.language import LANGUAGES, speaking

__all__ = ["language_of", "refused", "route"]

_STATUS = {2: 400, 3: 422, 4: 422, 5: 507, 6: 422}
_CONFLICTS = ("lab-changed-elsewhere",)
_END = object()


def route(lab: Lab, work: Work, limiter: CapacityLimiter) -> Route:
    """The route by which Starlette finds a piece of work."""
    endpoint = _endpoint(lab, work, limiter)
    return Route(work.path, endpoint, methods=[work.method])


def _endpoint(
    lab: Lab, work: Work, limiter: CapacityLimiter
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def endpoint(request: Request) -> Response:
        language = language_of(request.headers.get("accept-language", ""))
        with speaking(language):
            try:
                asked = await _asked(request, work.most_bytes)
                does = partial(work.does, lab, asked)
                answer = await to_thread.run_sync(does, limiter=limiter)
            except ClientDisconnect:
                return Response(status_code=400)
            except Exception as error:
                return refused(error)
        if isinstance(answer, Content):
            return _content(answer)
        if isinstance(answer, Events):
            return _stream(answer, language, limiter)
        return JSONResponse(answer)

    return endpoint


def language_of(header: str) -> str:
    """The language that a header asks for, English if it is none of ours.

    >>> language_of("es-AR,es;q=0.9"), language_of("")
    ('es', 'en')
    """
    return header[:2] if header[:2] in LANGUAGES else "en"


def refused(error: Exception) -> Response:
    """What is answered where something was refused, or failed."""
    if isinstance(error, MiradaError):
        status = 409 if error.code in _CONFLICTS else _STATUS.get(error.exit_code, 500)
        return JSONResponse(_told(error), status)
    traceback.print_exception(error)
    return JSONResponse(_told(error), 500)


def _told(error: Exception) -> dict[str, Any]:
    if isinstance(error, MiradaError):
        code, exit_code = error.code, error.exit_code
    else:
        code, exit_code = "bug", 1
    words = {"code": code, "message": str(error), "exit_code": exit_code}
    return {"error": words}


async def _asked(request: Request, most_bytes: int) -> Asked:
    content = await _body(request, most_bytes)
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    value: Any = {}
    if kind == "application/json" and content:
        value, content = _value(content), b""
    query = dict(request.query_params)
    return Asked(dict(request.path_params), query, value, content)


async def _body(request: Request, most_bytes: int) -> bytes:
    pieces, length = [], 0
    async for piece in request.stream():
        length += len(piece)
        if length > most_bytes:
            raise UsageError(
                "request-too-large",
                "A request to the lab carries more than {most} bytes.",
                most=most_bytes,
            )
        pieces.append(piece)
    return b"".join(pieces)


def _value(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content, parse_constant=_no_constant)
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


def _stream(answer: Events, language: str, limiter: CapacityLimiter) -> Response:
    source = answer.source
    if isinstance(source, Iterator):
        source = _threaded(source, language, limiter)
    return StreamingResponse(_lines(source), media_type="text/event-stream")


async def _threaded(
    source: Iterator[Event], language: str, limiter: CapacityLimiter
) -> AsyncIterator[Event]:
    def following() -> Any:
        with speaking(language):
            return next(source, _END)

    try:
        while (event := await to_thread.run_sync(following, limiter=limiter)) != _END:
            yield event
    finally:
        close = getattr(source, "close", None)
        if close is not None:
            close()


async def _lines(source: AsyncIterator[Event]) -> AsyncIterator[bytes]:
    try:
        async with aclosing(cast(Any, source)):
            async for kind, values in source:
                yield _line(kind, values)
    except Exception as error:
        if not isinstance(error, MiradaError):
            traceback.print_exception(error)
        yield _line("refused", _told(error)["error"])


def _line(kind: str, values: Any) -> bytes:
    text = json.dumps(values, allow_nan=False, separators=(",", ":"))
    return f"event: {kind}\ndata: {text}\n\n".encode()
