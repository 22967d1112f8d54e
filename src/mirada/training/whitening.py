"""A first layer that makes the patches of the training images white.

Where a convolution of the network's input says `init whitening`, its filters are the
eigenvectors v[k] of the patches' second moments, divided by sqrt(eigenvalue + epsilon),
and then the same with the other sign: what it gives is uncorrelated and of one size
(David Page, "How to train your ResNet", 2019; arXiv 2404.00498).
"""

from itertools import count, takewhile

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from mirada.errors import DescriptionError
from mirada.network import INPUT, Conv2d, Node
from mirada.training.plan import Plan

__all__ = ["whitened", "whitening_filters"]

EPSILON = 5e-4
"""Keeps directions in which patches hardly differ from becoming noise."""
IMAGES = 5000
"""So many of the training images say enough of their patches."""
_CHUNK = 250

Doubles = NDArray[np.float64]


def whitened(plan: Plan) -> dict[str, NDArray[np.float32]]:
    """The weights of layers that begin by whitening, by the training images.

    Raises DescriptionError (`whitening-layer`) for a layer that cannot.
    """
    network = plan.configuration.network
    found = {}
    for node in network.nodes:
        if getattr(node.layer, "init", "") == "whitening":
            layer = _require(node, network.input)
            moments = _moments(plan, layer.kernel_size)
            weights = whitening_filters(moments, layer.out_channels)
            name = f"{node.name}.weight"
            found[name] = weights.reshape(network.parameters[name].shape)
    return found


def whitening_filters(moments: Doubles, filters: int) -> NDArray[np.float32]:
    """The filters (filters, length) for the second moments of patches.

    The largest eigenvalue comes first; of each vector the largest number is positive.

    >>> whitening_filters(np.diag([4.0, 1.0]), 3).round(2)
    array([[ 0.5,  0. ],
           [ 0. ,  1. ],
           [-0.5, -0. ]], dtype=float32)
    """
    values, vectors = np.linalg.eigh(moments)
    rows = vectors.T[::-1] / np.sqrt(np.maximum(values, 0.0) + EPSILON)[::-1, None]
    largest = np.abs(rows).argmax(axis=1)
    rows = rows * np.sign(rows[np.arange(len(rows)), largest])[:, None]
    return np.concatenate([rows, -rows])[:filters].astype(np.float32)


def _require(node: Node, shape: tuple[int, ...]) -> Conv2d:
    layer = node.layer
    most = 0
    if isinstance(layer, Conv2d) and node.source == INPUT:
        most = 2 * shape[0] * layer.kernel_size[0] * layer.kernel_size[1]
        plain = layer.groups == 1 and layer.dilation == (1, 1)
        if plain and layer.out_channels <= most:
            return layer
    raise DescriptionError(
        "whitening-layer",
        "Layer {name!r} begins by whitening, which a convolution of the network's "
        "input can, without groups and dilation, and of at most two filters for each "
        "number of its window ({most} here). Change it, or choose another init.",
        name=node.name,
        most=most or "-",
    )


def _moments(plan: Plan, kernel: tuple[int, int]) -> Doubles:
    """The mean of p p' over all patches p of the first training images.

    Added up in one order, without a library of linear algebra, so that the number of
    threads changes no bit.
    """
    samples = np.sort(plan.split.train)[:IMAGES]
    pieces = (samples[at : at + _CHUNK] for at in count(0, _CHUNK))
    total, patches = np.zeros(()), 0
    for piece in takewhile(len, pieces):
        pixels = np.asarray(plan.data.images)[piece]
        images = plan.configuration.preprocessing.normalize(pixels)
        windows = sliding_window_view(images, kernel, axis=(2, 3))
        rows = windows.transpose(1, 4, 5, 0, 2, 3).astype(np.float64)
        rows = rows.reshape(-1, rows[0, 0, 0].size)
        total = total + np.einsum("in,jn->ij", rows, rows)
        patches += rows.shape[1]
    return np.asarray(total / patches)
