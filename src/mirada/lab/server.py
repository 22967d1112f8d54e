"""The server: from a port to a page that answers, until it is told to end."""

import asyncio
import atexit
import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from mirada.lab.answering import Held, Workers
from mirada.lab.application import Application
from mirada.lab.lab import Lab
from mirada.lab.listening import listening
from mirada.lab.protocol import Connection
from mirada.lab.threads import Threads

__all__ = ["Server", "serve"]

ANSWERING_S, CLOSING_S = 0.4, 1.5
"""How long, when told to end, answers are still given and rooms may tidy up."""

_THREADS, _EVENT_THREADS = 12, 24
_AT_A_TIME, _MOST_IN_LINE = 16, 1024


class Server(uvicorn.Server):
    """Says when it is ready to answer; told to end, it does so in a bounded time."""

    def __init__(self, app: Application, lab: Lab, ready: Callable[[], None]) -> None:
        super().__init__(_config(app))
        self._app, self._lab, self._ready = app, lab, ready
        self.signal = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens, then says so."""
        await super().startup(sockets)
        for each in sockets or ():
            # Few are taken in at a time, so that those who are get heard in between.
            each.listen(_MOST_IN_LINE)
        self._app.begin()
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Remembers by which signal it was told to end."""
        self.signal = self.signal or int(sig)
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends what is going on: listening, streams, rooms and what they have begun."""
        for server in self.servers:
            server.close()
        closing = threading.Thread(
            target=self._lab.close, args=(CLOSING_S,), daemon=True
        )
        closing.start()
        connections: list[Any] = list(self.server_state.connections)
        for connection in connections:
            connection.end()
        await self._until(lambda: not self.server_state.tasks, ANSWERING_S)
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=ANSWERING_S)
        await self._until(lambda: not closing.is_alive(), CLOSING_S)
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    async def _until(self, is_so: Callable[[], bool], seconds: float) -> None:
        end = asyncio.get_running_loop().time() + seconds
        while not is_so() and not self.force_exit:
            if asyncio.get_running_loop().time() > end:
                return
            await asyncio.sleep(0.01)


def serve(
    folder: Path,
    port: int,
    ready: Callable[[str], None],
    *,
    host: str = "127.0.0.1",
    allow_remote: bool = False,
) -> None:
    """Answers until SIGINT or SIGTERM; `ready` is told the URL, token included.

    Raises what `listening` does.
    """
    place = listening(host, port, allow_remote=allow_remote)
    token = secrets.token_urlsafe(24)
    lab = Lab(folder)
    workers = Workers(Threads(_THREADS), Threads(_EVENT_THREADS), Held())
    app = Application(lab, token, place.hosts, workers, anyone=place.anyone)
    url = f"http://{place.host}/#token={token}"
    server = Server(app, lab, lambda: ready(url))
    try:
        server.run(sockets=[place.socket])
    finally:
        lab.close(CLOSING_S)
        place.socket.close()
        if workers.work.busy or workers.events.busy:
            # Python must not take itself apart around machine code that still runs.
            atexit.register(os._exit, 128 + server.signal if server.signal else 1)


def _config(app: Application) -> uvicorn.Config:
    # What the lab has to say it says itself: Uvicorn would tell of every odd request.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
    return uvicorn.Config(
        app,
        http=Connection,
        loop="asyncio",
        backlog=_AT_A_TIME,
        h11_max_incomplete_event_size=1 << 15,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )
