"""Wrong ways to lay an image out as one vector, and what comes of them.

`flatten-order`       the product of the sizes before the last pooling, the shape in
                      place of the vector, or the product of two of the three sizes
`channels-forgotten`  height times width
"""

from collections.abc import Iterator
from fractions import Fraction
from math import prod

from mirada.analysis.arithmetic import number
from mirada.analysis.checking.slip import Slip
from mirada.analysis.size_reading import Amounts, size_text
from mirada.errors import Phrase
from mirada.network import AvgPool2d, MaxPool2d, Network, Node

__all__ = ["flatten_slips", "flattened_before_pooling", "flattenings"]


def flatten_slips(network: Network, node: Node, shape: Amounts) -> Iterator[Slip]:
    """Every slip at the size of a flatten layer on this image."""
    yield Slip((), (prod(shape, start=Fraction(1)),), "", ())
    yield _left_as_shape(shape)
    before = flattened_before_pooling(network, node)
    for kinds, sizes, why in flattenings(shape, before):
        value = prod(sizes, start=Fraction(1))
        formula = f"{'*'.join(map(number, sizes))} = {number(value)}"
        yield Slip(kinds, (value,), formula, why)


def _left_as_shape(shape: Amounts) -> Slip:
    why = Phrase(
        "{shape} is the shape before flattening, and the vector is as long as the "
        "product of the three",
        shape=size_text(shape),
    )
    return Slip(("flatten-order",), shape, "", (why,), is_whole=True)


def flattened_before_pooling(network: Network, node: Node) -> Amounts | None:
    """The shape before the last pooling before a layer; None where there is none."""
    nodes = {other.name: other for other in network.nodes}
    source = nodes.get(node.source)
    while source is not None and len(source.inputs) == 1:
        before = network.input_shapes(source)[0]
        if isinstance(source.layer, MaxPool2d | AvgPool2d):
            return tuple(map(Fraction, before))
        if len(before) != 3 or before != network.shapes[source.name]:
            return None
        source = nodes.get(source.source)
    return None


_Flattening = tuple[tuple[str, ...], Amounts, tuple[Phrase, ...]]


def flattenings(shape: Amounts, before: Amounts | None) -> Iterator[_Flattening]:
    """Wrong ways to flatten: the mistake, the sizes that are multiplied, and why."""
    channels, height, width = shape
    if before is not None:
        why = Phrase("it is flattened before the last pooling, not after it")
        yield ("flatten-order",), before, (why,)
    why = Phrase("one of the three sizes is left out of the product")
    for sizes in ((height, width), (height, channels), (width, channels)):
        yield ("flatten-order",), sizes, (why,)
    why = Phrase("the {count} channels are left out", count=number(channels))
    yield ("channels-forgotten",), (height, width), (why,)
