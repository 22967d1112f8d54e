"""How a receptive field comes about: the sum that is written out for people.

    R = 1 + sum of (F_j - 1)*D_j * product of earlier strides

The terms are those of the layers on the way from the input. Where branches meet, the
widest way is taken, as long as it alone is what the join sees. The sum is never
trusted: it is kept only where it comes to what `receptive` found from the graph, and
every other layer says why its field is no such sum.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import prod

from mirada.analysis.arithmetic import times
from mirada.analysis.receptive import ReceptiveField
from mirada.errors import Phrase
from mirada.network import (
    INPUT,
    ConvTranspose2d,
    GlobalAvgPool2d,
    Linear,
    Network,
    Node,
    Upsample,
)
from mirada.network.window import Window

__all__ = ["FieldSum", "FieldTerm", "field_sums"]

_MOST_TERMS = 40
"""A longer sum begins with what the layer before sees."""


@dataclass(frozen=True)
class FieldTerm:
    """What one layer adds to the field: (F - 1)*D * the product of earlier strides."""

    size: int
    dilation: int
    jump: int

    @property
    def growth(self) -> int:
        """The pixels that are added."""
        return (self.size - 1) * self.dilation * self.jump

    def __str__(self) -> str:
        factors = [f"({self.size} - 1)"]
        factors += [str(self.dilation)] if self.dilation > 1 else []
        return "*".join([*factors, str(self.jump)])


@dataclass(frozen=True)
class FieldSum:
    """The field of a layer along one axis as a sum over the layers before it.

    `start` is 1, the pixel itself; after many layers it is what `since` sees. `strides`
    are those larger than 1, whose product is the jump; `places` is how many outputs the
    map has along the axis, and `branched` says that a join lies on the way.

    >>> terms = (FieldTerm(5, 1, 1), FieldTerm(2, 1, 1), FieldTerm(5, 1, 2))
    >>> FieldSum(10, terms, (2,)).formula
    '1 + (5 - 1)*1 + (2 - 1)*1 + (5 - 1)*2 = 14'
    """

    places: int
    terms: tuple[FieldTerm, ...] = ()
    strides: tuple[int, ...] = ()
    start: int = 1
    since: str = ""
    branched: bool = False

    @property
    def size(self) -> int:
        """The pixels from the first to the last that one output sees."""
        return self.start + sum(term.growth for term in self.terms)

    @property
    def jump(self) -> int:
        """The pixels between the fields of neighbouring outputs."""
        return prod(self.strides)

    @property
    def formula(self) -> str:
        """The sum with its result."""
        return f"{' + '.join(map(str, (self.start, *self.terms)))} = {self.size}"

    @property
    def jump_formula(self) -> str:
        """The product of the strides with its result; only the number of one stride."""
        product = times(*self.strides)
        return f"{product} = {self.jump}" if len(self.strides) > 1 else str(self.jump)

    @property
    def whole_map(self) -> str:
        """What all the outputs of the map see together, the edge not looked at."""
        both = self.size + (self.places - 1) * self.jump
        return f"{self.size} + ({self.places} - 1)*{self.jump} = {both}"

    def through(self, window: Window, places: int, before: str) -> "FieldSum":
        """The sum after a layer with this window, which reads the layer `before`."""
        term = FieldTerm(window.size, window.dilation, self.jump)
        strides = (*self.strides, window.stride) if window.stride > 1 else self.strides
        found = replace(self, places=places, strides=strides)
        if not term.growth:
            return found
        if len(self.terms) < _MOST_TERMS:
            return replace(found, terms=(*self.terms, term))
        return replace(found, terms=(term,), start=self.size, since=before)


Found = FieldSum | Phrase
"""The sum, or why there is none."""


def field_sums(
    network: Network, axis: int, fields: Mapping[str, ReceptiveField | None]
) -> Mapping[str, Found]:
    """The sum of every layer by name along one axis (0 height, 1 width), or why not.

    `fields` are those of `receptive_fields`, of a network on images.

    >>> from mirada.analysis.receptive import receptive_fields
    >>> from mirada.models import lenet5_lecture
    >>> network = lenet5_lecture()
    >>> found = field_sums(network, 0, receptive_fields(network))
    >>> found["maxpool2"].formula
    '1 + (5 - 1)*1 + (2 - 1)*1 + (5 - 1)*2 + (2 - 1)*2 = 16'
    """
    found: dict[str, Found] = {INPUT: FieldSum(network.input[1 + axis])}
    for node in network.nodes:
        field = fields[node.name]
        size = 0 if field is None else (field.height, field.width)[axis].size
        told = _found(network, node, axis, size, found)
        if isinstance(told, FieldSum) and told.size != size:
            told = _hull(node)
        found[node.name] = told
    return found


def _found(
    network: Network, node: Node, axis: int, size: int, found: Mapping[str, Found]
) -> Found:
    inputs = [found[name] for name in node.inputs]
    sums = [told for told in inputs if isinstance(told, FieldSum)]
    if len(sums) < len(inputs):
        return next(told for told in inputs if isinstance(told, Phrase))
    if node.layer.joins:
        return _joined(network, node, axis, sums)
    if isinstance(node.layer, Linear | GlobalAvgPool2d):
        return _whole(node, size, sums[0])
    return _alone(network, node, axis, sums[0])


def _whole(node: Node, size: int, before: FieldSum) -> Phrase:
    values = {"layer": node.name, "formula": before.whole_map, "size": size}
    if before.whole_map.endswith(f" = {size}"):
        return Phrase("{layer!r} reads the whole map: {formula}", **values)
    return Phrase(
        "{layer!r} reads the whole map: {formula}, of which {size} lie in the image",
        **values,
    )


def _joined(network: Network, node: Node, axis: int, sums: list[FieldSum]) -> Found:
    """The widest of the branches, where all move by one step."""
    if len({told.jump for told in sums}) > 1:
        return _hull(node)
    widest = max(sums, key=lambda told: told.size)
    shape = network.shapes[node.name]
    places = shape[1 + axis] if len(shape) > 1 else widest.places
    return replace(widest, places=places, branched=True)


def _hull(node: Node) -> Phrase:
    return Phrase(
        "no single sum: {layer!r} joins branches that see different places, and the "
        "field reaches from the first to the last pixel that one of them sees",
        layer=node.name,
    )


def _alone(network: Network, node: Node, axis: int, before: FieldSum) -> Found:
    layer = node.layer
    windows = layer.windows(network.input_shapes(node)[0])
    window = windows[axis] if windows else None
    scale = layer.scale[axis] if isinstance(layer, Upsample) else 1
    if isinstance(layer, ConvTranspose2d) and window and window.stride > 1:
        scale = window.stride
    if scale > 1:
        return Phrase(
            "no single sum: {layer!r} enlarges, so that the field depends on the "
            "place; it is followed place by place, and the widest is told",
            layer=node.name,
        )
    if window is None:
        return before
    places = network.shapes[node.name][1 + axis]
    return before.through(window, places, node.source)
