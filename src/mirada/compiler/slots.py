"""Where every parameter lies in memory, and in which order its numbers do."""

from math import prod

from mirada.compiler.program import PARTS, Slot
from mirada.compiler.stages import Cut
from mirada.network import Linear, Network, Node, Shape
from mirada.network.layer import Parameter

__all__ = ["slots"]

_SLACK = 16


def slots(network: Network, cut: Cut) -> tuple[dict[str, Slot], int, int]:
    """The slots by parameter, the learned ones first; how many numbers those take.

    And all, padding included. The same for every program of a network.
    """
    images = {stage.node.name: stage.input for stage in cut.stages}
    found: dict[str, Slot] = {}
    offset = 0
    ends = []
    for learned in (True, False):
        for node in network.nodes:
            given = network.input_shapes(node)
            for parameter in node.layer.parameters(*given):
                if (parameter.role != "statistic") is learned:
                    slot = _slot(node, parameter, images.get(node.name, ()), offset)
                    found[slot.name] = slot
                    offset += -(-(prod(slot.shape) + _SLACK) // _SLACK) * _SLACK
        whole = PARTS * _SLACK
        offset = max(-(-offset // whole) * whole, whole)
        ends.append(offset)
    ordered = {name: found[name] for name in network.parameters}
    return ordered, ends[0], ends[1]


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
