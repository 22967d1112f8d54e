"""Units that say nothing: never above zero on any image, or above zero everywhere.

A ReLU unit that is never above zero passes nothing on and learns nothing more: it is
dead. One that is above zero at every place of every image is a linear unit: its ReLU
does nothing. A unit is one channel of maps, or one number of a vector. It is dead on
the images that were shown: among others it may wake.

Source: Glorot, Bordes and Bengio, "Deep sparse rectifier neural networks", AISTATS
2011, section 3; Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network
acoustic models", ICML 2013.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.engines import Engine
from mirada.inspection.reading import Values, read_through
from mirada.network import BatchNorm2d, Dropout, Network, ReLU

__all__ = ["Activity", "ActivityReader", "activity", "rectified", "relu_after"]

Floats = NDArray[np.float32]


class Activity(NamedTuple):
    """How often the units of one layer are above zero, on `images` images.

    `awake` is for each unit the share of images with one value above zero at least,
    `above` the share of all its values.
    """

    layer: str
    images: int
    awake: NDArray[np.float64]
    above: NDArray[np.float64]

    @property
    def dead(self) -> tuple[int, ...]:
        """The units that were never above zero."""
        return tuple(np.flatnonzero(self.awake == 0).tolist())

    @property
    def always_on(self) -> tuple[int, ...]:
        """The units that were above zero everywhere."""
        return tuple(np.flatnonzero(self.above == 1).tolist())


class ActivityReader:
    """Counts while images are read through."""

    def __init__(self, network: Network, names: Collection[str]) -> None:
        self.names = tuple(names)
        self._images = 0
        units = {name: network.shapes[name][0] for name in self.names}
        self._awake = {name: np.zeros(n, np.int64) for name, n in units.items()}
        self._above = {name: np.zeros(n, np.float64) for name, n in units.items()}

    def add(self, start: int, values: Values) -> None:
        """Takes the values of further images."""
        for name in self.names:
            found = values[name]
            above = found.reshape(*found.shape[:2], -1) > 0
            self._awake[name] += above.any(axis=2).sum(axis=0)
            self._above[name] += above.mean(axis=2).sum(axis=0)
        self._images += len(found) if self.names else 0

    def found(self) -> list[Activity]:
        """What was counted, a layer at a time."""
        count = max(self._images, 1)
        return [
            Activity(n, self._images, self._awake[n] / count, self._above[n] / count)
            for n in self.names
        ]


def activity(engine: Engine, images: Floats, names: Collection[str]) -> list[Activity]:
    """How often the units of the layers called so are above zero.

    >>> from mirada import engines
    >>> from mirada.network import Recipe
    >>> tiny = Network("tiny", (2, 1, 2), (ReLU(),))
    >>> engine = engines.create("reference", tiny, Recipe())
    >>> found = activity(
    ...     engine, np.array([[[[1, 2]], [[-1, 0]]]], np.float32), ["relu1"])
    >>> found[0].dead, found[0].always_on
    ((1,), (0,))
    """
    reader = ActivityReader(engine.network, names)
    read_through(engine, images, [reader])
    return reader.found()


def rectified(network: Network) -> tuple[str, ...]:
    """The names of the ReLU layers, in order."""
    return tuple(n.name for n in network.nodes if isinstance(n.layer, ReLU))


def relu_after(network: Network, name: str) -> str | None:
    """The ReLU that takes what a layer gives, a normalization between; else None.

    >>> relu_after(Network("tiny", (2, 1, 2), (BatchNorm2d(), ReLU())), "input")
    'relu1'
    """
    readers = network.readers[name]
    while len(readers) == 1:
        layer = network.by_name[readers[0]].layer
        if isinstance(layer, ReLU):
            return readers[0]
        if not isinstance(layer, BatchNorm2d | Dropout):
            return None
        readers = network.readers[readers[0]]
    return None
