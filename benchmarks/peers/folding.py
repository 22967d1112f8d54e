"""Batch normalization folded into the convolution before it, for inference."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mirada.network import BatchNorm2d, Conv2d, Network, Node

__all__ = ["folded"]

Arrays = dict[str, NDArray[np.float32]]


def folded(
    network: Network, parameters: Mapping[str, NDArray[np.float32]]
) -> tuple[Network, Arrays]:
    """The network without the normalizations that a convolution can take over.

    w' = w * s and b' = (b - mean) * s + bias, with s = weight / sqrt(var + epsilon).
    """
    known, kept = dict(parameters), list[Node]()
    nodes, taken = {node.name: node for node in network.nodes}, dict[str, str]()
    for node in network.nodes:
        source = nodes.get(node.source)
        alone = source is not None and len(network.readers[source.name]) == 1
        if (
            source is not None
            and alone
            and isinstance(node.layer, BatchNorm2d)
            and isinstance(source.layer, Conv2d)
        ):
            _fold(known, source, node, node.layer.epsilon)
            place = next(i for i, k in enumerate(kept) if k.name == source.name)
            wide = replace(source.layer, bias=True)
            kept[place] = replace(kept[place], layer=wide)
            taken[node.name] = source.name
            continue
        names = [taken.get(name, name) for name in node.inputs]
        kept.append(replace(node, source=names[0], others=tuple(names[1:])))
    return Network(network.name, network.input, kept), known


def _fold(known: Arrays, conv: Node, norm: Node, epsilon: float) -> None:
    names = ("weight", "bias", "running_mean", "running_var")
    weight, bias, mean, variance = (known.pop(f"{norm.name}.{n}") for n in names)
    scale = weight / np.sqrt(variance + np.float32(epsilon))
    before = known.get(f"{conv.name}.bias", np.zeros_like(mean))
    known[f"{conv.name}.weight"] = known[f"{conv.name}.weight"] * scale.reshape(
        -1, 1, 1, 1
    )
    known[f"{conv.name}.bias"] = (before - mean) * scale + bias
