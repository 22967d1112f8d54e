"""The lab as an ASGI application: the gate, then files and work by their paths."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Router

from mirada.errors import UsageError
from mirada.lab.answering import Workers, route
from mirada.lab.files import File, page_files
from mirada.lab.gate import Gate, Receive, Scope, Send, no_method, nothing_at
from mirada.lab.lab import Lab

__all__ = ["Application"]


class Application:
    """What answers every request to a lab.

    Its rooms import most of mirada, which takes longer than all else at the start. It
    is done in a thread while the browser fetches the page; who asks a room before
    that waits for it.
    """

    def __init__(
        self,
        lab: Lab,
        token: str,
        hosts: frozenset[str],
        workers: Workers,
        *,
        anyone: bool = False,
    ) -> None:
        self._lab, self._workers = lab, workers
        self._files = page_files()
        self._routing: asyncio.Task[Router] | None = None
        public = self._files.keys()
        self._gate = Gate(self.inside, token, hosts, public, anyone=anyone)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._gate(scope, receive, send)

    def begin(self) -> None:
        """Begins to open the rooms."""
        if self._routing is None:
            opening = self._workers.work.run(self._router)
            self._routing = asyncio.create_task(opening)

    async def inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What is behind the gate."""
        file = self._files.get(scope["path"])
        if file is not None:
            if scope["method"] not in ("GET", "HEAD"):
                raise no_method(scope["method"])
            await _answer(file, Request(scope))(scope, receive, send)
            return
        self.begin()
        assert self._routing is not None
        router = await asyncio.shield(self._routing)
        try:
            # Starlette raises its refusals where it is not the outermost application.
            await router({**scope, "app": router}, receive, send)
        except HTTPException as error:
            raise _refusal(error, scope) from None

    def _router(self) -> Router:
        from mirada.lab.rooms import WORK

        routes = [route(self._lab, each, self._workers) for each in WORK]
        return Router(routes, redirect_slashes=False)


def _refusal(error: HTTPException, scope: Scope) -> UsageError:
    is_there = error.status_code == 405
    return no_method(scope["method"]) if is_there else nothing_at(scope["path"])


def _answer(file: File, request: Request) -> Response:
    """A file, or that the browser has it; it always asks, so that none is stale."""
    headers = {"etag": file.tag, "cache-control": "no-cache"}
    known = request.headers.get("if-none-match", "").split(",")
    if file.tag in (tag.strip().removeprefix("W/") for tag in known):
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.media, headers=headers)
