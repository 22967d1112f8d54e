"""Images with borders of their own, and kernels run in every way there is."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering.layout import Image
from mirada.compiler.target import Target
from mirada.compiler.verify import verify
from tests.compiled import TARGETS, Compiled

__all__ = ["BORDER", "drawn", "framed", "laid", "pixels_of", "ran"]

Array = NDArray[Any]
Arrays = dict[str, Array]
Make = Callable[[Target], Kernel]

BORDER = 77.0
"""What lies around the pixels of every image here, and must stay."""


def framed(
    name: str,
    shape: tuple[int, int, int, int],
    border: tuple[int, int, int, int] = (0, 0, 0, 0),
    slack: int = 0,
) -> Image:
    """Images of shape (n, c, h, w) with a border (top, bottom, left, right)."""
    n, c, h, w = shape
    top, bottom, left, right = border
    rows, columns = top + h + bottom, left + w + right
    return Image(Buffer(name, (n, rows, columns, c), slack=slack), c, h, w, top, left)


def _inside(image: Image, flat: Array) -> Array:
    """The pixels (n, h, w, c) of a buffer, as a view."""
    whole = flat[: flat.size - image.buffer.slack].reshape(image.buffer.shape)
    rows = slice(image.top, image.top + image.height)
    return whole[:, rows, image.left : image.left + image.width]


def laid(image: Image, values: Array | float, fill: float = BORDER) -> Array:
    """The buffer of an image with these values (n, c, h, w), and `fill` around them."""
    flat = np.full(image.buffer.size, fill, np.float32)
    if isinstance(values, np.ndarray):
        values = np.moveaxis(values, 1, 3)
    _inside(image, flat)[...] = values
    return flat


def pixels_of(image: Image, flat: Array, fill: float = BORDER) -> Array:
    """The values (n, c, h, w) of a buffer, whose border nobody has touched."""
    found = np.moveaxis(_inside(image, flat).copy(), 3, 1)
    around = flat.copy()
    _inside(image, around)[...] = fill
    assert (around == fill).all(), "a kernel wrote into the border"
    return found


def drawn(seed: int, *shape: int) -> NDArray[np.float32]:
    """Random numbers of float32."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def ran(make: Make, arrays: Mapping[str, Array], **arguments: int) -> Arrays:
    """The buffers after a kernel, the same bits in the interpreter and compiled.

    For vectors of every width, as scheduled for them: the schedules tested here only
    move work about, so that all of them give the same bits.
    """
    kept: Arrays = {}
    for target in (TARGETS[name] for name in ("host", "avx2", "sse")):
        kernel = make(target)
        verify(kernel)
        slow, fast = ({k: v.copy() for k, v in arrays.items()} for _ in range(2))
        interpret(kernel, slow, **arguments)
        Compiled({"tested": kernel}, target)("tested", fast, **arguments)
        kept = kept or slow
        for name, expected in kept.items():
            assert _alike(slow[name], expected), name
            assert _alike(fast[name], expected), name
    return kept


def _alike(found: Array, expected: Array) -> bool:
    """Whether the bits are equal; one NaN is as good as another."""
    if found.dtype != np.float32:
        return bool((found == expected).all())
    both = np.isnan(found) & np.isnan(expected)
    return bool((both | (found.view(np.int32) == expected.view(np.int32))).all())
