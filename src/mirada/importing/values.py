"""What a value of a graph is while it is read.

Most are the output of a layer. What ONNX says in several nodes and mirada in one layer
(padding and a convolution; the five operators of GELU) stays pending until the node
that needs it, or that shows what it was.
"""

from dataclasses import dataclass, field

from mirada.importing.graph import Array, Operation
from mirada.network.layer import Layer, Shape

__all__ = ["Cut", "Feature", "Formed", "Lost", "Made", "Padded", "Pixels", "Value"]


@dataclass(eq=False)
class Made:
    """A layer that was made of nodes; `sources` are those it takes, None the input."""

    layer: Layer
    sources: "tuple[Made | None, ...]"
    parameters: dict[str, Array]
    wish: str = ""
    """What it would be called, if no other is."""


@dataclass(frozen=True)
class Feature:
    """The output of a layer, or of the input where `made` is None.

    `shape` is mirada's, without the batch. `last` says that the graph has its channels
    in the last axis; `order` (h, w, c) that it was made a vector so.
    """

    made: Made | None
    shape: Shape
    last: bool = False
    order: Shape | None = None


@dataclass(frozen=True)
class Formed:
    """A function of each element of a feature, by its values on `activation.GRID`."""

    feature: Feature
    samples: Array = field(repr=False)
    operation: Operation


@dataclass(frozen=True)
class Padded:
    """A feature inside a border: top, bottom, left, right."""

    feature: Feature
    sides: tuple[int, int, int, int]
    value: float
    operation: Operation


@dataclass(frozen=True)
class Cut:
    """A piece of a feature, from (top, left), of `shape`."""

    feature: Feature
    start: tuple[int, int]
    shape: Shape
    operation: Operation


@dataclass(frozen=True)
class Pixels:
    """The input times `scale` plus `offset`, one of each a channel."""

    shape: Shape
    scale: Array
    offset: Array
    last: bool


@dataclass(frozen=True)
class Lost:
    """What comes of a node that was not understood: nothing more is said of it."""


Value = Feature | Formed | Padded | Cut | Pixels | Lost | Array
