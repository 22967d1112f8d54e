"""A network: layers in order, each with a name and the names of its inputs.

The value is checked when it is built: every name is known, every shape follows. What
cannot work is refused with the first impossible layer, the arithmetic, and changes
that would work (`remedy`).
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

from mirada.errors import DescriptionError, FieldError, Phrase, ShapeError
from mirada.network.field import shown
from mirada.network.layer import Layer, Parameter, Shape, shape_text

__all__ = [
    "INPUT",
    "MOST_LAYERS",
    "Network",
    "Node",
    "automatic_name",
    "check_count",
    "check_input",
    "check_layer_name",
    "join",
    "named",
    "walk",
]

INPUT = "input"
"""The name by which a layer asks for the network's input."""

MOST_LAYERS = 4096
MOST_ELEMENTS = 2**40
RESERVED = ("as", "from", "crop", "nocrop")
"""Words of the short text form, which no layer is called by."""

_NAME_LETTERS = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


@dataclass(frozen=True)
class Node:
    """A layer in its place.

    `source` is the layer whose output it takes, empty for the one before it; `others`
    are the further inputs of a join. Inside a `Network` name and source are filled in.
    """

    layer: Layer
    name: str = ""
    source: str = ""
    others: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of everything it takes, in order."""
        return (self.source, *self.others)


def named(layer: Layer | Node, name: str = "", *, source: str = "") -> Node:
    """The layer under a name of its own, and taking its input from `source`.

    >>> from mirada.network import Conv2d
    >>> named(Conv2d(64, 3), "side", source="stem").inputs
    ('stem',)
    """
    node = layer if isinstance(layer, Node) else Node(layer)
    return replace(node, name=name or node.name, source=source or node.source)


def join(layer: Layer, *others: str, name: str = "", source: str = "") -> Node:
    """A join of the layer before it (or `source`) with the layers named `others`.

    >>> from mirada.network import Add
    >>> join(Add(), "stem", name="sum").others
    ('stem',)
    """
    return Node(layer, name, source, others)


@dataclass(frozen=True)
class Network:
    """A network as a value: its name, its input shape, its layers.

    >>> from mirada.network import Conv2d, ReLU
    >>> net = Network("tiny", (1, 5, 5), (Conv2d(2, 3), ReLU()))
    >>> [node.name for node in net.nodes], net.output
    (['conv1', 'relu1'], (2, 3, 3))
    """

    name: str
    input: Shape
    layers: Sequence[Layer | Node]

    def __post_init__(self) -> None:
        object.__setattr__(self, "input", check_input(self.input))
        _check_name("Network.name", self.name, extra=" .")
        nodes = _complete(self.layers)
        object.__setattr__(self, "layers", nodes)
        object.__setattr__(self, "_shapes", _follow(self.input, nodes))

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The layers, each with its name and its inputs filled in."""
        return self.layers  # type: ignore[return-value]

    @cached_property
    def by_name(self) -> Mapping[str, Node]:
        """Every node by its name, in order; the input is none."""
        return {node.name: node for node in self.nodes}

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """The output shape of the input and of every layer, by name."""
        return self._shapes  # type: ignore[attr-defined,no-any-return]

    @property
    def output(self) -> Shape:
        """The shape of what the last layer gives."""
        return self.shapes[self.nodes[-1].name]

    def input_shapes(self, node: Node) -> tuple[Shape, ...]:
        """The shapes a layer takes."""
        return tuple(self.shapes[name] for name in node.inputs)

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """Every parameter by its full name, such as "conv1.weight", in order."""
        return {
            f"{node.name}.{parameter.name}": parameter
            for node in self.nodes
            for parameter in node.layer.parameters(*self.input_shapes(node))
        }

    @cached_property
    def readers(self) -> Mapping[str, tuple[str, ...]]:
        """Which layers take the output of each."""
        found: dict[str, list[str]] = {name: [] for name in self.shapes}
        for node in self.nodes:
            for name in node.inputs:
                found[name].append(node.name)
        return {name: tuple(readers) for name, readers in found.items()}


def check_input(shape: object) -> Shape:
    """The input's shape, refused where it is none."""
    if shape is None:
        raise FieldError(
            "input-missing",
            "'input' is missing: the channels, height and width of the images, as in "
            "1x28x28.",
        )
    sizes = tuple(shape) if isinstance(shape, list | tuple) else ()
    whole = all(type(n) is int and 1 <= n <= 65536 for n in sizes)
    if len(sizes) not in (1, 3) or not whole:
        raise FieldError(
            "input-shape",
            "A network's input is channels, height and width from 1 to 65536, as in "
            "1x28x28; got {value}.",
            value=shown(shape),
        )
    return sizes


def _check_name(field: str, name: object, extra: str = "") -> None:
    letters = _NAME_LETTERS | set(extra)
    if not isinstance(name, str) or not 1 <= len(name) <= 80 or set(name) - letters:
        raise FieldError(
            "field-name",
            "{field} must be 1 to 80 letters, digits or {signs}; got {value}.",
            field=field,
            signs=", ".join(repr(sign) for sign in "_-" + extra),
            value=shown(name, 100),
        )


