"""A photo before and after a kernel: images side by side, the kernel between them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.language import translate
from mirada.views.grid import Grid, grid_panel
from mirada.views.png import data_uri
from mirada.views.shades import signed
from mirada.views.svg import Element, element, figure, text_width

__all__ = ["Panel", "filtered_figure"]

_LEFT, _TOP, _GAP, _CAPTION = 16.0, 46.0, 40.0, 20.0
_SIDE, _SMALLER_SIDE = 300.0, 200.0
_FEW = 3
_MOST_PIXELS = 600
_MOST_WITH_NUMBERS = 5

Pixels = NDArray[np.uint8]


class Panel(NamedTuple):
    """One image (h, w, c), and what it is."""

    caption: str
    pixels: Pixels


def filtered_figure(
    title: str,
    panels: Sequence[Panel],
    kernel: NDArray[np.number] | None,
    key: str = "filtered",
) -> Element:
    """The first image, the kernel (kh, kw) where it has one, and what came of it."""
    side = _SIDE if len(panels) <= _FEW else _SMALLER_SIDE
    drawn = [_drawn(panel, side) for panel in panels]
    if kernel is not None:
        drawn.insert(1, _drawn_kernel(kernel, side / 2))
    parts: list[Element] = []
    x = _LEFT
    for one in drawn:
        parts += one.parts(x)
        x += one.width + _GAP
    right = max(x - _GAP, _LEFT + text_width(title, 14)) + _LEFT
    bottom = max(one.bottom for one in drawn) + 16
    about = translate("{count} images.").format(count=len(panels))
    head = element("text", title, class_="ink title", x=_LEFT, y=26)
    return figure(key, (right, bottom), title, about, head, *parts)


class _Drawn(NamedTuple):
    """A part of the figure, wherever it is put: its width, its end, how to draw it."""

    width: float
    bottom: float
    parts: Callable[[float], Iterable[Element]]


def _drawn(panel: Panel, side: float) -> _Drawn:
    """An image whose longer side is `side` pixels."""
    height, width = panel.pixels.shape[:2]
    scale = side / max(height, width)
    wide, high = max(width * scale, 1.0), max(height * scale, 1.0)
    return _Drawn(
        max(wide, text_width(panel.caption)),
        _TOP + _CAPTION + high,
        lambda x: _image(panel, x, wide, high),
    )


def _drawn_kernel(kernel: NDArray[np.number], side: float) -> _Drawn:
    """A small kernel in numbers, a large one in colours."""
    caption = translate("kernel")
    if max(kernel.shape) > _MOST_WITH_NUMBERS:
        return _drawn(Panel(caption, signed(kernel.astype(np.float64))), side)
    grid = Grid(kernel, 0, _TOP, caption)
    width = max(grid.width, text_width(caption))
    return _Drawn(
        width,
        grid.y + grid.height,
        lambda x: [grid_panel(replace(grid, x=x))],
    )


def _image(panel: Panel, x: float, width: float, height: float) -> Iterator[Element]:
    step = -(-max(panel.pixels.shape[:2]) // _MOST_PIXELS)
    shown = np.ascontiguousarray(panel.pixels[::step, ::step])
    yield element("text", panel.caption, class_="soft", x=x, y=_TOP + 12)
    yield element(
        "image",
        element("title", panel.caption),
        class_="pixels",
        x=x,
        y=_TOP + _CAPTION,
        width=width,
        height=height,
        href=data_uri(shown),
    )
