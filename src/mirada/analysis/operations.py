"""How much a layer computes, in multiply-accumulates (MACs).

One MAC is one multiplication with its addition. Convolutions, transposed convolutions
and linear layers are counted, taps that fall on padding included. The addition of the
bias, activations, normalization, joins and resizing are not; pooling multiplies
nothing: 0.
"""

from math import prod
from typing import NamedTuple

from mirada.analysis.arithmetic import equation, times
from mirada.network import Conv2d, ConvTranspose2d, Linear, Network, Node
from mirada.network.window import Window

__all__ = ["DenseMatrix", "Operations", "count_operations", "dense_matrix"]


class Operations(NamedTuple):
    """The MACs of a layer for one image, and how the number comes about."""

    macs: int
    formula: str


def count_operations(network: Network, node: Node) -> Operations:
    """The MACs of one layer of the network.

    >>> net = Network("one", (3, 32, 32), [Conv2d(6, 5)])
    >>> count_operations(net, net.nodes[0])
    Operations(macs=352800, formula='28*28*6 * 5*5*3 = 352800')
    """
    layer, shape = node.layer, network.input_shapes(node)[0]
    output = network.shapes[node.name]
    if isinstance(layer, Conv2d):
        places = (*output[1:], output[0])
        return _product(places, (*layer.kernel_size, shape[0]), layer.groups)
    if isinstance(layer, ConvTranspose2d):
        # Every input pixel is multiplied with the whole kernel.
        places = (*shape[1:], shape[0])
        return _product(places, (*layer.kernel_size, output[0]), layer.groups)
    if isinstance(layer, Linear):
        return _product(shape, output, 1)
    return Operations(0, "")


def _product(
    places: tuple[int, ...], terms: tuple[int, ...], groups: int
) -> Operations:
    macs = prod(places) * prod(terms) // groups
    space = " " if len(places) > 1 else ""
    left = f"{times(*places)}{space}*{space}{times(*terms)}"
    return Operations(macs, equation(left + (f"/{groups}" if groups > 1 else ""), macs))


class DenseMatrix(NamedTuple):
    """A convolution written as one matrix on the flattened image.

    `operations` is what sliding the filter takes: multiplications and additions
    counted one by one, without bias.
    """

    rows: int
    columns: int
    nonzero: int
    operations: int

    @property
    def entries(self) -> int:
        """How many numbers the matrix holds, zeros included."""
        return self.rows * self.columns


def dense_matrix(network: Network, node: Node) -> DenseMatrix:
    """The matrix that does what a convolution of the network does.

    Entries that would fall on padding are not in it. The edge example of Goodfellow,
    Bengio, Courville, "Deep learning" (2016), section 9.2:

    >>> edges = Network("edges", (1, 280, 320), [Conv2d(1, (1, 2), bias=False)])
    >>> matrix = dense_matrix(edges, edges.nodes[0])
    >>> matrix.entries, matrix.nonzero, matrix.operations
    (8003072000, 178640, 267960)
    """
    layer, shape = node.layer, network.input_shapes(node)[0]
    assert isinstance(layer, Conv2d)
    output = network.shapes[node.name]
    channels = shape[0] // layer.groups
    lengths = zip(layer.windows(shape), shape[1:], output[1:], strict=True)
    reads = [_inside(*along) for along in lengths]
    terms = channels * prod(layer.kernel_size)
    return DenseMatrix(
        rows=prod(output),
        columns=prod(shape),
        nonzero=output[0] * channels * prod(reads),
        operations=prod(output) * (2 * terms - 1),
    )


def _inside(window: Window, length: int, count: int) -> int:
    """How many taps of all `count` windows fall on the input and not on padding."""
    found = 0
    for tap in range(window.size):
        # The window at `place` reads place*S - offset.
        offset = window.start - tap * window.dilation
        first = max(-(-offset // window.stride), 0)
        last = min((length - 1 + offset) // window.stride, count - 1)
        found += max(last - first + 1, 0)
    return found
