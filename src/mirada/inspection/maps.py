"""Feature maps: what every layer makes of one image, and its numbers in short."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.engines import Engine
from mirada.network import INPUT, Network, Shape

__all__ = ["LayerMaps", "MapNumbers", "feature_maps", "layer_maps"]

Floats = NDArray[np.float32]


class MapNumbers(NamedTuple):
    """One map, or one number of a vector, in short; `zeros` is a share from 0 to 1."""

    least: float
    mean: float
    largest: float
    zeros: float


@dataclass(frozen=True, eq=False)
class LayerMaps:
    """What a layer gives for one image: maps (c, h, w), or a vector (features,).

    `kind` is the layer's first word in a description; that of the input is "input".
    """

    layer: str
    kind: str
    values: Floats

    @property
    def shape(self) -> Shape:
        """The shape of the values."""
        return self.values.shape

    @property
    def numbers(self) -> MapNumbers:
        """Least, mean, largest value and the share of zeros of the whole layer."""
        return _numbers(self.values)

    @property
    def strongest(self) -> int:
        """The map with the largest mean, the number that is largest in a vector."""
        return int(self._rows().mean(axis=1, dtype=np.float64).argmax())

    def each(self) -> list[MapNumbers]:
        """The numbers of every map, or of every number of a vector."""
        return [_numbers(row) for row in self._rows()]

    def _rows(self) -> Floats:
        return self.values.reshape(len(self.values), -1)


def _numbers(values: Floats) -> MapNumbers:
    return MapNumbers(
        least=float(values.min()),
        mean=float(values.mean(dtype=np.float64)),
        largest=float(values.max()),
        zeros=float((values == 0).mean()),
    )


def layer_maps(
    network: Network, values: Mapping[str, Floats], place: int = 0
) -> list[LayerMaps]:
    """The maps of image number `place` in what an engine's `activations` gave.

    In the order of the network, the input first.
    """
    kinds = {INPUT: INPUT, **{node.name: node.layer.kind for node in network.nodes}}
    return [
        LayerMaps(name, kind, values[name][place])
        for name, kind in kinds.items()
        if name in values
    ]


def feature_maps(engine: Engine, image: Floats) -> list[LayerMaps]:
    """What the input and every layer give for one image (c, h, w).

    >>> from mirada import engines
    >>> from mirada.network import Network, Recipe, ReLU
    >>> tiny = Network("tiny", (1, 1, 4), (ReLU(),))
    >>> engine = engines.create("reference", tiny, Recipe())
    >>> pixels = np.array([[[-1.0, 0.0, 1.0, 3.0]]], np.float32)
    >>> feature_maps(engine, pixels)[1].numbers
    MapNumbers(least=0.0, mean=1.0, largest=3.0, zeros=0.5)
    """
    values = engine.activations(image[None], [*engine.network.shapes])
    return layer_maps(engine.network, values)
