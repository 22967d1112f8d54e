"""Windows laid over an image: what each tap of a kernel reads, and writes back.

A canvas is the image with its padding. Tap (kh, kw) of window (oh, ow) is the pixel
(oh * stride + kh * dilation, ow * stride + kw * dilation) of the canvas.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mirada.network.window import Window
from mirada.reference.layer import Array

__all__ = ["Grid"]

Tap = tuple[int, int]


@dataclass(frozen=True)
class Grid:
    """The windows over an image of `shape` (ih, iw), `counts` (oh, ow) of them.

    >>> from mirada.network.window import Window
    >>> grid = Grid((Window(2), Window(2)), (1, 3), (1, 2))
    >>> [seen.tolist() for _, seen in grid.taps(np.array([[1, 2, 3], [4, 5, 6]]))]
    [[[1, 2]], [[2, 3]], [[4, 5]], [[5, 6]]]
    """

    windows: tuple[Window, Window]
    shape: tuple[int, int]
    counts: tuple[int, int]

    @classmethod
    def over(cls, image: Array, windows: tuple[Window, Window] | None) -> "Grid":
        """The grid of all windows that fit an image (..., ih, iw)."""
        assert windows is not None
        rows, columns = windows
        ih, iw = image.shape[-2:]
        return cls(windows, (ih, iw), (rows.output(ih), columns.output(iw)))

    def canvas(self, image: Array, fill: float = 0.0) -> Array:
        """A copy of the image (..., ih, iw) with `fill` wherever else a tap reads."""
        sizes = (self._size(axis) for axis in (0, 1))
        canvas = np.full((*image.shape[:-2], *sizes), fill)
        self.inner(canvas)[...] = image
        return canvas

    def inner(self, canvas: Array) -> Array:
        """The image inside its canvas, as a view."""
        rows, columns = (
            slice(window.start, window.start + length)
            for window, length in zip(self.windows, self.shape, strict=True)
        )
        return canvas[..., rows, columns]

    def taps(self, canvas: Array) -> Iterator[tuple[Tap, Array]]:
        """Each tap (kh, kw), and what it reads in all windows: a view (..., oh, ow)."""
        rows, columns = self.windows
        for kh, kw in np.ndindex(rows.size, columns.size):
            yield (kh, kw), canvas[..., self._reads(0, kh), self._reads(1, kw)]

    def _size(self, axis: int) -> int:
        """The canvas's length: image and padding, and the last window's reach.

        In ceil mode the last window may reach beyond the padding.
        """
        window = self.windows[axis]
        padded = window.start + self.shape[axis] + window.end
        return max(padded, (self.counts[axis] - 1) * window.stride + window.span)

    def _reads(self, axis: int, tap: int) -> slice:
        window = self.windows[axis]
        first = tap * window.dilation
        return slice(
            first, first + (self.counts[axis] - 1) * window.stride + 1, window.stride
        )
