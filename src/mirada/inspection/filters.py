"""The filters of every convolution, before training and after it.

What a filter was before is no record: it follows from the description and the seed
(`mirada.reference.initial_parameters`). Of a filter w that was w0,

    moved = |w - w0| / |w0|,    cosine = w.w0 / (|w| |w0|)

so that a filter that training left as it was has moved 0 and cosine 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.network import Conv2d, Network
from mirada.reference import initial_parameters

__all__ = ["LayerFilters", "convolutions", "layer_filters"]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LayerFilters:
    """The filters (oc, ic, kh, kw) of one convolution; `before` is None if unknown."""

    layer: str
    after: Floats
    before: Floats | None = None

    @property
    def moved(self) -> Doubles | None:
        """How far each filter went, in lengths of what it was; NaN where that was 0."""
        if self.before is None:
            return None
        went = _lengths(self.after - self.before)
        return _divided(went, _lengths(self.before))

    @property
    def cosine(self) -> Doubles | None:
        """How alike each filter is to what it was, from -1 to 1; NaN where one is 0."""
        if self.before is None:
            return None
        before, after = _rows(self.before), _rows(self.after)
        lengths = _lengths(self.before) * _lengths(self.after)
        return _divided((before * after).sum(axis=1), lengths)


def convolutions(network: Network) -> tuple[str, ...]:
    """The names of the convolutions, in order.

    >>> from mirada.network import ReLU
    >>> convolutions(Network("tiny", (1, 5, 5), (Conv2d(2, 3), ReLU(), Conv2d(2, 3))))
    ('conv1', 'conv2')
    """
    return tuple(n.name for n in network.nodes if isinstance(n.layer, Conv2d))


def layer_filters(
    network: Network, parameters: Mapping[str, Floats], seed: int | None
) -> list[LayerFilters]:
    """The filters of every convolution; with the run's `seed` also what they were.

    >>> network = Network("tiny", (1, 5, 5), (Conv2d(2, 3),))
    >>> first = initial_parameters(network, 7)
    >>> layer_filters(network, first, 7)[0].moved.tolist()
    [0.0, 0.0]
    """
    first = {} if seed is None else initial_parameters(network, seed)
    names = [(layer, f"{layer}.weight") for layer in convolutions(network)]
    return [LayerFilters(layer, parameters[n], first.get(n)) for layer, n in names]


def _rows(filters: Floats) -> Doubles:
    return filters.reshape(len(filters), -1).astype(np.float64)


def _lengths(filters: Floats) -> Doubles:
    found: Doubles = np.linalg.norm(_rows(filters), axis=1)
    return found


def _divided(above: Doubles, below: Doubles) -> Doubles:
    found: Doubles = np.full(len(above), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found
