"""A network put together layer by layer from what another program computes.

Whoever reads a graph of another program says which layer stands there, on which values,
with which arrays; here it gets a name of its own, zeros around an image go into the
window that follows, and what leads to no output is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.errors import Phrase
from mirada.importing.naming import legal_name
from mirada.network import (
    INPUT,
    AvgPool2d,
    Conv2d,
    Flatten,
    Layer,
    Network,
    Node,
    Shape,
)
from mirada.network.graph import RESERVED
from mirada.network.window import Sides, added

__all__ = ["Array", "Builder", "Built", "MisfitError", "Value"]

Array = NDArray[np.float32]

_NO_PAD: Sides = (0, 0, 0, 0)


class Built(NamedTuple):
    """A network that was made elsewhere, with its parameters by their full names."""

    network: Network
    parameters: Mapping[str, Array]


class MisfitError(Exception):
    """Why one operation is no layer of mirada's; those who read a graph collect it."""

    def __init__(self, reason: Phrase) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Value:
    """What a layer gives: its name, its shape, and zeros still to be put around it."""

    name: str
    shape: Shape
    pad: Sides = _NO_PAD

    @property
    def padded(self) -> Shape:
        """The shape with the zeros."""
        if self.pad == _NO_PAD:
            return self.shape
        channels, height, width = self.shape
        top, bottom, left, right = self.pad
        return channels, height + top + bottom, width + left + right


class Builder:
    """The layers so far.

    >>> from mirada.network import Flatten, ReLU
    >>> builder = Builder("tiny", (1, 2, 2))
    >>> value = builder.place(ReLU(), [builder.input], within="stem.act")
    >>> found = builder.place(Flatten(), [value], name="flat")
    >>> [node.name for node in builder.finish(found).network.nodes]
    ['stem_act_relu1', 'flat']
    """

    def __init__(self, name: str, shape: Shape) -> None:
        self.name = legal_name(name) or "network"
        self.input = Value(INPUT, shape)
        self._nodes: dict[str, Node] = {}
        self._parameters: dict[str, Array] = {}

    def place(
        self,
        layer: Layer,
        inputs: Sequence[Value],
        *,
        name: str = "",
        within: str = "",
        arrays: Mapping[str, Array] | None = None,
    ) -> Value:
        """What the layer gives on these inputs, under a name that is free.

        `name` is what it is called elsewhere; without one it gets its kind and a
        number, behind the name of what it stands `within`. Raises MisfitError, or
        DescriptionError where the layer does not fit.
        """
        layer = _with_zeros(layer, inputs)
        shape = layer.output(*(value.shape for value in inputs))
        free = self._free_name(name, within, layer.kind)
        source, *others = (value.name for value in inputs)
        self._nodes[free] = Node(layer, free, source, tuple(others))
        for own, array in (arrays or {}).items():
            self._parameters[f"{free}.{own}"] = np.ascontiguousarray(array, np.float32)
        return Value(free, shape)

    def flattened(self, name: str) -> bool:
        """Whether a flatten gives this value or takes it."""
        return any(
            isinstance(node.layer, Flatten) and name in (node.name, node.source)
            for node in self._nodes.values()
        )

    def finish(self, output: Value) -> Built:
        """The network that ends with `output`; what does not lead there is left out."""
        if output.pad != _NO_PAD:
            raise MisfitError(Phrase("nothing takes the zeros around the last image"))
        used: set[str] = set()
        left = [output.name]
        while left:
            name = left.pop()
            if name not in used and name != INPUT:
                used.add(name)
                left.extend(self._nodes[name].inputs)
        nodes = [node for name, node in self._nodes.items() if name in used]
        network = Network(self.name, self.input.shape, nodes)
        found = {name: self._parameters[name] for name in network.parameters}
        return Built(network, found)

    def _free_name(self, name: str, within: str, kind: str) -> str:
        wanted = legal_name(name)
        if wanted:
            tries = (wanted if n == 1 else f"{wanted}_{n}" for n in count(1))
        else:
            prefix = f"{legal_name(within)}_" if within else ""
            tries = (f"{prefix}{kind}{n}" for n in count(1))
        taken = {*self._nodes, INPUT, *RESERVED}
        return next(found for found in tries if found not in taken)


def _with_zeros(layer: Layer, inputs: Sequence[Value]) -> Layer:
    """The layer that also adds the zeros around its input."""
    if all(value.pad == _NO_PAD for value in inputs):
        return layer
    (value, *_) = inputs
    if isinstance(layer, Conv2d):
        return replace(layer, padding=_more(layer, value))
    counts = isinstance(layer, AvgPool2d) and (
        layer.count_padding or layer.padding == _NO_PAD
    )
    if isinstance(layer, AvgPool2d) and counts and not layer.ceil:
        return replace(layer, padding=_more(layer, value), count_padding=True)
    raise MisfitError(
        Phrase("zeros go around its image, which only a convolution can take over")
    )


def _more(layer: Conv2d | AvgPool2d, value: Value) -> Sides:
    """The padding of a window with the zeros around its input."""
    rows, columns = layer.windows(value.padded)
    return added((rows.start, rows.end, columns.start, columns.end), value.pad)
