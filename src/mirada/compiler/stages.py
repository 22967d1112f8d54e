"""The network as stages: layers that are computed as one, in an order that works.

A convolution takes the ReLU behind it and the max pooling behind that along; where
nothing is differentiated, batch normalization and a sum too. Batch normalization takes
a sum and a ReLU, a linear layer its ReLU. Only what nobody else reads is taken.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import cast

from mirada.errors import UnsupportedError
from mirada.network import (
    INPUT,
    Add,
    BatchNorm2d,
    Concat,
    Conv2d,
    CrossEntropy,
    Dropout,
    Flatten,
    Layer,
    Linear,
    Loss,
    MaxPool2d,
    Multiply,
    Network,
    Node,
    ReLU,
    Shape,
    Softmax,
)
from mirada.network.window import Window

__all__ = ["Cut", "Form", "Stage", "cut"]

_ORDERED = Linear | Flatten | Concat | Add | Multiply
"""Layers whose value lies as the vector it is."""
_MOST_POOLED = 16
_MOST_WINDOW = 4096


@dataclass(frozen=True)
class Form:
    """For what the network is computed: which layers may be taken along follows."""

    training: bool = False
    """Statistics are the batch's, dropout drops."""
    backward: bool = False
    """Gradients are wanted."""
    loss: Loss | None = None
    wanted: frozenset[str] = frozenset()
    """Layers whose values or gradients are asked for by name."""
    unpooled: frozenset[str] = frozenset()
    """Convolutions that take no pooling along."""


@dataclass(frozen=True)
class Stage:
    """Layers computed together: the first one, and what it takes along."""

    nodes: tuple[Node, ...]
    sources: tuple[str, ...]
    """The values it reads: the first layer's, then what is added."""
    shapes: tuple[Shape, ...]
    """Their shapes as they lie in memory: a flattened image still is one."""
    output: Shape
    """The shape of its value as it lies in memory."""
    place: int
    """The first layer's position in the network."""
    vector: bool = False
    """Whether the network takes its value for a vector."""

    @property
    def node(self) -> Node:
        """The first layer in its place."""
        return self.nodes[0]

    @property
    def layer(self) -> Layer:
        """The first layer."""
        return self.node.layer

    @property
    def name(self) -> str:
        """The last layer's name, which is its value's."""
        return self.nodes[-1].name

    @property
    def input(self) -> Shape:
        """The shape of the first value it reads."""
        return self.shapes[0]

    def taken(self, kind: type[Layer]) -> Node | None:
        """The layer of a kind that was taken along, if one was."""
        for node in self.nodes[1:]:
            if isinstance(node.layer, kind):
                return node
        return None

    @property
    def relu(self) -> bool:
        """Whether a ReLU was taken along."""
        return self.taken(ReLU) is not None

    @property
    def norm(self) -> Node | None:
        """The batch normalization that was taken along."""
        return self.taken(BatchNorm2d)

    @property
    def adds(self) -> bool:
        """Whether its last source is added to what it computes."""
        return self.taken(Add) is not None

    @property
    def pool(self) -> MaxPool2d | None:
        """The max pooling that was taken along."""
        found = self.taken(MaxPool2d)
        return cast(MaxPool2d, found.layer) if found is not None else None

    @property
    def windows(self) -> tuple[Window, Window] | None:
        """The windows that the first layer slides over its input."""
        return self.layer.windows(self.input)

    @property
    def slide(self) -> tuple[Window, Window]:
        """The same, for a layer that has them."""
        assert self.windows is not None
        return self.windows

    @property
    def pooling(self) -> tuple[Window, Window]:
        """The windows of the max pooling taken along."""
        assert self.pool is not None
        return self.pool.windows(())


@dataclass(frozen=True)
class Cut:
    """A network cut into stages."""

    stages: tuple[Stage, ...]
    values: Mapping[str, str]
    """By every layer's name, the stage (or INPUT) whose value is its own; a layer that
    was taken along has none."""
    last: str
    """The value that is the network's output, or what the loss reads."""


def cut(network: Network, form: Form) -> Cut:
    """The stages in order; `UnsupportedError` names a layer that is not compiled."""
    return _Cutting(network, form).result()


