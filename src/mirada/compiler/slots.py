"""Where every parameter lies in memory, and in which order its numbers do."""

from collections.abc import Iterator, Sequence
from math import prod
from typing import NamedTuple

from mirada.compiler.program import PARTS, Block, Slot
from mirada.compiler.stages import Cut
from mirada.network import Linear, Network, Node, Rate, Shape
from mirada.network.layer import Parameter
from mirada.network.rate import rate_factors

__all__ = ["Layout", "slots"]

_SLACK = 16


class Layout(NamedTuple):
    """Where the parameters of a network lie."""

    slots: dict[str, Slot]
    """By parameter."""
    blocks: tuple[Block, ...]
    """The learned ones, which come first: a block for each of their rates."""
    learned: int
    """Numbers that these take, padding included."""
    length: int
    """Numbers that all take: frozen ones and statistics follow."""


def slots(network: Network, cut: Cut, rates: Sequence[Rate] = ()) -> Layout:
    """The same for every program of a network that is trained at these rates."""
    images = {stage.node.name: stage.input for stage in cut.stages}
    factors = rate_factors(network, rates)
    learned = [factor for factor in dict.fromkeys(factors.values()) if factor]
    found: dict[str, Slot] = {}
    blocks: list[Block] = []
    start = 0
    for factor in (*(learned or [1.0]), 0.0):
        offset = start
        for node, parameter in _parameters(network):
            own = f"{node.name}.{parameter.name}"
            if factors.get(own, 0.0) == factor:
                image = images.get(node.name, ())
                slot = found[own] = _slot(node, parameter, image, offset)
                offset += -(-(prod(slot.shape) + _SLACK) // _SLACK) * _SLACK
        whole = PARTS * _SLACK
        least = whole if factor else 0
        length = max(-(-(offset - start) // whole) * whole, least)
        blocks.append(Block(start, length, factor))
        start += length
    ordered = {name: found[name] for name in network.parameters}
    return Layout(ordered, tuple(blocks[:-1]), blocks[-1].start, start)


def _parameters(network: Network) -> Iterator[tuple[Node, Parameter]]:
    for node in network.nodes:
        for parameter in node.layer.parameters(*network.input_shapes(node)):
            yield node, parameter


def _slot(node: Node, parameter: Parameter, image: Shape, offset: int) -> Slot:
    name, shape = f"{node.name}.{parameter.name}", parameter.shape
    split, axes, native = shape, tuple(range(len(shape))), shape
    if len(shape) == 4:
        axes = (0, 2, 3, 1)
        outputs, inputs, height, width = shape
        dense = getattr(node.layer, "dilation", (1, 1))[1] == 1
        rows = (height, width * inputs) if dense else (height * width, inputs)
        native = (outputs, *rows)
    elif isinstance(node.layer, Linear) and len(shape) == 2:
        flattened = len(image) == 3
        split = (shape[0], *image) if flattened else shape
        axes = (2, 3, 1, 0) if flattened else (1, 0)
        native = (shape[1], shape[0])
    return Slot(name, shape, native, offset, split, axes)
