"""Many threads, one order."""

import threading
import time

import pytest

from mirada.data.workers import in_order


@pytest.mark.parametrize("threads", [1, 2, 5, None])
@pytest.mark.parametrize("count", [0, 1, 200, 700])
def test_results_come_in_the_order_of_the_tasks(threads: int, count: int) -> None:
    def work(number: int) -> int:
        time.sleep(number % 3 / 20000)
        return number * number

    tasks = range(count)
    assert list(in_order(work, tasks, threads)) == [n * n for n in tasks]


def test_an_error_ends_it_and_begins_no_further_task() -> None:
    begun = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 3:
            raise KeyError(number)
        time.sleep(0.001)
        return number

    with pytest.raises(KeyError):
        list(in_order(work, range(10_000), 2))
    assert len(begun) < 200


def test_several_threads_work() -> None:
    meeting = threading.Barrier(3, timeout=10)
    assert len(list(in_order(lambda _: meeting.wait(), range(3), 3))) == 3