def check_count(count: int) -> None:
    """Refuses a network of no layers or of too many."""
    if not 1 <= count <= MOST_LAYERS:
        raise DescriptionError(
            "layer-count",
            "A network has 1 to {most} layers; this one has {count}.",
            most=MOST_LAYERS,
            count=count,
        )


def _complete(layers: Iterable[Layer | Node]) -> tuple[Node, ...]:
    """The layers as nodes with names and sources, every reference known."""
    given = tuple(layers)
    check_count(len(given))
    taken = {item.name for item in given if isinstance(item, Node)}
    counts: dict[str, int] = {}
    nodes: list[Node] = []
    seen = {INPUT: -1}
    for place, item in enumerate(given):
        node = item if isinstance(item, Node) else Node(item)
        try:
            kind = _kind(node)
            counts[kind] = counts.get(kind, 0) + 1
            name = node.name or _free_name(kind, counts, taken)
            source = node.source or (nodes[-1].name if nodes else INPUT)
            node = replace(node, name=name, source=source)
            _check_node(node, seen)
        except DescriptionError as error:
            raise error.told(place=place) from None
        seen[node.name] = place
        nodes.append(node)
    return tuple(nodes)


def _kind(node: Node) -> str:
    if not isinstance(node.layer, Layer):
        raise FieldError(
            "layer-kind",
            "Network.layers must hold layers, as in Conv2d(6, 5); got {value}.",
            value=shown(node.layer),
        )
    return node.layer.kind


def _free_name(kind: str, counts: dict[str, int], taken: set[str]) -> str:
    """The kind and its number; further on where somebody took that name."""
    while automatic_name(kind, counts[kind]) in taken:
        counts[kind] += 1
    return automatic_name(kind, counts[kind])


def automatic_name(kind: str, number: int) -> str:
    """What the layer of a kind with this number is called, where nobody says.

    >>> automatic_name("relu", 61), automatic_name("relu6", 1)
    ('relu61', 'relu6_1')
    """
    return f"{kind}_{number}" if kind[-1:].isdigit() else f"{kind}{number}"


def check_layer_name(name: object, seen: Container[str]) -> None:
    """Refuses what no layer can be called beside those that are `seen`."""
    _check_name("Node.name", name)
    if name in RESERVED:
        raise DescriptionError(
            "name-reserved",
            "A layer cannot be called {name!r}, which means something else in a "
            "description. Give it another name.",
            name=name,
        )
    if name in seen:
        raise DescriptionError(
            "name-twice",
            "Two layers are called {name!r}; give one of them another name.",
            name=name,
        )


def _check_node(node: Node, seen: Mapping[str, int]) -> None:
    check_layer_name(node.name, seen)
    for name in node.inputs:
        if name not in seen:
            raise DescriptionError(
                "name-unknown",
                "{layer} takes {name}, but no earlier layer has that name. Earlier "
                "names: {known}.",
                layer=_told(node),
                name=shown(name),
                known=", ".join([*seen][-12:]),
            )
    if node.others and not node.layer.joins:
        raise DescriptionError(
            "not-a-join",
            "{layer} ({kind}) takes one input; it is given {names}. Only add, "
            "multiply and concat take more.",
            layer=_told(node),
            kind=node.layer.kind,
            names=", ".join(node.inputs),
        )


def walk(shape: Shape, nodes: Iterable[Node]) -> dict[str, Shape]:
    """The shape of the input and of every layer's output, or `ShapeError`."""
    shapes = {INPUT: shape}
    for place, node in enumerate(nodes):
        try:
            shapes[node.name] = node.layer.output(*(shapes[n] for n in node.inputs))
            _check_size(shapes[node.name])
        except ShapeError as error:
            raise error.told(
                layer=_told(node), source=_source(node), place=place
            ) from None
    return shapes


def _check_size(shape: Shape) -> None:
    if prod(shape) > MOST_ELEMENTS:
        raise ShapeError(
            "output-too-large",
            "{layer} would give {shape}, more than {most} numbers an image. Use fewer "
            "channels or a larger stride.",
            layer="",
            shape=shape_text(shape),
            most=MOST_ELEMENTS,
        )


def _follow(shape: Shape, nodes: tuple[Node, ...]) -> Mapping[str, Shape]:
    try:
        return walk(shape, nodes)
    except ShapeError as error:
        # The remedy search walks through networks itself, so it hangs on this import.
        from mirada.network.remedy import remedies, remedy_sentence

        place: Any = error.values["place"]
        found = remedies(shape, nodes, place)
        raise error.told(remedy=remedy_sentence(found), remedies=found) from None


def _told(node: Node) -> Phrase:
    return Phrase("Layer {name!r}", name=node.name)


def _source(node: Node) -> Phrase:
    if node.source == INPUT:
        return Phrase("the network's input")
    return Phrase("{name!r}", name=node.source)
