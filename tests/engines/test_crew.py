"""A crew runs a function on all its threads, again and again, whatever happens."""

import ctypes
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from mirada.compiler.crew import LINE, Pool
from mirada.compiler.jit import Machine, compile_module
from mirada.compiler.target import host
from mirada.engines.crew import Crew, crew

# context[thread] += 1; context[threads] = threads
COUNTING = """
define void @count(ptr %context, i64 %thread, i64 %threads) {
  %place = getelementptr i64, ptr %context, i64 %thread
  %before = load i64, ptr %place
  %after = add i64 %before, 1
  store i64 %after, ptr %place
  %last = getelementptr i64, ptr %context, i64 %threads
  store i64 %threads, ptr %last
  ret void
}
"""


@pytest.fixture(scope="module")
def counting() -> Iterator[int]:
    machine: Machine = compile_module("counting", lambda: (COUNTING, 0), host())
    yield machine.address("count")


def asleep(tried: Crew) -> None:
    """Waits until every worker has gone to sleep."""
    workers = len(tried._bells)
    for _ in range(2000):
        places = [(Pool.ASLEEP + 1 + worker) * LINE for worker in range(workers)]
        if all(tried._lines[place] for place in places):
            return
        time.sleep(0.005)
    raise AssertionError("the workers do not get tired")


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_every_thread_takes_part_in_every_run(counting: int, threads: int) -> None:
    context = np.zeros(threads + 1, np.int64)
    for turn in range(1, 100):
        crew(threads).run(counting, context.ctypes.data)
        assert context[:-1].tolist() == [turn] * threads
    assert context[-1] == threads


def test_workers_that_sleep_are_woken(counting: int) -> None:
    tried, context = Crew(3), np.zeros(4, np.int64)
    for turn in range(1, 6):
        asleep(tried)
        tried.run(counting, context.ctypes.data)
        assert context[:-1].tolist() == [turn] * 3


def test_workers_that_fall_asleep_meanwhile_are_woken(counting: int) -> None:
    """Runs come about as fast as a worker gets tired, on either side of it."""
    tried, context = Crew(3), np.zeros(4, np.int64)
    for turn in range(120):
        time.sleep((turn % 30) * 1e-4)
        tried.run(counting, context.ctypes.data)
        assert context[:-1].tolist() == [turn + 1] * 3


def test_several_python_threads_take_turns(counting: int) -> None:
    context = np.zeros(3, np.int64)

    def many() -> None:
        for _ in range(100):
            crew(2).run(counting, context.ctypes.data)

    callers = [threading.Thread(target=many) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(60)
    assert context[:2].tolist() == [400, 400]


@pytest.mark.parametrize("after", [0, 1])
def test_an_interrupt_while_waking_leaves_nobody_behind(
    counting: int, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Ctrl-C may come between any two lines of Python: the run is finished first."""
    tried, context = Crew(3), np.zeros(4, np.int64)
    asleep(tried)
    interrupted = _Interrupting(tried._bells[after])
    bells: list[object] = [*tried._bells]
    bells[after] = interrupted
    monkeypatch.setattr(tried, "_bells", bells)
    with pytest.raises(KeyboardInterrupt):
        tried.run(counting, context.ctypes.data)
    assert context[:-1].tolist() == [1, 1, 1]
    tried.run(counting, context.ctypes.data)
    assert context[:-1].tolist() == [2, 2, 2]


class _Interrupting:
    """A bell at whose first ring the interrupt comes."""

    def __init__(self, bell: threading.Semaphore) -> None:
        self.bell, self.rings = bell, 0

    def release(self) -> None:
        self.rings += 1
        if self.rings == 1:
            raise KeyboardInterrupt
        self.bell.release()


def test_one_crew_serves_all() -> None:
    assert crew(2) is crew(2) and crew(2) is not crew(3)


def test_the_pool_keeps_its_numbers_on_lines_of_their_own() -> None:
    tried = Crew(2)
    assert tried._lines.ctypes.data % 64 == 0
    assert len(tried._lines) >= (Pool.ASLEEP + 2) * LINE
    assert ctypes.sizeof(ctypes.c_int64) * LINE == 64
