"""The network as stages: runs of layers that are computed as one.

A convolution takes the ReLU behind it and the max pooling behind that along; a linear
layer takes its ReLU. What this compiler does not do yet is refused by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mirada.errors import UnsupportedError
from mirada.network import (
    INPUT,
    AvgPool2d,
    Conv2d,
    CrossEntropy,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    Loss,
    MaxPool2d,
    Network,
    Node,
    ReLU,
    Shape,
    Softmax,
)
from mirada.network.window import Window

__all__ = ["Stage", "stages"]

_COMPILED = (
    Conv2d,
    MaxPool2d,
    AvgPool2d,
    GlobalAvgPool2d,
    ReLU,
    Dropout,
    Flatten,
    Linear,
    Softmax,
)
_MOST_POOLED = 16
_MOST_WINDOW = 4096


@dataclass(frozen=True)
class Stage:
    """Layers computed together: the first one, and what it takes along."""

    node: Node
    layer: Layer
    place: int
    """The first layer's position in the network."""
    input: Shape
    output: Shape
    relu: bool = False
    pool: MaxPool2d | None = None
    name: str = ""
    """The last layer's name."""
    flattened: Shape = ()
    """For a linear layer: the image that was flattened into its input."""

    @property
    def windows(self) -> tuple[Window, Window] | None:
        """The window that the first layer slides over its input."""
        return self.layer.windows(self.input)

    @property
    def slide(self) -> tuple[Window, Window]:
        """The same, for a layer that has one."""
        assert self.windows is not None
        return self.windows

    @property
    def pooling(self) -> tuple[Window, Window]:
        """The windows of the max pooling taken along."""
        assert self.pool is not None
        return self.pool.windows(())


def stages(network: Network, loss: Loss | None = None) -> list[Stage]:
    """The stages in order; `UnsupportedError` names the first that is not compiled.

    With a loss they are those of training. Cross-entropy starts from the scores, so
    that a last softmax is left out.
    """
    nodes, training = list(network.nodes), loss is not None
    if isinstance(loss, CrossEntropy) and isinstance(nodes[-1].layer, Softmax):
        nodes.pop()
    before = INPUT
    for node in nodes:
        _check(node, before, training)
        before = node.name
    found: list[Stage] = []
    place = 0
    flattened: Shape = ()
    while place < len(nodes):
        taken = _taken(network, nodes, place)
        first, last = nodes[place], nodes[place + taken - 1]
        layers = [node.layer for node in nodes[place : place + taken]]
        given = network.input_shapes(first)[0]
        if isinstance(first.layer, Flatten) and len(given) == 3:
            flattened = given
        pool = next((one for one in layers[1:] if isinstance(one, MaxPool2d)), None)
        found.append(
            Stage(
                first,
                first.layer,
                place,
                given,
                network.shapes[last.name],
                any(isinstance(layer, ReLU) for layer in layers[1:]),
                pool,
                last.name,
                flattened,
            )
        )
        flattened = () if isinstance(first.layer, Linear) else flattened
        place += taken
    return found


def _check(node: Node, before: str, training: bool) -> None:
    layer = node.layer
    if not isinstance(layer, _COMPILED) or (isinstance(layer, Softmax) and training):
        raise _unsupported(node)
    if isinstance(layer, Conv2d) and layer.groups > 1:
        raise UnsupportedError(
            "native-groups",
            "The native engine does not compile grouped convolutions yet; layer "
            "{name!r} has {groups} groups. Use the reference engine, or groups 1.",
            name=node.name,
            groups=layer.groups,
        )
    if node.inputs != (before,):
        raise UnsupportedError(
            "native-branches",
            "The native engine does not compile branches yet; layer {name!r} takes "
            "{source!r} rather than the layer before it. Use the reference engine.",
            name=node.name,
            source=node.source,
        )
    window = layer.windows((1, 1, 1)) if isinstance(layer, MaxPool2d) else None
    if window and window[0].size * window[1].size > _MOST_WINDOW:
        raise _unsupported(node)


def _unsupported(node: Node) -> UnsupportedError:
    return UnsupportedError(
        "native-layer",
        "The native engine does not compile {kind!r} yet; layer {name!r} is one. Use "
        "the reference engine, or another layer.",
        kind=node.layer.text(),
        name=node.name,
    )


def _taken(network: Network, nodes: Sequence[Node], place: int) -> int:
    """How many layers the stage that starts here takes."""
    layer = nodes[place].layer
    if not isinstance(layer, Conv2d | Linear):
        return 1
    taken = 1
    if place + taken < len(nodes) and isinstance(nodes[place + taken].layer, ReLU):
        taken += 1
    if isinstance(layer, Conv2d) and place + taken < len(nodes):
        shape = network.shapes[nodes[place + taken - 1].name]
        pool = nodes[place + taken].layer
        if isinstance(pool, MaxPool2d) and _fusible(pool, shape):
            taken += 1
    return taken


def _fusible(pool: MaxPool2d, shape: Shape) -> bool:
    """Whether pooling can be computed with the convolution: windows apart, inside."""
    for window, length in zip(pool.windows(shape), shape[1:], strict=True):
        reach = (window.output(length) - 1) * window.stride + window.span
        if window.start or window.end or reach > length or window.stride < window.span:
            return False
    height, width = pool.kernel_size
    return height * width <= _MOST_POOLED
