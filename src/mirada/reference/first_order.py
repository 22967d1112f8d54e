"""How far a deep network computed with roundings may be off, to first order.

The worst case that `bounds` follows assumes in every layer that all errors before it
add up, and so grows by orders of magnitude with each of them: for a network of twenty
layers it says nothing. To first order in the unit roundoff, what the roundings of one
layer do to an output is known exactly, by the gradient of that output:

    |error of y[k]| <= sum over all elements x of |dy[k] / dx| |rounding of x|

Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.8
(running and forward error by the condition of each part).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mirada.network import Network
from mirada.reference.bounds import forward_bound
from mirada.reference.layer import Arrays, Moment
from mirada.reference.network import backward, forward, own_parameters
from mirada.reference.rounding import Bounded, unit

__all__ = ["first_order_bounds"]

Array = NDArray[np.float64]
Numbers = NDArray[np.floating]


def first_order_bounds(
    network: Network,
    parameters: Mapping[str, Numbers],
    images: Numbers,
    dtype: DTypeLike,
    most: int = 10,
) -> Bounded:
    """The exact outputs, flat (n, outputs), with the bounds of the largest `most`.

    The bounds of the others are infinite: each takes a way back through the network.

    >>> from mirada.network import ReLU
    >>> network = Network("tiny", (1, 1, 2), (ReLU(),))
    >>> first_order_bounds(network, {}, np.ones((1, 1, 1, 2)), np.float32).value
    array([[1., 1.]])
    """
    activations = forward(network, parameters, images)
    roundings = _roundings(network, parameters, activations, dtype)
    last = network.nodes[-1].name
    outputs = activations[last].reshape(len(images), -1)
    bound = np.full(outputs.shape, np.inf)
    rows = np.arange(len(outputs))
    for columns in np.argsort(-outputs, axis=1, kind="stable")[:, :most].T:
        asked = np.zeros(outputs.shape)
        asked[rows, columns] = 1.0
        arriving = {last: asked.reshape(activations[last].shape)}
        found = backward(network, parameters, activations, arriving).activations
        parts = (
            (np.abs(found[name]) * rounding).reshape(len(images), -1).sum(axis=1)
            for name, rounding in roundings.items()
        )
        bound[rows, columns] = sum(parts, np.zeros(len(images)))
    return Bounded(outputs, bound, unit(dtype))


def _roundings(
    network: Network,
    parameters: Mapping[str, Numbers],
    activations: Arrays,
    dtype: DTypeLike,
) -> dict[str, Array]:
    """What every layer rounds off by itself, its inputs being exact."""
    u = unit(dtype) + unit(np.float64)
    found = {}
    for place, node in enumerate(network.nodes):
        inputs = tuple(Bounded.exact(activations[name], u) for name in node.inputs)
        own, moment = own_parameters(node, parameters), Moment(place=place)
        found[node.name] = forward_bound(node.layer)(
            node.layer, inputs, own, moment
        ).bound
    return found
