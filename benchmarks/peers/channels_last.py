"""Weights and images with the channels last, for peers that keep them so."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from benchmarks.peers.peer import NotOfferedError
from mirada.network import Conv2d, Flatten, Linear, Network, Node

__all__ = ["channels_last", "outputs_shape", "weights"]

Floats = NDArray[np.float32]


def channels_last(images: Floats) -> Floats:
    """Images (n, c, h, w) as (n, h, w, c); vectors stay."""
    if images.ndim != 4:
        return images
    return np.ascontiguousarray(images.transpose(0, 2, 3, 1))


def outputs_shape(network: Network, batch: int) -> tuple[int, ...]:
    """The shape of a batch of outputs with the channels last."""
    return (batch, *network.output[1:], network.output[0])


def weights(
    network: Network, parameters: Mapping[str, Floats]
) -> dict[str, dict[str, Floats]]:
    """The parameters by layer: kernels (kh, kw, ic, oc), matrices (in, out)."""
    found: dict[str, dict[str, Floats]] = {}
    for node in network.nodes:
        prefix = f"{node.name}."
        own = {
            name.removeprefix(prefix): value
            for name, value in parameters.items()
            if name.startswith(prefix)
        }
        if isinstance(node.layer, Conv2d):
            own["weight"] = np.ascontiguousarray(own["weight"].transpose(2, 3, 1, 0))
        if isinstance(node.layer, Linear):
            own["weight"] = np.ascontiguousarray(_columns(network, node, own).T)
        found[node.name] = own
    return found


def _columns(network: Network, node: Node, own: Mapping[str, Floats]) -> Floats:
    """The matrix with its columns in the order of a flattened image of ours."""
    weight = own["weight"]
    source = next((n for n in network.nodes if n.name == node.source), None)
    if source is None or not isinstance(source.layer, Flatten):
        return weight
    shape = network.shapes[source.source]
    if len(shape) != 3:
        raise NotOfferedError("flattening what is flat is not written for this peer")
    return weight.reshape(-1, *shape).transpose(0, 2, 3, 1).reshape(weight.shape)
