"""Work made ahead is the same, in the same order, and leaves no thread behind."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from mirada.data.ahead import Ahead, threads_ahead


def helpers() -> int:
    return sum("mirada-ahead" in one.name for one in threading.enumerate())


def slow_square(number: int) -> int:
    time.sleep(0.002 * (number % 3))
    return number * number


@pytest.mark.parametrize("threads", [0, 1, 3])
def test_the_order_is_that_of_the_pieces(threads: int) -> None:
    with Ahead(slow_square, range(40), threads) as made:
        assert [*made] == [n * n for n in range(40)]
    assert helpers() == 0
    assert [*Ahead(slow_square, [], threads)] == []


@pytest.mark.parametrize("threads", [1, 3])
def test_no_more_is_made_than_fits(threads: int) -> None:
    taken: list[int] = []

    def pieces() -> Iterator[int]:
        for number in range(50):
            taken.append(number)
            yield number

    with Ahead(slow_square, pieces(), threads, depth=4) as made:
        for number in range(10):
            assert next(made) == number**2
            assert len(taken) <= number + 4
    assert len(taken) < 50 and helpers() == 0


@pytest.mark.parametrize("threads", [0, 2])
def test_an_error_comes_in_its_place(threads: int) -> None:
    def make(number: int) -> float:
        return 1 / (number - 3)

    found: list[float] = []
    made = Ahead(make, range(9), threads)
    with pytest.raises(ZeroDivisionError):
        for value in made:
            found.append(value)
    assert found == [1 / -3, 1 / -2, -1.0]
    assert helpers() == 0 and [*made] == []


def test_leaving_ends_the_threads() -> None:
    with pytest.raises(KeyError), Ahead(slow_square, range(1000), 2) as made:
        next(made)
        assert helpers() > 0
        raise KeyError
    assert helpers() == 0
    made.close()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs an alarm")
def test_an_interrupt_while_waiting_ends_them() -> None:
    def ring(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(KeyboardInterrupt):
            next(Ahead(time.sleep, [0.2, 0.2], 1))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert helpers() == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_process_goes_on_alone() -> None:
    made = Ahead(slow_square, range(20), 2)
    assert [next(made) for _ in range(3)] == [0, 1, 4]
    rest = [n * n for n in range(3, 20)]

    def child() -> None:
        os._exit(0 if [*made] == rest else 1)

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    process.join(30)
    assert process.exitcode == 0
    assert [*made] == rest
    assert helpers() == 0


def test_threads_are_for_much_work() -> None:
    lenet, photos = 64 * 28 * 28, 64 * 224 * 224 * 3
    assert threads_ahead(1, photos, heavy=True) == 0
    assert threads_ahead(2, lenet, heavy=False) == 0
    assert threads_ahead(2, lenet, heavy=True) == 0
    assert threads_ahead(2, photos, heavy=True) == 1
    assert threads_ahead(16, photos, heavy=False) == 1
    assert threads_ahead(16, photos, heavy=True) == 4
