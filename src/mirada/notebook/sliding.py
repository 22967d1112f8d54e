"""A window that slides over an image of numbers."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mirada.errors import UsageError
from mirada.inspection.kernels import KERNELS, named_kernel
from mirada.inspection.sliding import Sliding, slide_kernel, slide_pooling
from mirada.notebook.shown import Shown
from mirada.notebook.still import drawn
from mirada.tasks.sliding_picture import slide_of, sliding_title
from mirada.views.sliding import sliding_figure

__all__ = ["window"]

_IMAGE = "11100 01110 00111 00110 01100"
_KERNEL = "101 010 101"
"""The lecture's."""

_MOST = {"image": 28, "kernel": 11}
_MOST_CHANNELS = 4

Numbers = NDArray[Any]


def window(
    image: ArrayLike | None = None,
    kernel: ArrayLike | str | None = None,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    bias: float = 0,
    activation: str | None = None,
    convolution: bool = False,
    pool: str | None = None,
) -> Shown:
    """A kernel sliding over an image, its products and sums written out.

    Both are matrices, or one for each channel, (c, h, w); `kernel` may be a name, as
    `mirada convolve` knows them. Without either they are the lecture's. `convolution`
    flips the kernel; `pool`, "max" or "mean", takes windows of 2x2 instead.

    Raises UsageError (`window-numbers`, `window-pool`, those of `named_kernel` and
    `slide_kernel`), ShapeError and FieldError.

    >>> window([[1, 2], [3, 4]], [[1, 0]])
    Cross-correlation, stride 1
    """
    seen = _matrices("image", _typed(_IMAGE) if image is None else image)
    if pool is None:
        slices, names = _kernel(kernel)
        found = slide_kernel(
            seen,
            slices,
            stride=stride,
            padding=(padding, padding),
            dilation=dilation,
            bias=bias,
            activation=activation,
            flipped=convolution,
        )
        kind = "convolution" if convolution else "correlation"
        given = {
            "kernel": _plain(slices),
            "mode": kind,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "bias": bias,
            "activation": activation or "",
        }
    else:
        found, names, kind = _pooled(seen, pool), [], f"{pool}-pooling"
        given = {"mode": pool, "pool": [2, 2], "stride": 2}
    title = sliding_title(kind, names, found)
    data = {"image": _plain(seen), **given, "at": [0, 0]}
    return _shown(found, title, kind, data)


def _shown(found: Sliding, title: str, kind: str, data: dict[str, Any]) -> Shown:
    figure = drawn(sliding_figure(slide_of(found, title, kind), (0, 0)), title)
    options = {"kernels": [_named(name) for name in KERNELS]}
    return Shown("notebook_sliding", title, figure, data, options)


def _pooled(image: Numbers, pool: str) -> Sliding:
    if pool not in ("max", "mean"):
        raise UsageError(
            "window-pool",
            "pool must be 'max' or 'mean'; got {pool!r}.",
            pool=str(pool)[:60],
        )
    return slide_pooling(image, pool, (2, 2))


def _kernel(kernel: ArrayLike | str | None) -> tuple[Numbers, list[str]]:
    if isinstance(kernel, str):
        return named_kernel(kernel).values[None], [kernel]
    found = _typed(_KERNEL) if kernel is None else kernel
    return _matrices("kernel", found), []


def _typed(rows: str) -> list[list[int]]:
    return [[int(digit) for digit in row] for row in rows.split()]


def _matrices(name: str, given: ArrayLike) -> Numbers:
    """Numbers (c, h, w) that a window has room for."""
    try:
        found = np.asarray(given)
        fits = found.ndim in (2, 3) and found.size > 0 and found.dtype.kind in "biuf"
    except ValueError:
        fits = False
    if fits:
        found = found.astype(np.int64 if found.dtype.kind in "biu" else np.float64)
        found = found if found.ndim == 3 else found[None]
        most, sides = _MOST[name], found.shape[1:]
        fits = max(sides) <= most and len(found) <= _MOST_CHANNELS
        fits = fits and bool(np.isfinite(found).all())
    if not fits:
        raise UsageError(
            "window-numbers",
            "The {name} of a window must be rows of finite numbers, at most {most}x"
            "{most} of them, or up to {channels} such matrices, one a channel. Cut a "
            "piece out of a larger one.",
            name=name,
            most=_MOST[name],
            channels=_MOST_CHANNELS,
        )
    return found


def _plain(values: Numbers) -> list[Any]:
    found: list[Any] = values.tolist()
    return found


def _named(name: str) -> dict[str, Any]:
    kernel = named_kernel(name)
    return {
        "name": name,
        "about": str(kernel.about),
        "source": kernel.source,
        "values": _plain(kernel.values),
    }
