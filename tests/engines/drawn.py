"""Networks that the native engine compiles, as drawn tests draw them."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from mirada.network import Conv2d, Network
from tests.strategies import networks

__all__ = ["COMPILED", "compiled_networks"]

COMPILED = (
    "conv",
    "maxpool",
    "avgpool",
    "globalavgpool",
    "relu",
    "dropout",
    "flatten",
    "linear",
)
"""The kinds of layer that are compiled anywhere in a network."""


def compiled_networks(**sizes: Any) -> st.SearchStrategy[Network]:
    """Networks of compiled kinds; a convolution's groups are made one."""
    return networks(COMPILED, **sizes).map(_ungrouped)


def _ungrouped(network: Network) -> Network:
    layers = [
        replace(node, layer=replace(node.layer, groups=1))
        if isinstance(node.layer, Conv2d)
        else node
        for node in network.nodes
    ]
    return replace(network, layers=tuple(layers))
