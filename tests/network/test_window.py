"""Window arithmetic: the lecture's table, brute force, and every meaning of "same"."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mirada.network.window import Window, same_padding

TABLE = """
5 3 0 0 1 3 3 3
5 3 1 1 2 3 3 3
10 3 0 0 2 4.5 4 5
32 5 0 0 1 28 28 28
32 5 2 2 1 32 32 32
32 5 0 0 2 14.5 14 15
227 11 0 0 4 55 55 55
224 11 2 2 4 55.25 55 56
224 7 3 3 2 112.5 112 113
112 3 1 1 2 56.5 56 57
"""
"""I, F, P_start, P_end, S; then the formula's exact value, floor and ceil."""

ROWS = [line.split() for line in TABLE.strip().splitlines()]


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Windows that round down, as convolutions do."""
    size, dilation = draw(st.integers(1, 7)), draw(st.integers(1, 3))
    start, end = draw(st.integers(0, 4)), draw(st.integers(0, 4))
    return Window(size, draw(st.integers(1, 5)), start, end, dilation)


@st.composite
def ceil_windows(draw: st.DrawFn) -> Window:
    """Windows that round up; as in pooling, padding is at most half of them."""
    size, stride = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    start, end = draw(st.integers(0, size // 2)), draw(st.integers(0, size // 2))
    return Window(size, stride, start, end, draw(st.integers(1, 3)), ceil=True)


def whole_windows(window: Window, length: int) -> list[int]:
    """Where the windows begin that lie wholly on input and padding, one by one."""
    found, at = [], -window.start
    while at + window.span <= length + window.end:
        found.append(at)
        at += window.stride
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: "-".join(row[:5]))
def test_the_lectures_table(row: list[str]) -> None:
    length, size, start, end, stride = map(int, row[:5])
    window = Window(size, stride, start, end)
    assert window.exact(length) == Fraction(row[5])
    assert window.output(length) == int(row[6])
    assert Window(size, stride, start, end, ceil=True).output(length) == int(row[7])


@given(windows(), st.integers(1, 40))
def test_as_many_windows_as_fit(window: Window, length: int) -> None:
    begins = whole_windows(window, length)
    assert max(window.output(length), 0) == len(begins)
    end = begins[-1] + window.span if begins else -window.start
    assert window.dropped(length) == length + window.end - end


@given(ceil_windows(), st.integers(1, 40))
def test_in_ceil_mode_one_more_where_a_part_is_left(
    window: Window, length: int
) -> None:
    """And where it begins on the input or on the padding before it."""
    begins = whole_windows(window, length)
    assume(begins)
    left = length + window.end - (begins[-1] + window.span)
    after = begins[-1] + window.stride
    one_more = left > 0 and after < length
    assert window.output(length) == len(begins) + one_more
    reached = after + window.span - length - window.end if one_more else -left
    assert window.dropped(length) == max(-reached, 0)


@given(windows() | ceil_windows())
def test_the_smallest_length_that_fits(window: Window) -> None:
    needed = window.needed()
    assert window.output(needed) >= 1
    assert needed == 1 or window.output(needed - 1) < 1


@given(windows() | ceil_windows(), st.integers(1, 20))
def test_a_blind_window_reads_only_padding(window: Window, length: int) -> None:
    assume(window.output(length) >= 1)
    starts = [at * window.stride - window.start for at in range(window.output(length))]
    reads = [[at + k * window.dilation for k in range(window.size)] for at in starts]
    blind = any(all(not 0 <= p < length for p in one) for one in reads)
    assert window.blind(length) == blind


@pytest.mark.parametrize(
    ("length", "size", "stride", "output", "sides"),
    [
        (224, 7, 2, 112, (2, 3)),
        (5, 2, 1, 5, (0, 1)),
        (32, 5, 2, 16, (1, 2)),
        (28, 2, 2, 14, (0, 0)),
        (4, 1, 2, 2, (0, 0)),
    ],
)
def test_the_lectures_same(
    length: int, size: int, stride: int, output: int, sides: tuple[int, int]
) -> None:
    """The last: unclamped, the formula would pad by -1."""
    for mode in ("same", "same-upper"):
        assert same_padding(length, size, stride, 1, mode) == sides
    assert same_padding(length, size, stride, 1, "same-lower") == sides[::-1]
    assert Window(size, stride, *sides).output(length) == output


@given(
    st.integers(1, 60),
    st.integers(1, 9),
    st.integers(1, 5),
    st.integers(1, 3),
    st.sampled_from(("same", "same-upper", "same-lower")),
)
def test_same_gives_the_length_over_the_stride(
    length: int, size: int, stride: int, dilation: int, mode: str
) -> None:
    start, end = same_padding(length, size, stride, dilation, mode)
    window = Window(size, stride, start, end, dilation)
    assert window.output(length) == -(-length // stride)
    assert abs(start - end) <= 1
    assert (start >= end) if mode == "same-lower" else (start <= end)
    if start + end:
        # One less would not be enough.
        assert Window(size, stride, start, end - 1, dilation).output(length) < -(
            -length // stride
        )


@given(st.integers(1, 60), st.integers(1, 9), st.integers(1, 3))
def test_pytorchs_same_keeps_the_length(length: int, size: int, dilation: int) -> None:
    start, end = same_padding(length, size, 1, dilation, "same-torch")
    assert Window(size, 1, start, end, dilation).output(length) == length
    assert end - start in (0, 1)
