"""The nearest changes that would make an impossible network work.

Candidates are small edits of the impossible layer or of the ones before it, nearest
first. Each is tried on the whole network or, where nothing makes that work, on the part
up to the impossible layer; only what was seen to work is offered.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import gcd
from typing import Any, NamedTuple

from mirada.errors import Phrase, ShapeError
from mirada.network.activation import Activation
from mirada.network.convolution import Conv2d, ConvTranspose2d
from mirada.network.dropout import Dropout
from mirada.network.graph import Node, walk
from mirada.network.layer import Shape
from mirada.network.linear import Flatten
from mirada.network.normalization import BatchNorm2d
from mirada.network.pooling import AvgPool2d, MaxPool2d
from mirada.network.window import Sides

__all__ = ["Remedy", "remedies", "remedy_sentence"]

_OFFERED = 3
_PATIENCE = 20_000
"""How many layers the search walks through before it gives up: well under a second."""

_Pooling = MaxPool2d | AvgPool2d
_KEEPS_SHAPE = Activation | BatchNorm2d | Dropout
Nodes = tuple[Node, ...]
Candidate = tuple[Phrase, Nodes]


class Remedy(NamedTuple):
    """A change in words, and the layers with it.

    `is_whole` is False where a later layer needs a change too.
    """

    words: Phrase
    nodes: Nodes
    is_whole: bool


def remedies(shape: Shape, nodes: Nodes, place: int) -> tuple[Remedy, ...]:
    """Up to three changes that work, the nearest first; none when none was found."""
    search = _Search(shape, _PATIENCE)
    whole = search.found(nodes, place)
    if whole:
        return tuple(Remedy(words, tried, True) for words, tried in whole)
    after = nodes[place + 1 :]
    if not after:
        return ()
    part = search.found(nodes[: place + 1], place, keep=nodes[place].name)
    return tuple(Remedy(words, (*tried, *after), False) for words, tried in part)


def remedy_sentence(found: tuple[Remedy, ...]) -> Phrase | str:
    """The changes as one sentence; empty when there are none."""
    if not found:
        return ""
    sentence = _sentence([remedy.words for remedy in found])
    if found[0].is_whole:
        return sentence
    return Phrase("{sentence} A later layer needs a change too.", sentence=sentence)


def _sentence(found: list[Phrase]) -> Phrase:
    if len(found) == 1:
        return Phrase(" This would work: {one}.", one=found[0])
    if len(found) == 2:
        return Phrase(
            " Either would work: {one}, or {two}.", one=found[0], two=found[1]
        )
    one, two, three = found
    return Phrase(
        " Any of these would work: {one}; {two}; or {three}.",
        one=one,
        two=two,
        three=three,
    )


class _Search:
    """Tries candidates, as long as its patience lasts."""

    def __init__(self, shape: Shape, patience: int) -> None:
        self.shape, self.patience = shape, patience

    def found(self, nodes: Nodes, place: int, keep: str = "") -> list[Candidate]:
        """Of each kind of change the first that works, and leaves `keep` in place."""
        shapes = walk(self.shape, nodes[:place])
        found: list[Candidate] = []
        for kind in _candidates(nodes, place, shapes):
            kept = (c for c in kind if not keep or keep in {n.name for n in c[1]})
            found += next(([c] for c in kept if self.works(c[1])), [])
        return found[:_OFFERED]

    def works(self, nodes: Nodes) -> bool:
        """Whether the network of these layers can be built."""
        self.patience -= len(nodes)
        if not nodes or self.patience < 0:
            return False
        try:
            walk(self.shape, nodes)
        except ShapeError:
            return False
        return True


def _candidates(
    nodes: Nodes, place: int, shapes: Mapping[str, Shape]
) -> Iterator[Iterator[Candidate]]:
    """The changes kind by kind; of each kind the nearest first."""
    layer = nodes[place].layer
    if isinstance(layer, Conv2d):
        yield _more_padding(nodes, place, layer)
        yield _kernels(nodes, place, layer)
    if isinstance(layer, _Pooling):
        yield _less_padding(nodes, place, layer.padding)  # type: ignore[arg-type]
        yield _kernels(nodes, place, layer)
    if isinstance(layer, ConvTranspose2d):
        yield _less_padding(nodes, place, layer.sides)
        yield _less_output_padding(nodes, place, layer)
    if isinstance(layer, Conv2d | ConvTranspose2d):
        yield _groups(nodes, place, layer, shapes[nodes[place].source][0])
    yield _flattened(nodes, place)
    if layer.joins:
        yield _matches(nodes, place, shapes)
        yield _joins(nodes, place)
    yield _removals(nodes, place)


def _more_padding(nodes: Nodes, place: int, layer: Conv2d) -> Iterator[Candidate]:
    if isinstance(layer.padding, str):
        yield Phrase("write 'same'"), _edit(nodes, place, padding="same")
        return
    most = max(layer.kernel_size) * max(layer.dilation) // 2
    for pad in range(max(layer.padding) + 1, min(most, 1024) + 1):
        words = Phrase("give it padding {pad}", pad=pad)
        yield words, _edit(nodes, place, padding=pad)


def _less_padding(nodes: Nodes, place: int, sides: Sides) -> Iterator[Candidate]:
    for pad in range(max(sides) - 1, -1, -1):
        words = Phrase("give it padding {pad}", pad=pad)
        yield words, _edit(nodes, place, padding=pad)


def _less_output_padding(
    nodes: Nodes, place: int, layer: ConvTranspose2d
) -> Iterator[Candidate]:
    for pad in range(max(layer.output_padding) - 1, -1, -1):
        words = Phrase("give it output padding {pad}", pad=pad)
        yield words, _edit(nodes, place, output_padding=pad)


def _kernels(
    nodes: Nodes, place: int, layer: Conv2d | MaxPool2d | AvgPool2d
) -> Iterator[Candidate]:
    """Smaller kernels; those of a convolution stay odd where they were."""
    largest = max(layer.kernel_size)
    step = 2 if isinstance(layer, Conv2d) and largest % 2 else 1
    for side in range(largest - step, 0, -step):
        words = Phrase("use a {size}x{size} kernel", size=side)
        yield words, _edit(nodes, place, kernel_size=(side, side))


def _groups(
    nodes: Nodes, place: int, layer: Conv2d | ConvTranspose2d, channels: int
) -> Iterator[Candidate]:
    both = gcd(channels, layer.out_channels)
    for groups in range(min(layer.groups - 1, both), 0, -1):
        if both % groups == 0:
            words = Phrase("set groups to {groups}", groups=groups)
            yield words, _edit(nodes, place, groups=groups)


def _flattened(nodes: Nodes, place: int) -> Iterator[Candidate]:
    node = nodes[place]
    taken = {other.name for other in nodes}
    name = next(n for n in _flatten_names() if n not in taken)
    flatten = Node(Flatten(), name, node.source)
    moved = replace(node, source=name)
    words = Phrase("put a flatten layer before {name!r}", name=node.name)
    yield words, (*nodes[:place], flatten, moved, *nodes[place + 1 :])


def _flatten_names() -> Iterator[str]:
    number = 1
    while True:
        yield f"flatten{number}"
        number += 1


def _matches(
    nodes: Nodes, place: int, shapes: Mapping[str, Shape]
) -> Iterator[Candidate]:
    """The convolution before a join, changed to what the join's other input is."""
    node, before = nodes[place], _convolution_before(nodes, place)
    if before is None or not node.others:
        return
    name, channels = nodes[before].name, shapes[node.others[0]][0]
    words = Phrase("write 'same' in {name!r}", name=name)
    yield words, _edit(nodes, before, padding="same")
    words = Phrase("give {name!r} {channels} filters", name=name, channels=channels)
    yield words, _edit(nodes, before, out_channels=channels)
    words = Phrase(
        "give {name!r} {channels} filters and 'same'", name=name, channels=channels
    )
    yield words, _edit(nodes, before, out_channels=channels, padding="same")


