"""The first layers of a network as a network of their own.

Gradients of a unit inside a network are those of an output of its trunk.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mirada import engines
from mirada.engines import Engine
from mirada.network import Network, Node, Recipe

__all__ = ["trunk", "trunk_engine"]


def trunk(network: Network, layer: str) -> Network:
    """The network that ends in a layer: that one, and all that it takes.

    >>> from mirada.network import Conv2d, Linear, Flatten
    >>> whole = Network("tiny", (1, 5, 5), (Conv2d(2, 3), Flatten(), Linear(4)))
    >>> trunk(whole, "conv1").output
    (2, 3, 3)
    """
    nodes = {node.name: node for node in network.nodes}
    needed, waiting = dict[str, Node](), [layer]
    while waiting:
        name = waiting.pop()
        if name in nodes and name not in needed:
            needed[name] = nodes[name]
            waiting.extend(nodes[name].inputs)
    kept = [node for name, node in nodes.items() if name in needed]
    return Network(network.name, network.input, kept)


def trunk_engine(
    name: str,
    network: Network,
    parameters: Mapping[str, NDArray[np.floating]],
    layer: str,
) -> Engine:
    """An engine called `name` that holds the trunk with its trained parameters."""
    part = trunk(network, layer)
    engine = engines.create(name, part, Recipe(batch_size=1), trains=False)
    engine.load_parameters({n: parameters[n] for n in part.parameters})
    return engine
