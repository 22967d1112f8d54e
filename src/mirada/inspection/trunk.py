"""The first layers of a network as a network of their own.

Gradients of a unit inside a network are those of an output of its trunk.
"""

from mirada.engines import Engine
from mirada.network import INPUT, Network

__all__ = ["reached", "trunk", "trunk_engine"]


def trunk(network: Network, layer: str) -> Network:
    """The network that ends in a layer: that one, and all that it takes.

    >>> from mirada.network import Conv2d, Linear, Flatten
    >>> whole = Network("tiny", (1, 5, 5), (Conv2d(2, 3), Flatten(), Linear(4)))
    >>> trunk(whole, "conv1").output
    (2, 3, 3)
    """
    needed = reached(network, layer)
    kept = [node for node in network.nodes if node.name in needed]
    return Network(network.name, network.input, kept)


def reached(network: Network, layer: str, without: str = "") -> set[str]:
    """The layer and all that it takes, the input too, as if `without` were cut out.

    >>> from mirada.network import Linear
    >>> sorted(reached(Network("tiny", (3,), (Linear(2), Linear(4))), "linear1"))
    ['input', 'linear1']
    """
    found: set[str] = set()
    waiting = [layer]
    while waiting:
        name = waiting.pop()
        if name not in found and name != without:
            found.add(name)
            waiting += network.by_name[name].inputs if name != INPUT else ()
    return found


def trunk_engine(engine: Engine, layer: str) -> Engine:
    """An engine of the same kind that holds the trunk with the engine's parameters.

    >>> from mirada import engines
    >>> from mirada.network import Linear, Recipe, Softmax
    >>> soft = Network("soft", (3,), (Linear(2), Softmax()))
    >>> made = trunk_engine(engines.create("reference", soft, Recipe()), "linear1")
    >>> [node.name for node in made.network.nodes]
    ['linear1']
    """
    part = trunk(engine.network, layer)
    found, own = engine.alike(part), engine.parameters()
    found.load_parameters({name: own[name] for name in part.parameters})
    return found
