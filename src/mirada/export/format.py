"""What a format is: how files are written, and how they are asked what they compute."""

from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.errors import Phrase
from mirada.training import Model

__all__ = ["Answered", "Examples", "Format", "Pixels", "Write", "one_image_ms"]

Pixels = NDArray[np.uint8]

_TIMES = 20
_LONGEST_S = 2.0


class Examples(NamedTuple):
    """Images (n, h, w, c) at the network's size, and one of them as a PNG file.

    `of` is how many there were to choose from, 0 for random pixels.
    """

    pixels: Pixels
    of: int
    picture: bytes


class Answered(NamedTuple):
    """What files compute for pixels (n, h, w, c), and how long one image takes them.

    `latency_ms` is the median for a single image, from pixels to answer.
    """

    outputs: NDArray[np.floating]
    latency_ms: float | None = None


Write = Callable[[Model, Examples, Path], None]
"""Writes a model's files into a folder."""


class Format(NamedTuple):
    """One way to take a network away.

    `outputs` gives what the files in a folder compute for pixels, or says why that was
    not to be found out; it is None where the files compute nothing by themselves. They
    compute the network's outputs, or the `probabilities` of the classes. `write_int8`
    writes them with weights of eight bits, where that is to be had.
    """

    about: Phrase
    write: Write
    outputs: Callable[[Path, Pixels], Answered | Phrase] | None = None
    probabilities: bool = False
    write_int8: Write | None = None


def one_image_ms(answer: Callable[[Pixels], object], pixels: Pixels) -> float:
    """The median time in milliseconds to answer one image (1, h, w, c) by itself.

    >>> one_image_ms(len, np.zeros((2, 3, 3, 1), np.uint8)) >= 0.0
    True
    """
    images = [pixels[place : place + 1] for place in range(len(pixels))]
    answer(images[0])
    began, times = perf_counter(), list[float]()
    while len(times) < _TIMES and perf_counter() - began < _LONGEST_S:
        start = perf_counter()
        answer(images[len(times) % len(images)])
        times.append(perf_counter() - start)
    return 1000.0 * float(np.median(times))
