"""The head of a classifier: the layer that has one output for each class."""

from dataclasses import replace
from typing import Any

from mirada.errors import ConfigurationError
from mirada.network.convolution import Conv2d
from mirada.network.graph import Network, Node
from mirada.network.linear import Linear

__all__ = ["head_of", "with_classes"]


def head_of(network: Network) -> Node | None:
    """The last linear layer; without one the last convolution; None without either.

    >>> from mirada.models import lenet5
    >>> head_of(lenet5()).name
    'linear3'
    """
    for kind in (Linear, Conv2d):
        found = [node for node in network.nodes if isinstance(node.layer, kind)]
        if found:
            return found[-1]
    return None


def with_classes(network: Network, count: int) -> Network:
    """The network with a head for so many classes, everything else as it was.

    Raises ConfigurationError (`network-without-head`) where no layer decides how many
    classes there are.

    >>> from mirada.models import lenet5
    >>> with_classes(lenet5(), 5).output
    (5,)
    """
    head = head_of(network)
    if head is not None:
        layer: Any = head.layer
        field = "out_features" if isinstance(layer, Linear) else "out_channels"
        other = replace(head, layer=replace(layer, **{field: count}))
        nodes = [other if node is head else node for node in network.nodes]
        found = Network(network.name, network.input, nodes)
        if found.output in ((count,), (count, 1, 1)):
            return found
    raise ConfigurationError(
        "network-without-head",
        "Network {network!r} has no layer that could be replaced by one for {count} "
        "classes: it would have to be its last linear layer or convolution. Name a "
        "network for these images, which then takes the weights that fit.",
        network=network.name,
        count=count,
    )