class _Cutting:
    """One network on its way to stages."""

    def __init__(self, network: Network, form: Form) -> None:
        self.network, self.form = network, form
        nodes = list(network.nodes)
        # Cross-entropy starts from the scores: a last softmax is left out.
        if isinstance(form.loss, CrossEntropy) and isinstance(nodes[-1].layer, Softmax):
            nodes.pop()
        known = {node.name for node in nodes}
        self.nodes = nodes
        self.named = {node.name: node for node in nodes}
        self.places = {node.name: place for place, node in enumerate(network.nodes)}
        self.readers = {
            name: [self.named[one] for one in readers if one in known]
            for name, readers in network.readers.items()
        }
        self.last = network.nodes[-1].source if len(nodes) < len(network.nodes) else ""
        self.last = self.last or nodes[-1].name
        self.values: dict[str, str] = {INPUT: INPUT}
        self.memory: dict[str, Shape] = {INPUT: network.input}

    def result(self) -> Cut:
        """Chains of layers, each where its last layer stands."""
        chains: dict[str, tuple[Node, ...]] = {}
        taken: set[str] = set()
        for node in self.nodes:
            _check(node)
            if node.name in taken or self.transparent(node):
                continue
            chain = self.chain(node, taken)
            taken |= {one.name for one in chain}
            chains[chain[-1].name] = chain
        stages = []
        for node in self.nodes:
            if node.name in chains:
                stages.append(self.stage(chains[node.name]))
            elif node.name not in taken:
                self.values[node.name] = self.values[node.source]
        return Cut(tuple(stages), self.values, self.values[self.last])

    def stage(self, chain: tuple[Node, ...]) -> Stage:
        first, last = chain[0], chain[-1]
        sources = [self.values[name] for name in first.inputs]
        for before, node in pairwise(chain):
            if isinstance(node.layer, Add):
                (other,) = (name for name in node.inputs if name != before.name)
                sources.append(self.values[other])
        output = self.network.shapes[last.name]
        vector = len(output) == 1
        inside = self.memory[sources[0]]
        if vector and not isinstance(first.layer, _ORDERED):
            output = inside
        self.values[last.name] = last.name
        self.memory[last.name] = output
        shapes = tuple(self.memory[name] for name in sources)
        place = self.places[first.name]
        return Stage(chain, tuple(sources), shapes, output, place, vector)

    def transparent(self, node: Node) -> bool:
        """Whether the layer's value is that of the layer before it, as it lies."""
        if isinstance(node.layer, Dropout):
            # Its gradient is its own where others read what it reads.
            asked = {node.name, node.source} & self.form.wanted
            return not self.form.training and not (self.form.backward and asked)
        return isinstance(node.layer, Flatten) and self.lazy(node)

    def lazy(self, node: Node) -> bool:
        """Whether a flattened image may stay one: a linear layer reads it anyhow.

        Or nobody does: it leaves the network in the order of its channels.
        """
        alone = len(self.readers[node.source]) == 1
        return alone and self.unordered(node)

    def unordered(self, node: Node) -> bool:
        for reader in self.readers[node.name]:
            if isinstance(reader.layer, Linear):
                continue
            if reader.layer.joins or not self.unordered(reader):
                return False
        return True

    def chain(self, node: Node, taken: Collection[str]) -> tuple[Node, ...]:
        """The layer and those it takes along."""
        chain = [node]
        for kind in self.kinds(node):
            following = self.following(chain[-1], taken)
            if following is not None and isinstance(following.layer, kind):
                if kind is Add and not _two_values(following):
                    break
                if kind is MaxPool2d and not self.fusible(chain[0], following):
                    break
                chain.append(following)
        return tuple(chain)

    def kinds(self, node: Node) -> tuple[type[Layer], ...]:
        """What a layer may take along, in order."""
        match node.layer:
            case Conv2d() if self.form.backward:
                return (ReLU, MaxPool2d)
            case Conv2d():
                return (BatchNorm2d, Add, ReLU, MaxPool2d)
            case BatchNorm2d():
                return (Add, ReLU)
            case Add() | Linear():
                return (ReLU,)
        return ()

    def following(self, node: Node, taken: Collection[str]) -> Node | None:
        """The one layer that reads a value which nobody else wants."""
        readers = self.readers[node.name]
        asked = node.name in self.form.wanted or node.name == self.last
        if asked or len(readers) != 1 or readers[0].name in taken:
            return None
        return readers[0]

    def fusible(self, node: Node, pool: Node) -> bool:
        """Whether pooling is computed with the convolution: windows apart, inside."""
        assert isinstance(pool.layer, MaxPool2d)
        assert isinstance(node.layer, Conv2d)
        if node.name in self.form.unpooled or node.layer.groups > 1:
            return False
        shape = self.network.shapes[pool.source]
        for window, length in zip(pool.layer.windows(shape), shape[1:], strict=True):
            reach = (window.output(length) - 1) * window.stride + window.span
            outside = window.start or window.end or reach > length
            if outside or window.stride < window.span:
                return False
        height, width = pool.layer.kernel_size
        return height * width <= _MOST_POOLED


def _two_values(node: Node) -> bool:
    return len(node.inputs) == 2 and node.inputs[0] != node.inputs[1]


def _check(node: Node) -> None:
    layer = node.layer
    window = layer.windows((1, 1, 1)) if isinstance(layer, MaxPool2d) else None
    if window and window[0].size * window[1].size > _MOST_WINDOW:
        raise UnsupportedError(
            "native-layer",
            "The native engine does not compile {kind!r}; layer {name!r} is one. Use "
            "the reference engine, or another layer.",
            kind=layer.text(),
            name=node.name,
        )
