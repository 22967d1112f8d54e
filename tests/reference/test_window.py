"""Grids: what each tap reads, against a loop over every window."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mirada.network.window import Window
from mirada.reference.window import Grid


@st.composite
def windows(draw: st.DrawFn) -> Window:
    size = draw(st.integers(1, 4))
    stride, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    start, end = draw(st.integers(0, 3)), draw(st.integers(0, 3))
    return Window(size, stride, start, end, dilation, draw(st.booleans()))


@given(windows(), windows(), st.integers(1, 9), st.integers(1, 9))
def test_a_tap_reads_its_pixel_or_the_padding(
    rows: Window, columns: Window, ih: int, iw: int
) -> None:
    if rows.output(ih) < 1 or columns.output(iw) < 1:
        return
    image = np.arange(1.0, 1 + ih * iw).reshape(ih, iw)
    grid = Grid.over(image, (rows, columns))
    assert grid.counts == (rows.output(ih), columns.output(iw))
    for (kh, kw), seen in grid.taps(grid.canvas(image, -1.0)):
        for oh, ow in np.ndindex(*grid.counts):
            y = oh * rows.stride + kh * rows.dilation - rows.start
            x = ow * columns.stride + kw * columns.dilation - columns.start
            inside = 0 <= y < ih and 0 <= x < iw
            assert seen[oh, ow] == (image[y, x] if inside else -1.0)


@given(windows(), windows(), st.integers(1, 9), st.integers(1, 9))
def test_the_image_lies_inside_its_canvas(
    rows: Window, columns: Window, ih: int, iw: int
) -> None:
    if rows.output(ih) < 1 or columns.output(iw) < 1:
        return
    image = np.arange(1.0, 1 + ih * iw).reshape(ih, iw)
    grid = Grid.over(image, (rows, columns))
    canvas = grid.canvas(image)
    assert (grid.inner(canvas) == image).all()
    assert canvas.sum() == image.sum()
    grid.inner(canvas)[...] = 0
    assert not canvas.any()
