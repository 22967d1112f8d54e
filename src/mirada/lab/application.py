"""The lab as an ASGI application: the gate, then files and work by their paths."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router

from mirada.errors import UsageError
from mirada.lab.answering import Workers, route
from mirada.lab.files import File, page_files
from mirada.lab.gate import App, Gate, Receive, Scope, Send, no_method, nothing_at
from mirada.lab.lab import Lab
from mirada.lab.rooms import WORK
from mirada.lab.threads import Threads

__all__ = ["application"]

_THREADS, _EVENT_THREADS = 12, 24


def application(
    lab: Lab,
    token: str,
    hosts: frozenset[str],
    *,
    anyone: bool = False,
    workers: Workers | None = None,
) -> App:
    """What answers every request to a lab."""
    found = workers or Workers(Threads(_THREADS), Threads(_EVENT_THREADS))
    files = page_files()
    inside = _inside(files, [route(lab, each, found) for each in WORK])
    return Gate(inside, token, hosts, files.keys(), anyone=anyone)


def _inside(files: Mapping[str, File], routes: list[Any]) -> App:
    router = Router(routes, redirect_slashes=False)

    async def inside(scope: Scope, receive: Receive, send: Send) -> None:
        file = files.get(scope["path"])
        if file is not None:
            if scope["method"] not in ("GET", "HEAD"):
                raise no_method(scope["method"])
            await _file(file, Request(scope))(scope, receive, send)
            return
        try:
            # Starlette raises its refusals where it is not the outermost application.
            await router({**scope, "app": router}, receive, send)
        except HTTPException as error:
            raise _refusal(error, scope) from None

    return inside


def _refusal(error: HTTPException, scope: Scope) -> UsageError:
    is_there = error.status_code == 405
    return no_method(scope["method"]) if is_there else nothing_at(scope["path"])


def _file(file: File, request: Request) -> Response:
    """A file, or that the browser has it; it always asks, so that none is stale."""
    headers = {"etag": file.tag, "cache-control": "no-cache"}
    known = request.headers.get("if-none-match", "").split(",")
    if file.tag in (tag.strip().removeprefix("W/") for tag in known):
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.media, headers=headers)
