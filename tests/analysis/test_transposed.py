"""Transposed convolution: the size, what it undoes, how windows overlap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.analysis import TransposedSize, transposed_size
from mirada.errors import FieldError, ShapeError
from mirada.network import ConvTranspose2d
from mirada.network.window import Window
from tests.refusal import refuses


@pytest.mark.parametrize(
    ("I", "F", "S", "P", "extra", "D", "output"),
    [
        (14, 2, 2, 0, 0, 1, 28),
        (28, 2, 2, 0, 0, 1, 56),
        (7, 3, 2, 1, 1, 1, 14),
        (7, 4, 2, 1, 0, 1, 14),
        (5, 3, 1, 0, 0, 1, 7),
        (5, 3, 2, 0, 0, 2, 13),
        (1, 4, 1, 0, 0, 1, 4),
    ],
)
def test_sizes(I: int, F: int, S: int, P: int, extra: int, D: int, output: int) -> None:
    found = transposed_size(I, F, S, P, D=D, output_padding=extra)
    assert found.output == output
    layer = ConvTranspose2d(1, F, S, P, output_padding=extra, dilation=D)
    assert layer.output((1, I, I)) == (1, output, output)


NUMBERS = st.integers(1, 6)


@given(
    st.integers(1, 20), NUMBERS, NUMBERS, st.integers(0, 5), st.integers(0, 5), NUMBERS
)
def test_sizes_are_those_of_the_layer(
    I: int, F: int, S: int, start: int, extra: int, D: int
) -> None:
    end = start // 2
    layer = ConvTranspose2d(
        1, F, S, (start, end, start, end), output_padding=extra, dilation=D
    )
    try:
        expected = layer.output((1, I, I))[1]
    except ShapeError:
        with pytest.raises(ShapeError):
            transposed_size(I, F, S, start, end, D, output_padding=extra)
        return
    found = transposed_size(I, F, S, start, end, D, output_padding=extra)
    assert found.output == expected
    assert found.formula.endswith(f" = {expected}")
    assert eval(found.formula.partition(" = ")[0]) == expected


@given(st.integers(1, 20), NUMBERS, NUMBERS, st.integers(0, 2))
def test_a_convolution_gives_the_input_back(I: int, F: int, S: int, P: int) -> None:
    size = TransposedSize(I, Window(F, S, P, P))
    for origin in size.origins:
        assert Window(F, S, P, P).output(origin) == I


def test_what_is_said() -> None:
    size = transposed_size(7, 3, 2, 1, output_padding=1)
    assert size.formula == "2*(7 - 1) + 3 - 1 - 1 + 1 = 14"
    assert [str(sentence) for sentence in size.sentences] == [
        "nothing is divided, so nothing is rounded and nothing dropped",
        "a convolution with these numbers gives 7 from 13 to 14: the output padding "
        "(1) picks 14",
        "3 is no multiple of the stride 2: the windows overlap unevenly, which can "
        "show as a checkerboard",
    ]
    dilated = transposed_size(5, 3, 2, D=2)
    assert dilated.formula == "2*(5 - 1) + (2*(3 - 1) + 1) - 0 - 0 + 0 = 13"


@pytest.mark.parametrize(
    ("F", "S", "D", "overlap"),
    [
        (3, 1, 1, "even"),
        (4, 2, 1, "even"),
        (3, 2, 1, "uneven"),
        (1, 2, 1, "holes"),
        (3, 2, 2, "holes"),
        (2, 2, 3, "even"),
    ],
)
def test_how_windows_meet(F: int, S: int, D: int, overlap: str) -> None:
    """Counted: how many windows reach each output far from the ends."""
    size = TransposedSize(40, Window(F, S, dilation=D))
    counts = [0] * size.output
    for place in range(size.length):
        for tap in range(F):
            counts[place * S + tap * D] += 1
    inner = set(counts[60 - 6 * S : 60]) if S > 1 else set(counts[10:20])
    expected = "holes" if 0 in inner else "even" if len(inner) == 1 else "uneven"
    assert size.overlap == overlap == expected
    says = {"holes": "nothing but the bias", "uneven": "checkerboard"}.get(overlap)
    assert says is None or says in str(size.sentences[-1])


def test_one_pixel_overlaps_with_none() -> None:
    assert TransposedSize(1, Window(3, 2)).overlap == "even"
    assert TransposedSize(5, Window(2**30, 2**30)).overlap == "even"


def test_nothing_left() -> None:
    with refuses(ShapeError, "size-nothing-left", "2*(1 - 1) + 2", "that fits is 2"):
        transposed_size(1, 2, 2, 1)
    assert transposed_size(2, 2, 2, 1).output == 2
    assert transposed_size(2, 2, 2, 1).needed == 2


def test_output_padding_is_smaller_than_the_stride() -> None:
    with refuses(ShapeError, "size-output-padding", "stride (2)", "got 2"):
        transposed_size(5, 3, 2, output_padding=2)
    assert transposed_size(5, 3, 2, D=3, output_padding=2).output == 17


@pytest.mark.parametrize("field", ["I", "F", "S", "D"])
def test_numbers_out_of_range(field: str) -> None:
    I, F, S, D = (0 if name == field else 5 for name in "IFSD")
    with refuses(FieldError, "field-whole", "from 1 to"):
        transposed_size(I, F, S, D=D)
