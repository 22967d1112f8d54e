"""The threads that run compiled code side by side, shared by all engines."""

import ctypes
import os
import threading
from functools import lru_cache

import numpy as np

from mirada.compiler.crew import LINE, Pool, emit_crew
from mirada.compiler.jit import Machine, compile_module
from mirada.compiler.target import host

__all__ = ["Crew", "crew"]


class Crew:
    """Workers that wait in machine code while work comes fast, and sleep otherwise.

    Every worker takes part in every run, so a crew is made for a number of threads.
    """

    def __init__(self, threads: int) -> None:
        self._machine = _machine()
        void, whole = ctypes.c_void_p, ctypes.c_int64
        work = ctypes.CFUNCTYPE(whole, void, whole, whole)
        self._work = work(self._machine.address("work"))
        self._start = ctypes.PYFUNCTYPE(whole, void)(self._machine.address("start"))
        self._finish = ctypes.CFUNCTYPE(None, void)(self._machine.address("finish"))
        self._array = np.zeros((threads + len(Pool) + 1) * LINE, np.int64)
        # A cache line of its own for each number.
        skip = -self._array.ctypes.data % (8 * LINE) // 8
        self._lines = self._array[skip:]
        self._pool = self._lines.ctypes.data
        self._lines[Pool.THREADS * LINE] = threads
        self._turn = threading.Lock()
        self._bells = [threading.Semaphore(0) for _ in range(threads - 1)]
        for thread, bell in enumerate(self._bells, 1):
            threading.Thread(
                target=self._serve, args=(thread, bell), name="mirada", daemon=True
            ).start()

    def run(self, function: int, context: int) -> None:
        """Calls `function(context, thread, threads)` on every thread, and waits."""
        with self._turn:
            lines = self._lines
            lines[Pool.FUNCTION * LINE] = function
            lines[Pool.CONTEXT * LINE] = context
            # Ctrl-C may come anywhere in here; what was started is finished first.
            try:
                if self._start(self._pool):
                    self._wake()
            except BaseException:
                self._wake()
                raise
            finally:
                self._finish(self._pool)

    def _wake(self) -> None:
        """Rings for everybody who sleeps; a ring too many does no harm."""
        for thread, bell in enumerate(self._bells, 1):
            if self._lines[(Pool.ASLEEP + thread) * LINE]:
                bell.release()

    def _serve(self, thread: int, bell: threading.Semaphore) -> None:
        seen = 0
        while True:
            seen = self._work(self._pool, thread, seen)
            bell.acquire()


_crews: dict[int, Crew] = {}
_making = threading.Lock()


def crew(threads: int) -> Crew:
    """The crew of so many threads; a forked process gets crews of its own."""
    with _making:
        if threads not in _crews:
            _crews[threads] = Crew(threads)
        return _crews[threads]


def _after_fork() -> None:
    """The threads stayed in the other process, and whoever held the lock."""
    global _making
    _making = threading.Lock()
    _crews.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@lru_cache(maxsize=1)
def _machine() -> Machine:
    return compile_module("crew", lambda: emit_crew(host()), host())
