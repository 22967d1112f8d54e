"""What happens, as an event stream, until nobody listens."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import suppress
from typing import Any, cast

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from mirada.lab.asked import Event
from mirada.lab.refusals import told
from mirada.lab.threads import Threads
from mirada.language import speaking

__all__ = ["HEARTBEAT_S", "EventStream"]

HEARTBEAT_S = 10.0
"""After so long without an event a comment is sent, so that a dead line is noticed."""

Source = Iterator[Event] | AsyncIterator[Event]

_END: Any = object()
_BEAT = b": still here\n\n"
_ending: set[asyncio.Task[None]] = set()


class EventStream(Response):
    """Tells of every event as it happens; a refusal is told as an event "refused".

    The source is closed when it has ended, or when who asked has gone.
    """

    media_type = "text/event-stream"

    def __init__(self, source: Source, language: str, threads: Threads) -> None:
        super().__init__()
        del self.headers["content-length"]
        is_plain = isinstance(source, Iterator)
        self._source = _Pulled(source, threads) if is_plain else source
        self._language = language
        self._following: asyncio.Task[Any] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers."""
        telling = asyncio.create_task(self._tell(send, scope["method"] == "HEAD"))
        gone = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait([telling, gone], return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                telling.result()
        finally:
            gone.cancel()
            telling.cancel()
            # Closing may wait for a thread; whoever cancels us need not.
            _apart(self._end())

    async def _tell(self, send: Send, is_head: bool) -> None:
        headers = self.raw_headers
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if not is_head:
            try:
                await self._tell_all(send)
            except Exception as error:
                await send(_piece(_line("refused", told(error, self._language))))
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell_all(self, send: Send) -> None:
        while True:
            self._following = asyncio.create_task(self._next())
            while not (await asyncio.wait([self._following], timeout=HEARTBEAT_S))[0]:
                await send(_piece(_BEAT))
            event = self._following.result()
            if event is _END:
                return
            await send(_piece(_line(*event)))

    async def _next(self) -> Any:
        with speaking(self._language):
            try:
                return await anext(cast(AsyncIterator[Event], self._source))
            except StopAsyncIteration:
                return _END

    async def _end(self) -> None:
        if self._following is not None:
            self._following.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._following
        close = getattr(self._source, "aclose", None)
        if close is not None:
            await close()


class _Pulled:
    """A plain iterator whose next is asked for in a thread."""

    def __init__(self, source: Source, threads: Threads) -> None:
        self._source, self._threads = cast(Iterator[Event], source), threads
        self._lock = threading.Lock()
        self._is_closed = False

    def __aiter__(self) -> "_Pulled":
        return self

    async def __anext__(self) -> Event:
        event = await self._threads.run(self._following)
        if event is _END:
            raise StopAsyncIteration
        return cast(Event, event)

    async def aclose(self) -> None:
        """Closes the source as soon as it has given what it was asked for."""
        self._is_closed = True
        threading.Thread(target=self._close, daemon=True).start()

    def _following(self) -> Any:
        with self._lock:
            return _END if self._is_closed else next(self._source, _END)

    def _close(self) -> None:
        close = getattr(self._source, "close", None)
        if close is not None:
            with self._lock:
                close()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _apart(does: Coroutine[Any, Any, None]) -> None:
    """Does it in a task of its own, which is kept until it is done."""
    task = asyncio.create_task(does)
    _ending.add(task)
    task.add_done_callback(_ending.discard)


def _piece(content: bytes) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": True}


def _line(kind: str, values: Any) -> bytes:
    text = json.dumps(values, allow_nan=False, separators=(",", ":"))
    return f"event: {kind}\ndata: {text}\n\n".encode()
