"""Threads that work is done in, and that never keep the program from ending.

Those of `concurrent.futures` and of anyio are waited for when Python ends: a search
through a thousand images would hold up Ctrl-C. These are not.
"""

import asyncio
import contextvars
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

__all__ = ["Threads"]

T = TypeVar("T")
Job = Callable[[], None]


class Threads:
    """At most so many threads, begun when they are needed and then kept."""

    def __init__(self, most: int) -> None:
        self._free = asyncio.Semaphore(most)
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._count = self._busy = 0
        self._lock = threading.Lock()

    @property
    def busy(self) -> int:
        """How many are at work now."""
        return self._busy

    async def run(self, does: Callable[[], T]) -> T:
        """What the function gives, called in a thread in the context of the caller.

        Who is cancelled meanwhile waits no longer; the function goes on to its end, and
        its thread is not free before.
        """
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        told: asyncio.Future[T] = loop.create_future()
        context = contextvars.copy_context()

        def job() -> None:
            result: Any = None
            failure: BaseException | None = None
            try:
                result = context.run(does)
            except BaseException as error:
                failure = error
            with self._lock:
                self._busy -= 1
            with suppress(RuntimeError):  # The loop has ended: nobody is told.
                loop.call_soon_threadsafe(self._tell, told, result, failure)

        self._begin(job)
        return await told

    def _tell(
        self, told: "asyncio.Future[Any]", result: Any, failure: BaseException | None
    ) -> None:
        self._free.release()
        if told.done():
            return
        if failure is None:
            told.set_result(result)
        elif isinstance(failure, StopIteration):
            told.set_exception(RuntimeError("StopIteration in a thread"))
        else:
            told.set_exception(failure)

    def _begin(self, job: Job) -> None:
        with self._lock:
            self._busy += 1
            is_needed = self._busy > self._count
            self._count += is_needed
        self._jobs.put(job)
        if is_needed:
            name = f"lab-{self._count}"
            threading.Thread(target=self._work, name=name, daemon=True).start()

    def _work(self) -> None:
        while True:
            self._jobs.get()()
