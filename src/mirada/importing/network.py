"""The layers that were made of a graph as a network, in order and with legal names."""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mirada.importing.naming import legal_name
from mirada.importing.values import Made
from mirada.network import INPUT, Network, Node, Shape
from mirada.network.graph import RESERVED

__all__ = ["network_of"]

_NUMBERED = re.compile(r"[A-Za-z]+_\d+")
"""What exporters call nodes that have no name: Conv_12."""

Parameters = dict[str, NDArray[np.float32]]


def network_of(name: str, shape: Shape, last: Made) -> tuple[Network, Parameters]:
    """The network that ends in a layer, and its parameters; others are left out.

    Raises DescriptionError where it cannot be one.
    """
    order = _in_order(last)
    names = _names(order)
    nodes = []
    for made in order:
        first, *others = (INPUT if one is None else names[one] for one in made.sources)
        nodes.append(Node(made.layer, names[made], first, tuple(others)))
    parameters = {
        f"{names[made]}.{key}": np.ascontiguousarray(value, np.float32)
        for made in order
        for key, value in made.parameters.items()
    }
    return Network(name, shape, nodes), parameters


def _in_order(last: Made) -> list[Made]:
    """What the last one needs, each after what it takes.

    A graph's nodes are in order, and so are layers by the age of their making; of what
    is not needed there is nothing to say.
    """
    found: dict[Made, int] = {}
    waiting: list[tuple[Made, Iterator[Made | None]]] = [(last, iter(last.sources))]
    begun = {last}
    while waiting:
        made, sources = waiting[-1]
        for source in sources:
            if source is not None and source not in begun:
                begun.add(source)
                waiting.append((source, iter(source.sources)))
                break
        else:
            found[made] = len(found)
            waiting.pop()
    return list(found)


def _names(order: list[Made]) -> dict[Made, str]:
    """Each layer's wish where it is a name of its own, else its kind and a number."""
    wishes = {made: legal_name(made.wish) for made in order}
    found: dict[Made, str] = {}
    taken = {INPUT, *RESERVED}
    for made, wish in wishes.items():
        if wish and wish not in taken and not _NUMBERED.fullmatch(wish):
            found[made] = wish
            taken.add(wish)
    count: dict[str, int] = {}
    for made in order:
        kind = made.layer.kind
        count[kind] = count.get(kind, 0) + 1
        if made not in found:
            number = count[kind]
            while f"{kind}{number}" in taken:
                number += 1
            found[made] = f"{kind}{number}"
            taken.add(found[made])
    return found
