"""A window sliding over an image of numbers: the lecture's figure, still or moving.

Every channel has a row: its numbers with the window on them, the slice of the kernel,
the map it gives. What the maps add up to stands at the right, the sum of one window
below. Moving, it goes through the windows one by one; who asked for reduced motion
sees it still.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.language import translate
from mirada.views.grid import Box, Grid, grid_panel
from mirada.views.sliding_motion import motion_style
from mirada.views.svg import Element, element, figure, text_width

__all__ = ["Slide", "sliding_figure"]

_LEFT, _TOP, _GAP, _BETWEEN = 16.0, 56.0, 44.0, 26.0
_LINE = 18.0
_KEY = "slide"


@dataclass(frozen=True, eq=False)
class Slide:
    """What is drawn: numbers in, window, numbers out.

    `sign` stands between image and kernel; without a kernel, before what comes out.
    `image` (c, h, w), `kernel` (c, kh, kw) or None for pooling, `maps` (c, oh, ow) what
    each channel gives, `output` (oh, ow) what they make together, None where the maps
    are the output. `window` is its height and width in taps. `sums` has the lines to
    write for every window, row by row.
    """

    title: str
    sign: str
    image: NDArray[np.number]
    kernel: NDArray[np.number] | None
    maps: NDArray[np.number]
    output: NDArray[np.number] | None
    window: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int, int, int]
    dilation: tuple[int, int]
    sums: Sequence[Sequence[str]]
    output_caption: str = ""

    @property
    def counts(self) -> tuple[int, int]:
        """How many windows there are, down and across."""
        return self.maps.shape[1], self.maps.shape[2]


class _Layout(NamedTuple):
    """The grids of a figure in their places: one of each a channel, then the output."""

    images: list[Grid]
    kernels: list[Grid]
    maps: list[Grid]
    outputs: list[Grid]

    @property
    def results(self) -> list[Grid]:
        """The maps, and the output where it is not the one map."""
        return [*self.maps, *self.outputs]

    @property
    def last(self) -> Grid:
        """The output, or the map that is it."""
        return self.results[-1]

    @property
    def right(self) -> float:
        """Where the widest grid ends."""
        return max(g.x + _width(g) for kind in self for g in kind)

    @property
    def bottom(self) -> float:
        """Where the lowest grid ends."""
        return max(g.y + g.height for kind in self for g in kind)


def _layout(slide: Slide) -> _Layout:
    """The grids beside each other, each in the middle of its channel's row."""
    columns = [_images(slide), _kernels(slide), _maps(slide)]
    filled = [column for column in columns if column]
    heights = [max(grid.height for grid in row) for row in zip(*filled, strict=True)]
    x = _LEFT
    for column in columns:
        y = _TOP
        for channel, grid in enumerate(column):
            free = heights[channel] - grid.height
            column[channel] = replace(grid, x=x, y=y + free / 2)
            y += heights[channel] + _BETWEEN
        x += max(map(_width, column)) + _GAP if column else 0.0
    whole = sum(heights) + _BETWEEN * (len(heights) - 1)
    outputs = [
        replace(grid, x=x, y=_TOP + (whole - grid.height) / 2)
        for grid in _outputs(slide)
    ]
    images, kernels, maps = columns
    return _Layout(images, kernels, maps, outputs)


def _width(grid: Grid) -> float:
    return max(grid.width, text_width(grid.caption))


def _alike(
    values: Iterable[NDArray[np.number]], captions: Sequence[str], least: float = 0.0
) -> list[Grid]:
    """Grids with cells of one size, so that a window moves alike on all of them."""
    grids = [
        Grid(one, 0, 0, words) for one, words in zip(values, captions, strict=True)
    ]
    cell = max([least, *(grid.cell for grid in grids)])
    return [replace(grid, least=cell) for grid in grids]


def _images(slide: Slide) -> list[Grid]:
    channels = len(slide.image)
    captions = [translate("image")]
    if channels > 1:
        caption = translate("channel {number}")
        captions = [caption.format(number=number) for number in range(channels)]
    grids = _alike(slide.image, captions)
    return [replace(grid, padding=slide.padding) for grid in grids]


def _kernels(slide: Slide) -> list[Grid]:
    if slide.kernel is None:
        return []
    return _alike(slide.kernel, [translate("kernel")] * len(slide.kernel))


def _maps(slide: Slide) -> list[Grid]:
    channels = len(slide.maps)
    captions = [slide.output_caption]
    if slide.output is not None or channels > 1:
        caption = translate("map {number}")
        captions = [caption.format(number=number) for number in range(channels)]
    least = max((grid.cell for grid in _outputs(slide)), default=0.0)
    return _alike(slide.maps, captions, least)


