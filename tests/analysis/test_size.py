"""The lecture's formula: every row of its table, and what rounding leaves out."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.analysis import WindowSize, pool_size, window_size
from mirada.errors import FieldError, ShapeError
from mirada.network import Conv2d, MaxPool2d, Network
from mirada.network.window import Window
from tests.refusal import refuses

TABLE = [
    (5, 3, 0, 0, 1, "3", 3, 3),
    (5, 3, 1, 1, 2, "3", 3, 3),
    (10, 3, 0, 0, 2, "4.5", 4, 5),
    (32, 5, 0, 0, 1, "28", 28, 28),
    (32, 5, 2, 2, 1, "32", 32, 32),
    (32, 5, 0, 0, 2, "14.5", 14, 15),
    (227, 11, 0, 0, 4, "55", 55, 55),
    (224, 11, 2, 2, 4, "55.25", 55, 56),
    (224, 7, 3, 3, 2, "112.5", 112, 113),
    (112, 3, 1, 1, 2, "56.5", 56, 57),
]


@pytest.mark.parametrize(("I", "F", "Ps", "Pe", "S", "exact", "floor", "ceil"), TABLE)
def test_the_table_of_the_lecture(
    I: int, F: int, Ps: int, Pe: int, S: int, exact: str, floor: int, ceil: int
) -> None:
    size = window_size(I, F, S, Ps, Pe)
    assert size.exact == Fraction(exact)
    assert (size.floor, size.ceil, size.output) == (floor, ceil, floor)
    assert size.formula == f"({I} - {F} + {Ps} + {Pe})/{S} + 1 = {exact}"
    assert window_size(I, F, S, Ps, Pe, ceil=True).output == ceil


@pytest.mark.parametrize(("I", "F", "Ps", "Pe", "S", "exact", "floor", "ceil"), TABLE)
def test_layers_give_the_same_sizes(
    I: int, F: int, Ps: int, Pe: int, S: int, exact: str, floor: int, ceil: int
) -> None:
    conv = Conv2d(1, F, stride=S, padding=(Ps, Pe, Ps, Pe))
    assert Network("n", (1, I, I), [conv]).output == (1, floor, floor)
    pool = MaxPool2d(F, stride=S, padding=(Ps, Pe, Ps, Pe), ceil=True)
    if max(Ps, Pe) <= F // 2:
        assert Network("n", (1, I, I), [pool]).output == (1, ceil, ceil)


def test_what_is_dropped_is_counted_and_said() -> None:
    size = window_size(32, 5, 2)
    assert (size.dropped, size.dropped_pixels) == (1, 1)
    expected = "14.5 is rounded down to 14: the last pixel is not read"
    assert str(size.rounding) == expected
    three = window_size(10, 3, 4)
    assert three.output == 2 and three.dropped == three.dropped_pixels == 3
    assert "the last 3 pixels are not read" in str(three.rounding)


def test_padding_left_over_is_no_pixel_lost() -> None:
    size = window_size(224, 7, 2, 3)
    assert (size.dropped, size.dropped_pixels) == (1, 0)
    assert "only padding is left unread" in str(size.rounding)


def test_a_whole_value_needs_no_rounding() -> None:
    size = window_size(32, 5)
    assert size.rounding is None
    assert [str(told) for told in size.sentences] == ["exact: nothing is dropped"]


def test_ceil_says_what_it_does() -> None:
    assert "rounded up to 5" in str(window_size(10, 3, 2, ceil=True).rounding)
    left_out = window_size(4, 1, 3, 0, 1, ceil=True)
    assert left_out.exact == Fraction("7/3") and left_out.output == 2
    assert "would start past the input: 2" in str(left_out.rounding)


def test_dilation_stands_in_the_formula() -> None:
    size = window_size(32, 3, 1, D=2)
    assert size.formula == "(32 - (2*(3 - 1) + 1) + 0 + 0)/1 + 1 = 28"
    I, F, S, P, D = 17, 3, 2, 1, 3
    assert window_size(I, F, S, P, D=D).output == (I + 2 * P - D * (F - 1) - 1) // S + 1


def test_thirds_are_fractions_in_text_and_numbers_in_json() -> None:
    size = window_size(10, 3, 3)
    assert size.formula.endswith("= 10/3")
    assert size.to_dict()["exact"] == pytest.approx(10 / 3)


def test_the_interface_of_the_command() -> None:
    assert window_size(32, 5, 2).to_dict() == {
        "schema": 1,
        "input": 32,
        "kernel": 5,
        "stride": 2,
        "padding": [0, 0],
        "dilation": 1,
        "exact": 14.5,
        "output": 14,
        "floor": 14,
        "ceil": 15,
        "dropped": 1,
        "dropped_pixels": 1,
        "smallest_input": 5,
        "formula": "(32 - 5 + 0 + 0)/2 + 1 = 14.5",
    }


def test_no_size_below_one_is_printed() -> None:
    with refuses(ShapeError, "size-too-small", "smallest input that fits is 4"):
        window_size(3, 5, 1, 0, 1)
    assert window_size(4, 5, 1, 0, 1).output == 1
    assert window_size(4, 5, 1, 0, 1).needed == 4


@pytest.mark.parametrize("field", ["I", "F", "S", "D"])
def test_numbers_out_of_range_are_refused(field: str) -> None:
    I, F, S, D = (0 if name == field else 5 for name in "IFSD")
    with refuses(FieldError, "field-whole", "from 1 to"):
        window_size(I, F, S, D=D)


def test_pixels_between_windows_are_said() -> None:
    wide = window_size(5, 1, 2)
    assert [str(told) for told in wide.sentences] == [
        "exact: nothing is dropped at the end",
        "the stride is larger than the window: it steps over 1 of every 2 pixels",
    ]
    assert window_size(5, 5, 9).gaps is None, "one window steps over nothing"
    comb = window_size(9, 3, 2, D=2)
    assert "only one of every 2 pixels is read" in str(comb.sentences[1])
    assert window_size(9, 3, 2, D=3).gaps is None


@given(
    st.integers(1, 30),
    st.integers(1, 6),
    st.integers(1, 6),
    st.integers(0, 3),
    st.integers(1, 4),
)
def test_what_is_said_of_pixels_is_true(I: int, F: int, S: int, P: int, D: int) -> None:
    window = Window(F, S, P, P, D)
    count = window.output(I)
    if count < 1:
        return
    size = WindowSize(I, window)
    read = {o * S + tap * D - P for o in range(count) for tap in range(F)}
    unread = set(range(I)) - read
    if str(size.sentences[0]) == "exact: nothing is dropped":
        assert not unread
    assert set(range(I - size.dropped_pixels, I)) <= unread
    if size.gaps is None and D == 1:
        assert len(unread) == size.dropped_pixels
    if size.gaps is not None and 3 * S * D + window.span + P < I:
        assert len(unread) > size.dropped_pixels


def test_pooling_steps_by_its_window() -> None:
    assert pool_size(28, 2).formula == "(28 - 2 + 0 + 0)/2 + 1 = 14"
    assert pool_size(112, 3, 2, 1).output == 56
    assert pool_size(28, 2, 2, "same").window.start == 0


@given(
    st.integers(1, 12),
    st.integers(1, 6),
    st.integers(1, 5),
    st.integers(0, 4),
    st.integers(1, 4),
    st.booleans(),
)
def test_pooling_takes_what_the_layer_takes(
    I: int, F: int, S: int, P: int, D: int, ceil: bool
) -> None:
    layer = MaxPool2d(F, stride=S, padding=P, dilation=D, ceil=ceil)
    try:
        expected = layer.output((1, I, I))[1]
    except ShapeError:
        with pytest.raises(ShapeError):
            pool_size(I, F, S, P, D=D, ceil=ceil)
        return
    assert pool_size(I, F, S, P, D=D, ceil=ceil).output == expected


def test_pooling_of_nothing_but_padding_is_refused() -> None:
    with refuses(ShapeError, "size-pool-padding", "1 for a window of 3", "got 2"):
        pool_size(9, 3, 2, 2)
    with refuses(ShapeError, "size-pool-blind", "steps over an input of 2"):
        pool_size(2, 2, 1, 1, D=3)


def test_paddings_that_are_no_paddings_are_refused() -> None:
    with refuses(FieldError, "size-padding", "same-lower", "'full'"):
        window_size(5, 3, 1, "full")
    with refuses(ShapeError, "size-same-torch", "stride 1 only", "stride is 2"):
        window_size(5, 3, 2, "same-torch")


def test_the_worked_examples_that_are_wrong_elsewhere() -> None:
    """Published as 30, as 16, as an exact 14, and as (28+4-5)/1+1."""
    assert window_size(32, 5, 1, "same").output == 32
    assert window_size(32, 5, 2, 2, 0).formula.endswith("= 15.5")
    assert window_size(32, 5, 2, 2, 0).output == 15
    assert window_size(32, 5, 2).exact == Fraction(29, 2)
    assert window_size(28, 5, 1, 2).output == 28
    assert window_size(28, 2, 2).output == 14