def _convolution_before(nodes: Nodes, place: int) -> int | None:
    """The convolution whose output the layer reads, past layers that keep its shape."""
    places = {node.name: index for index, node in enumerate(nodes)}
    found = places.get(nodes[place].source)
    while found is not None and isinstance(nodes[found].layer, _KEEPS_SHAPE):
        found = places.get(nodes[found].source)
    return (
        found if found is not None and isinstance(nodes[found].layer, Conv2d) else None
    )


def _joins(nodes: Nodes, place: int) -> Iterator[Candidate]:
    node = nodes[place]
    if node.layer.kind == "concat":
        yield Phrase("add 'crop' to it"), _edit(nodes, place, crop=True)
    for other in reversed(nodes[:place]):
        if other.name not in node.inputs:
            changed = replace(node, others=(other.name, *node.others[1:]))
            words = Phrase("join it with {name!r}", name=other.name)
            yield words, (*nodes[:place], changed, *nodes[place + 1 :])


def _removals(nodes: Nodes, place: int) -> Iterator[Candidate]:
    """Taking out a pooling or flattening layer before it, or the layer itself."""
    before = [n for n in nodes[:place] if isinstance(n.layer, _Pooling | Flatten)]
    itself = [] if place + 1 == len(nodes) else [nodes[place]]
    for gone in (*reversed(before), *itself):
        if not gone.layer.joins:
            words = Phrase("remove {name!r}", name=gone.name)
            yield words, _without(nodes, gone)


def _without(nodes: Nodes, gone: Node) -> Nodes:
    """The layers without one; who read it reads what it read."""

    def bridged(name: str) -> str:
        return gone.source if name == gone.name else name

    return tuple(
        replace(
            node,
            source=bridged(node.source),
            others=tuple(map(bridged, node.others)),
        )
        for node in nodes
        if node is not gone
    )


def _edit(nodes: Nodes, place: int, **changes: Any) -> Nodes:
    layer: Any = nodes[place].layer
    edited = replace(nodes[place], layer=replace(layer, **changes))
    return (*nodes[:place], edited, *nodes[place + 1 :])
