"""The windows that give a size: all of them, none that does not, simplest first."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mirada.analysis import Within, transposed_giving, windows_giving
from mirada.errors import FieldError, ShapeError, UsageError
from mirada.network import ConvTranspose2d, MaxPool2d
from mirada.network.window import Window, same_padding
from tests.refusal import refuses

LENGTHS = st.integers(1, 40)
SIDES = st.none() | st.tuples(st.integers(0, 3), st.integers(0, 3))


def spans(most: int) -> st.SearchStrategy[range]:
    pairs = st.tuples(st.integers(1, most), st.integers(1, most))
    return pairs.map(lambda pair: range(min(pair), max(pair) + 1))


def bounds() -> st.SearchStrategy[Within]:
    return st.builds(
        Within,
        kernels=spans(6),
        strides=spans(4),
        dilations=spans(3),
        padding=SIDES,
        ceil=st.booleans(),
        pool=st.booleans(),
    )


def paddings(window: Window, within: Within) -> list[tuple[int, int]]:
    """What `Within` says is tried for a window."""
    if isinstance(within.padding, tuple):
        return [within.padding]
    half = (window.size if within.pool else window.span) // 2
    totals = range(2 * half + 1)
    return [(total // 2, total - total // 2) for total in totals]


def by_brute_force(I: int, O: int, within: Within) -> set[Window]:
    found = set()
    strides = within.strides[:1] if O == 1 else within.strides
    for F, S, D in product(within.kernels, strides, within.dilations):
        if F == 1 and within.dilations[0] != D:
            continue
        for start, end in paddings(Window(F, S, dilation=D), within):
            window = Window(F, S, start, end, D, within.ceil)
            if window.output(I) == O and (not within.pool or pools(window, I)):
                found.add(window)
    return found


def pools(window: Window, length: int) -> bool:
    """Whether a pooling layer takes such a window."""
    sides = (window.start, window.end) * 2
    layer = MaxPool2d(
        window.size,
        stride=window.stride,
        padding=sides,
        dilation=window.dilation,
        ceil=window.ceil,
    )
    try:
        layer.output((1, length, length))
    except ShapeError:
        return False
    return True


@given(LENGTHS, LENGTHS, bounds())
def test_every_window_and_no_other(I: int, O: int, within: Within) -> None:
    found = windows_giving(I, O, within)
    windows = [size.window for size in found]
    assert len(set(windows)) == len(windows)
    assert set(windows) == by_brute_force(I, O, within)
    assert all(size.output == O and size.length == I for size in found)


@given(LENGTHS, LENGTHS, bounds(), st.none() | st.integers(0, 3))
def test_every_transposed_window_and_no_other(
    I: int, O: int, within: Within, extra: int | None
) -> None:
    within = Within(
        within.kernels, within.strides, within.dilations, within.padding, extra
    )
    expected = set()
    strides = within.strides[:1] if I == 1 else within.strides
    for F, S, D in product(within.kernels, strides, within.dilations):
        if F == 1 and within.dilations[0] != D:
            continue
        for start, end in paddings(Window(F, S, dilation=D), within):
            for more in range(max(S, D)) if extra is None else [extra]:
                layer = ConvTranspose2d(
                    1, F, S, (start, end) * 2, output_padding=more, dilation=D
                )
                try:
                    gives = layer.output((1, I, I))
                except ShapeError:
                    continue
                if gives == (1, O, O):
                    expected.add((Window(F, S, start, end, D), more))
    found = transposed_giving(I, O, within)
    assert {(size.window, size.output_padding) for size in found} == expected
    assert len(found) == len(expected)


@given(LENGTHS, LENGTHS)
def test_the_order(I: int, O: int) -> None:
    """Gaps last, then uneven padding, then more padding, then rounded values."""
    keys = [
        (
            size.gaps is not None,
            size.window.start != size.window.end,
            size.window.start + size.window.end,
            size.exact.denominator > 1,
            size.window.size,
            size.window.stride,
        )
        for size in windows_giving(I, O)
    ]
    assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("I", "O", "first"),
    [
        (28, 14, [(2, 2, 0), (4, 2, 1), (3, 2, 1)]),
        (32, 28, [(5, 1, 0), (7, 1, 1), (9, 1, 2)]),
        (32, 32, [(1, 1, 0), (3, 1, 1), (5, 1, 2)]),
        (227, 55, [(11, 4, 0)]),
        (28, 13, [(4, 2, 0), (3, 2, 0)]),
    ],
)
def test_the_simplest(I: int, O: int, first: list[tuple[int, int, int]]) -> None:
    found = [size.window for size in windows_giving(I, O)]
    assert [(w.size, w.stride, w.start) for w in found[: len(first)]] == first


def test_alexnet_resnet_and_vgg_are_among_them() -> None:
    assert Window(11, 4, 2, 2) in [size.window for size in windows_giving(224, 55)]
    assert Window(7, 2, 3, 3) in [size.window for size in windows_giving(224, 112)]
    assert Window(3, 1, 1, 1) in [size.window for size in windows_giving(224, 224)]


def test_padding_by_name() -> None:
    for mode in ("same", "same-lower"):
        found = windows_giving(28, 14, Within(padding=mode))
        assert {size.window.stride for size in found} == {2}
        assert len(found) == 11
        for size in found:
            w = size.window
            sides = same_padding(28, w.size, w.stride, 1, mode)
            assert (w.start, w.end) == sides
    assert windows_giving(28, 14, Within(padding="same-torch")) == ()
    assert len(windows_giving(28, 28, Within(padding="same-torch"))) == 11


def test_an_enlargement_without_output_padding() -> None:
    found = transposed_giving(14, 28, Within(output_padding=0))
    assert [size.window.size for size in found[:3]] == [2, 4, 6]
    assert all(size.output_padding == 0 for size in found)


def test_bounds_that_are_too_wide() -> None:
    wide = Within(kernels=range(1, 4000), strides=range(1, 4000))
    with refuses(UsageError, "solve-too-wide", "Narrow the kernel"):
        windows_giving(5000, 2500, wide)
    with refuses(UsageError, "solve-too-wide", "more than 200000"):
        transposed_giving(5000, 2500, wide)
    one = Within(kernels=range(2 * 10**9, 2 * 10**9 + 1), strides=range(1, 2))
    assert windows_giving(2 * 10**9 + 9, 10, one)[0].window.start == 0


@pytest.mark.parametrize(("I", "O"), [(0, 5), (5, 0)])
def test_sizes_out_of_range(I: int, O: int) -> None:
    with refuses(FieldError, "field-whole", "from 1 to"):
        windows_giving(I, O)
    with refuses(FieldError, "field-whole", "from 1 to"):
        transposed_giving(I, O)
