"""One connection: HTTP/1.1 as Uvicorn speaks it, with an end to everybody's patience.

Uvicorn waits for ever for a request that does not come to its end and for a reader
that does not read, and takes any number of both. Here each phase of a connection has
its time, and where there are too many, those who keep us waiting go first.
"""

import asyncio
import sys
from functools import cache
from typing import Any, Protocol, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from mirada.errors import UsageError
from mirada.lab.gate import guarded
from mirada.lab.refusals import refused_as
from mirada.language import current_language

if sys.platform != "win32":
    import resource

__all__ = ["Connection"]

MOST, MOST_OF_ONE = 512, 448
"""How many connections there may be, and how many of one address; fewer where the
system allows few files."""
SECONDS = {"headers": 10.0, "rest": 2.0, "idle": 20.0}
"""How long a request may take to say what it is, how long what nobody wants of it is
still taken, and how long a connection is kept for the next."""
WRITING_S, WRITTEN_BYTES = 5.0, 16384
"""Who takes less than so many bytes in so long does not read."""

_FIRST_TO_GO = ("headers", "rest", "idle", "stuck")


class _Timer(Protocol):
    def cancel(self) -> None: ...


class Connection(H11Protocol):
    """A client's connection, from its first byte to its last.

    Its `phase` is "headers" (a request has not yet said what it is), "work" (it is
    being answered), "rest" (it was answered before all of it came), or "idle".
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.phase = ""
        self.since = 0.0
        self._timer: _Timer | None = None
        self._writing: _Timer | None = None
        self._unwritten = 0

    @property
    def rank(self) -> tuple[int, float] | None:
        """The lower, the sooner it goes where there are too many; None is not to go."""
        phase = "stuck" if self._writing is not None else self.phase
        return (_FIRST_TO_GO.index(phase), self.since) if phase != "work" else None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes it in, and lets another go if there are too many."""
        super().connection_made(cast(asyncio.Transport, transport))
        # Writing then waits as long as anything is left that the reader has not taken.
        self.transport.set_write_buffer_limits(high=0)
        self._watch()
        self._make_room()

    @property
    def address(self) -> str:
        """Who is at the other end."""
        return self.client[0] if self.client else ""

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets it."""
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._stop(self._timer)
        self._stop(self._writing)
        self._timer = self._writing = None

    def data_received(self, data: bytes) -> None:
        """Takes what came."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Goes on to the next request."""
        super().on_response_complete()
        self._unset_keepalive_if_required()
        self._watch()

    def pause_writing(self) -> None:
        """Begins to see to it that the client reads."""
        super().pause_writing()
        if self._writing is None:
            self._unwritten = self.transport.get_write_buffer_size()
            self._writing = self.loop.call_later(WRITING_S, self._still_writing)

    def resume_writing(self) -> None:
        """Everything was taken."""
        super().resume_writing()
        self._stop(self._writing)
        self._writing = None

    def send_400_response(self, msg: str) -> None:
        """Says that what came is no HTTP, if an answer has not begun."""
        error = sys.exc_info()[1]
        status = getattr(error, "error_status_hint", 400)
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._say_malformed(status)
        self.transport.close()

    def end(self) -> None:
        """Closes it, as soon as what is being answered was."""
        try:
            self.shutdown()
        except h11.LocalProtocolError:
            self.transport.close()

    def drop(self) -> None:
        """Closes it now."""
        self.transport.abort()

    def _say_malformed(self, status: int) -> None:
        error = UsageError(
            "request-malformed", "What was sent to the lab is not a request of HTTP."
        )
        content = refused_as(error, current_language()).content
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(content)).encode()),
            (b"connection", b"close"),
        ]
        response = h11.Response(status_code=status, headers=guarded(headers))
        for event in (response, h11.Data(data=content), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event))

    def _make_room(self) -> None:
        """Drops one if there are too many: who keeps us waiting, else this one."""
        most = min(MOST, _most_files() // 2)
        most_of_one = most * MOST_OF_ONE // MOST
        if len(self.connections) <= most_of_one:
            return
        mine = (each for each in self.connections if isinstance(each, Connection))
        there = [each for each in mine if not each.transport.is_closing()]
        same = [each for each in there if each.address == self.address]
        if len(same) > most_of_one:
            there = same
        elif len(there) <= most:
            return
        ranked = [(each.rank, each) for each in there if each is not self]
        waiting = [(rank, each) for rank, each in ranked if rank is not None]
        min(waiting, key=lambda one: one[0], default=((0, 0.0), self))[1].drop()

    def _watch(self) -> None:
        """Gives the phase that the connection is in its time, once."""
        phase = self._phase()
        if phase == self.phase or self.transport.is_closing():
            return
        self.phase, self.since = phase, self.loop.time()
        self._stop(self._timer)
        self._timer = None
        if phase in SECONDS:
            self._timer = self.loop.call_later(SECONDS[phase], self.drop)

    def _phase(self) -> str:
        if self.conn.their_state is h11.IDLE:
            cycle: Any = self.cycle
            is_begun = cycle is None or self.conn.trailing_data[0]
            return "headers" if is_begun else "idle"
        is_answered = self.conn.our_state in (h11.DONE, h11.MUST_CLOSE)
        return "rest" if is_answered else "work"

    def _still_writing(self) -> None:
        """Drops who has not read enough since the last look."""
        left = self.transport.get_write_buffer_size()
        if left > self._unwritten - WRITTEN_BYTES:
            self.drop()
            return
        self._unwritten = left
        self._writing = self.loop.call_later(WRITING_S, self._still_writing)

    @staticmethod
    def _stop(timer: _Timer | None) -> None:
        if timer is not None:
            timer.cancel()


@cache
def _most_files() -> int:
    """How many files and connections this process may have open."""
    if sys.platform == "win32":
        return 2 * MOST
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return soft if soft > 0 else 2 * MOST
