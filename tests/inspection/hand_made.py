"""Networks whose every answer is known, held by the reference engine."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mirada import engines
from mirada.engines import Engine
from mirada.engines.reference import ReferenceEngine
from mirada.network import Layer, Network, Node, Recipe
from mirada.reference import initial_parameters

__all__ = ["held", "held_by", "noise"]


def held(
    shape: tuple[int, ...],
    *layers: Layer | Node,
    **parameters: NDArray[np.floating] | list[float] | list[list[float]],
) -> Engine:
    """An engine with these layers; `conv1_bias=` gives the parameter conv1.bias."""
    network = Network("hand-made", shape, layers)
    engine = ReferenceEngine(network, Recipe(batch_size=64))
    given: Mapping[str, NDArray[np.floating]] = {
        name.replace("_", "."): np.asarray(value, np.float32)
        for name, value in parameters.items()
    }
    engine.load_parameters({**initial_parameters(network, 0), **given})
    return engine


def held_by(name: str, engine: Engine) -> Engine:
    """An engine called so that holds what this one does."""
    found = engines.create(name, engine.network, Recipe(batch_size=64))
    found.load_parameters(engine.parameters())
    return found


def noise(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    """Numbers of a normal distribution, the same every time."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)
