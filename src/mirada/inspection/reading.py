"""The values of layers for many images, in pieces that memory holds."""

from collections.abc import Collection, Iterable, Iterator
from math import prod
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mirada.engines import Engine
from mirada.errors import UsageError
from mirada.network import Network

__all__ = ["Reader", "read_through", "require_images", "values_of"]

Floats = NDArray[np.float32]
Values = dict[str, Floats]

_BLOCK = 16
"""Images that engines compute together: pieces are a multiple of it."""
_PIECE_BYTES = 2**26


class Reader(Protocol):
    """Something that takes in the values of layers, a piece of the images at a time."""

    names: tuple[str, ...]
    """The layers it asks for."""

    def add(self, start: int, values: Values) -> None:
        """Takes the values (n, *shape) of the images from number `start` on."""


def values_of(
    engine: Engine, images: Floats, names: Collection[str]
) -> Iterator[tuple[int, Values]]:
    """The values of the layers called so, piece by piece: (first image, values).

    A piece holds at most 64 MiB of values, or 16 images.

    >>> from mirada import engines
    >>> from mirada.network import Recipe, ReLU
    >>> tiny = Network("tiny", (1, 1, 2), (ReLU(),))
    >>> engine = engines.create("reference", tiny, Recipe())
    >>> [(n, v["relu1"].shape) for n, v in values_of(
    ...     engine, np.ones((20, 1, 1, 2), np.float32), ["relu1"])]
    [(0, (20, 1, 1, 2))]
    """
    shapes = engine.network.shapes
    bytes_each = 4 * sum(prod(shapes[name]) for name in names)
    count = _BLOCK * max(1, _PIECE_BYTES // max(_BLOCK * bytes_each, 1))
    for start in range(0, len(images), count):
        yield start, engine.activations(images[start : start + count], names)


def read_through(engine: Engine, images: Floats, readers: Iterable[Reader]) -> None:
    """Shows every reader what it asks for; each image is computed once for all."""
    asked = [*readers]
    names = dict.fromkeys(name for reader in asked for name in reader.names)
    for start, values in values_of(engine, images, tuple(names)):
        for reader in asked:
            reader.add(start, values)


def require_images(network: Network) -> None:
    """Refuses a network whose input has no rows and columns of pixels."""
    if len(network.input) != 3:
        raise UsageError(
            "inspect-pixels",
            "This looks at pixels, and network {network!r} takes a vector of {count} "
            "numbers. Give a network whose input is channels, height and width.",
            network=network.name,
            count=network.input[0],
        )
