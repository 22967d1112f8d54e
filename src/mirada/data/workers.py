"""Working on many files at a time; the results come in the order of the files."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_order"]

_AHEAD = 32  # tasks a thread may be ahead of the result that is awaited

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def in_order(
    work: Callable[[_Task], _Result], tasks: Sequence[_Task], threads: int | None = None
) -> Iterator[_Result]:
    """The results of `work` in the order of `tasks`, from a pool of threads.

    Pillow lets other threads run while it decodes. When the caller stops, no task that
    has not begun is begun.

    >>> list(in_order(abs, [3, -1, -2], threads=2))
    [3, 1, 2]
    """
    count = threads or min(8, os.cpu_count() or 1)
    pool = ThreadPoolExecutor(count)
    try:
        waiting = deque(pool.submit(work, task) for task in tasks[: count * _AHEAD])
        for task in tasks[count * _AHEAD :]:
            yield waiting.popleft().result()
            waiting.append(pool.submit(work, task))
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
