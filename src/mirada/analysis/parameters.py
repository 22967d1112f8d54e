"""How many numbers a layer learns, weights and biases apart, with the substitution.

    convolution      (F*F*C/G + 1)*K      transposed convolution the same
    fully connected  (N_in + 1)*N_out     batch normalization  2*C

The running statistics of batch normalization are kept, not learned: they are counted
apart and are in no total, as in PyTorch.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import prod
from typing import NamedTuple

from mirada.analysis.arithmetic import equation, times
from mirada.network import (
    BatchNorm2d,
    Conv2d,
    ConvTranspose2d,
    Layer,
    Linear,
    Network,
    Node,
    Shape,
)

__all__ = [
    "ParameterCount",
    "count_parameters",
    "fully_connected",
    "fully_connected_equivalent",
]


class ParameterCount(NamedTuple):
    """What a layer learns, and how the number comes about."""

    weights: int
    biases: int
    statistics: int
    formula: str

    @property
    def total(self) -> int:
        """Weights and biases together."""
        return self.weights + self.biases


def count_parameters(network: Network, node: Node) -> ParameterCount:
    """The parameters of one layer of the network.

    >>> net = Network("one", (3, 32, 32), [Conv2d(6, 5)])
    >>> count_parameters(net, net.nodes[0])
    ParameterCount(weights=450, biases=6, statistics=0, formula='(5*5*3 + 1)*6 = 456')
    """
    inputs = network.input_shapes(node)
    counts = dict.fromkeys(("weight", "bias", "statistic"), 0)
    for parameter in node.layer.parameters(*inputs):
        counts[parameter.role] += prod(parameter.shape)
    learned = counts["weight"] + counts["bias"]
    left = _substitution(node.layer, inputs[0])
    formula = equation(left, learned) if left else ""
    weights, biases, statistics = counts.values()
    return ParameterCount(weights, biases, statistics, formula)


def _substitution(layer: Layer, shape: Shape) -> str:
    if isinstance(layer, BatchNorm2d):
        return times(2, shape[0])
    if isinstance(layer, Conv2d | ConvTranspose2d):
        terms = _terms(layer, shape[0])
        return _affine(terms, layer.out_channels, layer.bias)
    if isinstance(layer, Linear):
        return _affine(str(shape[0]), layer.out_features, layer.bias)
    return ""


def _terms(layer: Conv2d | ConvTranspose2d, channels: int) -> str:
    """The factors under one filter: 5*5*3, 3*3*32/2 for groups, 3*3 depthwise."""
    height, width = layer.kernel_size
    if layer.groups == channels > 1:
        return times(height, width)
    terms = times(height, width, channels)
    return terms if layer.groups == 1 else f"{terms}/{layer.groups}"


def _affine(terms: str, outputs: int, bias: bool) -> str:
    return f"({terms} + 1)*{outputs}" if bias else f"{terms}*{outputs}"


def fully_connected(sizes: Sequence[int]) -> ParameterCount:
    """The parameters of a fully connected network of these layer sizes.

    >>> fully_connected([3, 4, 2]).formula
    '(3 + 1)*4 + (4 + 1)*2 = 26'
    """
    pairs = list(pairwise(sizes))
    weights = sum(inputs * outputs for inputs, outputs in pairs)
    biases = sum(sizes[1:])
    left = " + ".join(_affine(str(inputs), outputs, True) for inputs, outputs in pairs)
    return ParameterCount(weights, biases, 0, equation(left, weights + biases))


def fully_connected_equivalent(inputs: Shape, outputs: Shape) -> ParameterCount:
    """What a fully connected layer between two shapes would learn.

    >>> fully_connected_equivalent((3, 32, 32), (6, 28, 28)).total
    14455392
    """
    weights, biases = prod(inputs) * prod(outputs), prod(outputs)
    left = f"({times(*inputs)} + 1)*{times(*outputs)}"
    return ParameterCount(weights, biases, 0, equation(left, weights + biases))
