"""Sweeps name every tap of every position, once, and the border they need."""

from hypothesis import given
from hypothesis import strategies as st

from mirada.compiler.ir import Expr
from mirada.compiler.lowering.sweep import Sweep, enlarging, margins, sliding
from mirada.network.window import Window

WINDOWS = st.builds(
    Window,
    size=st.integers(1, 5),
    stride=st.integers(1, 4),
    start=st.integers(0, 4),
    dilation=st.integers(1, 4),
)
LENGTHS = st.integers(1, 12)


def whole(number: int | Expr) -> int:
    """A number that is known when the sweep is made."""
    assert isinstance(number, int)
    return number


def reads(runs: tuple[Sweep, ...]) -> list[tuple[int, int, int]]:
    """Every (position, tap of the kernel, pixel read)."""
    return sorted(
        (
            whole(run.first) + run.step * q,
            whole(run.kernel) + run.kernel_step * j,
            whole(run.at) + run.at_step * j + run.stride * q,
        )
        for run in runs
        for q in range(run.count)
        for j in range(run.taps)
    )


@given(WINDOWS, LENGTHS)
def test_a_window_that_slides_reads_its_taps(window: Window, count: int) -> None:
    wanted = [
        (q, k, q * window.stride + k * window.dilation - window.start)
        for q in range(count)
        for k in range(window.size)
    ]
    assert reads(sliding(window, count)) == wanted


@given(WINDOWS, LENGTHS)
def test_enlarging_is_sliding_seen_from_the_other_side(
    window: Window, length: int
) -> None:
    seen = (
        (q * window.stride + k * window.dilation - window.start, k, q)
        for q in range(-40, 40)
        for k in range(window.size)
    )
    wanted = sorted(read for read in seen if 0 <= read[0] < length)
    assert reads(enlarging(window, length)) == wanted


@given(WINDOWS, LENGTHS)
def test_every_position_is_in_one_run(window: Window, length: int) -> None:
    runs = enlarging(window, length)
    places = [whole(run.first) + run.step * q for run in runs for q in range(run.count)]
    assert sorted(places) == list(range(length))


@given(WINDOWS, WINDOWS, LENGTHS, LENGTHS)
def test_margins_hold_just_what_is_read(
    down: Window, across: Window, height: int, width: int
) -> None:
    rows, columns = enlarging(down, 9), enlarging(across, 7)
    found = margins(rows, columns, height, width)
    for runs, length, before, after in (
        (rows, height, found.top, found.bottom),
        (columns, width, found.left, found.right),
    ):
        read = [pixel for _, _, pixel in reads(runs)]
        assert before == max([0, *(-pixel for pixel in read)])
        assert after == max([0, *(pixel - length + 1 for pixel in read)])
