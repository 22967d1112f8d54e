"""Images in blocks with borders, and kernels run on them in every way."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirada.compiler.interpreter import interpret
from mirada.compiler.ir import Buffer, Kernel
from mirada.compiler.lowering.layout import Image
from mirada.compiler.target import Target
from mirada.compiler.verify import verify
from tests.compiled import Compiled

__all__ = ["NARROW", "WIDE", "block", "inner", "interpreted", "laid", "twice"]

Array = NDArray[Any]

NARROW = Target("x86_64-unknown-linux-gnu", "x86-64", "", lanes=4, registers=16)
WIDE = Target("x86_64-unknown-linux-gnu", "x86-64", "", lanes=16, registers=32)
"""Processors for the interpreter."""


def block(
    name: str,
    images: int,
    shape: tuple[int, int, int],
    border: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> Image:
    """An image (channels, height, width) of a block with a border around it."""
    channels, height, width = shape
    top, bottom, left, right = border
    buffer = Buffer(
        name, (images, top + height + bottom, left + width + right, channels)
    )
    return Image(buffer, channels, height, width, top, left)


def inner(image: Image, flat: Array) -> Array:
    """The pixels of a block as (n, channels, height, width)."""
    rows = slice(image.top, image.top + image.height)
    columns = slice(image.left, image.left + image.width)
    return flat.reshape(image.buffer.shape)[:, rows, columns].transpose(0, 3, 1, 2)


def laid(image: Image, pixels: Array) -> Array:
    """A block with these pixels, zeros around them."""
    flat = np.zeros(image.buffer.size, np.float32)
    inner(image, flat)[: len(pixels)] = pixels
    return flat


def interpreted(
    name: str,
    kernel: Kernel,
    given: Mapping[str, Array],
    arguments: Mapping[str, int],
) -> dict[str, Array]:
    """What the interpreter makes of the buffers, after the kernel was verified."""
    verify(kernel)
    arrays = {buffer.name: given[buffer.name].copy() for buffer in kernel.buffers}
    interpret(kernel, arrays, **arguments)
    return arrays


def twice(target: Target) -> Callable[..., dict[str, Array]]:
    """Runs a kernel compiled, and by the interpreter: they leave the same bytes."""

    def run(
        name: str,
        kernel: Kernel,
        given: Mapping[str, Array],
        arguments: Mapping[str, int],
    ) -> dict[str, Array]:
        wanted = interpreted(name, kernel, given, arguments)
        found = {buffer.name: given[buffer.name].copy() for buffer in kernel.buffers}
        for buffer in kernel.scratch:
            assert buffer.kind == "f32"
            found[buffer.name] = np.full(buffer.size, np.nan, np.float32)
        Compiled({name: kernel}, target)(name, found, **arguments)
        for given_name, array in wanted.items():
            assert array.tobytes() == found[given_name].tobytes(), (name, given_name)
        return found

    return run
