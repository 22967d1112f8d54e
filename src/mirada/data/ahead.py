"""Batches made ready by threads while an engine computes, in the order asked for.

A batch is a function of its samples, so it makes no difference who makes it, nor when.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, Self, TypeVar

__all__ = ["Ahead", "threads_ahead"]

T = TypeVar("T")
R = TypeVar("R")


_WORTH = 2**19
_HEAVY, _MOST = 8, 4


def threads_ahead(threads: int, values: int, *, heavy: bool) -> int:
    """How many threads make batches of so many values, beside an engine with `threads`.

    None where one thread is all that is wanted, or where handing a batch over would
    take about as long as making it; `heavy` are changes that take longer than to copy.

    >>> threads_ahead(2, 64 * 28 * 28, heavy=False)
    0
    """
    if threads < 2 or values * (_HEAVY if heavy else 1) < _WORTH:
        return 0
    return min(max(1, threads // 2), _MOST) if heavy else 1


class Ahead(Generic[T, R]):
    """What `make` gives for each piece, in order, up to `depth` of them made ahead.

    An iterator, and a context that ends its threads; without a context they end with
    the last piece, with an error of `make` (which comes where its result would have),
    or when it is forgotten. With `threads` 0 there are none, and a process that was
    forked meanwhile makes by itself what it still takes.

    >>> with Ahead(lambda n: n * n, range(5), threads=1) as squares:
    ...     list(squares)
    [0, 1, 4, 9, 16]
    """

    def __init__(
        self,
        make: Callable[[T], R],
        pieces: Iterable[T],
        threads: int = 1,
        depth: int | None = None,
    ) -> None:
        self._make, self._pieces = make, iter(pieces)
        self._depth = max(1, depth or 2 * threads + 2)
        self._process = os.getpid()
        self._ready: deque[tuple[T, Future[R]]] = deque()
        self._workers: ThreadPoolExecutor | None = None
        if threads:
            self._workers = ThreadPoolExecutor(threads, "mirada-ahead")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[R]:
        return self

    def __next__(self) -> R:
        try:
            return self._next()
        except BaseException:
            # Ctrl-C may come while it waits: then nobody waits any more.
            self.close()
            raise

    def close(self) -> None:
        """Ends the threads; what they are at is finished first, the rest is not."""
        workers, self._workers = self._workers, None
        self._pieces = iter(())
        self._ready.clear()
        if workers is not None and os.getpid() == self._process:
            workers.shutdown(wait=True, cancel_futures=True)

    def _next(self) -> R:
        if self._workers is None:
            return self._make(next(self._pieces))
        if os.getpid() != self._process:
            # The threads stayed in the other process.
            piece = self._ready.popleft()[0] if self._ready else next(self._pieces)
            return self._make(piece)
        while len(self._ready) < self._depth:
            try:
                piece = next(self._pieces)
            except StopIteration:
                break
            self._ready.append((piece, self._workers.submit(self._make, piece)))
        if not self._ready:
            raise StopIteration
        return self._ready.popleft()[1].result()