def _outputs(slide: Slide) -> list[Grid]:
    """The output in cells that have room for the numbers of the maps too."""
    if slide.output is None:
        return []
    least = max(Grid(one, 0, 0).cell for one in slide.maps)
    return _alike([slide.output], [slide.output_caption], least)


def sliding_figure(
    slide: Slide, at: tuple[int, int] = (0, 0), *, moves: bool = False
) -> Element:
    """The figure, its window at row and column `at` of the output, or moving."""
    layout = _layout(slide)
    lines = max(map(len, slide.sums), default=0)
    words = [text_width(line) for lines in slide.sums for line in lines]
    widest = max([*words, text_width(slide.title, 14)])
    size = (
        max(layout.right, _LEFT + widest) + _LEFT,
        layout.bottom + 16 + lines * _LINE + 12,
    )
    key = f"{_KEY}-n" if moves else ""
    return figure(
        _KEY,
        size,
        slide.title,
        _about(slide),
        *_style(slide, layout, moves),
        element("text", slide.title, class_="ink title", x=_LEFT, y=28),
        *(grid_panel(grid) for grid in (*layout.images, *layout.kernels)),
        *(grid_panel(grid, key) for grid in layout.results),
        *_signs(slide, layout),
        *_windows(slide, layout, (0, 0) if moves else at, moves),
        *_sums(slide, layout.bottom, at, moves),
    )


def _about(slide: Slide) -> str:
    rows, columns = slide.counts
    height, width = slide.window
    return translate(
        "A window of {height}x{width} slides over the numbers and gives "
        "{rows}x{columns} of them."
    ).format(height=height, width=width, rows=rows, columns=columns)


def _style(slide: Slide, layout: _Layout, moves: bool) -> Iterator[Element]:
    if moves:
        cell = layout.images[0].cell
        steps = slide.stride[0] * cell, slide.stride[1] * cell
        text = motion_style(_KEY, slide.counts, steps, layout.last.cell)
        yield element("style", text)


def _signs(slide: Slide, layout: _Layout) -> Iterator[Element]:
    """What is done between one grid and the next."""
    for channel, target in enumerate(layout.maps):
        middle = _middle(target)
        if layout.kernels:
            x = layout.kernels[channel].x - _GAP / 2
            yield _sign(slide.sign, x, middle)
        equals = "=" if layout.kernels else slide.sign
        yield _sign(equals, target.x - _GAP / 2, middle)
    for target in layout.outputs:
        sign = "Σ" if len(layout.maps) > 1 else "→"
        yield _sign(sign, target.x - _GAP / 2, _middle(target))


def _middle(grid: Grid) -> float:
    """The base line of a sign beside the middle of the cells."""
    return (grid.top + grid.y + grid.height) / 2 + 4


def _sign(text: str, x: float, y: float) -> Element:
    return element("text", text, class_="ink", x=x, y=y, text_anchor="middle")


def _windows(
    slide: Slide, layout: _Layout, at: tuple[int, int], moves: bool
) -> Iterator[Element]:
    """The window on every channel, and the cell that it gives on every map."""
    for grid in layout.images:
        taps = (_frame(box, "window-1") for box in _taps(slide, grid, at))
        yield element("g", *taps, class_=f"{_KEY}-in" if moves else None)
    name = f"window-2 {_KEY}-out" if moves else "window-2"
    for grid in layout.results:
        yield _frame(grid.box(*at), name)


def _taps(slide: Slide, grid: Grid, at: tuple[int, int]) -> Iterator[Box]:
    """The whole window, or every tap of one that steps over pixels."""
    top, _, left, _ = slide.padding
    row, column = at[0] * slide.stride[0] - top, at[1] * slide.stride[1] - left
    if slide.dilation == (1, 1):
        yield grid.box(row, column, *slide.window)
        return
    down, across = slide.dilation
    for y, x in np.ndindex(*slide.window):
        yield grid.box(row + y * down, column + x * across)


def _frame(box: Box, name: str) -> Element:
    x, y, width, height = box
    return element("rect", class_=name, x=x, y=y, width=width, height=height)


def _sums(
    slide: Slide, bottom: float, at: tuple[int, int], moves: bool
) -> Iterator[Element]:
    """The lines of the window shown, or of every window, one shown at a time."""
    shown = at[0] * slide.counts[1] + at[1]
    for place, lines in enumerate(slide.sums):
        if not moves and place != shown:
            continue
        texts = (
            element("text", line, class_="ink", x=_LEFT, y=bottom + 34 + i * _LINE)
            for i, line in enumerate(lines)
        )
        name = f"{_KEY}-sum {_KEY}-sum-{place}" if moves else None
        yield element("g", *texts, class_=name)
