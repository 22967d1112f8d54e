"""The nearest changes that would make an impossible network work.

Candidates are small edits of the impossible layer or of the ones before it, nearest
first. Each is tried on the whole network, and where nothing makes that work, up to the layer itself;
only what was seen to work is offered.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from mirada.errors import Phrase, ShapeError
from mirada.network.convolution import Conv2d, ConvTranspose2d
from mirada.network.graph import INPUT, Node
from mirada.network.layer import Shape
from mirada.network.linear import Flatten
from mirada.network.pooling import AvgPool2d, MaxPool2d

__all__ = ["remedies"]

_OFFERED = 3
_WINDOWED = Conv2d | MaxPool2d | AvgPool2d


def remedies(shape: Shape, nodes: tuple[Node, ...], place: int) -> Phrase | str:
    """Up to three changes that work, as one sentence; empty when none was found."""
    for end in (len(nodes), place + 1):
        found: list[Phrase] = []
        for kind in _candidates(nodes[:end], place):
            working = (words for words, tried in kind if _works(shape, tried))
            found.extend(islice(working, 1))
        if found:
            return _sentence(found[:_OFFERED])
    return ""


def _sentence(found: list[Phrase]) -> Phrase:
    if len(found) == 1:
        return Phrase("This would work: {one}.", one=found[0])
    if len(found) == 2:
        return Phrase("Either would work: {one}, or {two}.", one=found[0], two=found[1])
    one, two, three = found
    return Phrase(
        "Any of these would work: {one}; {two}; or {three}.",
        one=one,
        two=two,
        three=three,
    )


def _works(shape: Shape, nodes: tuple[Node, ...]) -> bool:
    shapes = {INPUT: shape}
    try:
        for node in nodes:
            inputs = (shapes[name] for name in node.inputs)
            shapes[node.name] = node.layer.output(*inputs)
    except ShapeError:
        return False
    return True


Candidate = tuple[Phrase, tuple[Node, ...]]


def _candidates(nodes: tuple[Node, ...], place: int) -> Iterator[Iterator[Candidate]]:
    """The edits kind by kind; of each kind the first that works is the nearest."""
    layer = nodes[place].layer
    if isinstance(layer, Conv2d):
        yield _paddings(nodes, place, layer)
    if isinstance(layer, _WINDOWED):
        yield _sizes(nodes, place, layer)
    if isinstance(layer, Conv2d | ConvTranspose2d):
        yield _groups(nodes, place, layer.groups)
    yield _flattened(nodes, place)
    if layer.joins:
        yield _joins(nodes, place)
    yield _removals(nodes, place)


def _paddings(nodes: tuple[Node, ...], place: int, layer: Conv2d) -> Iterator[Candidate]:
    if isinstance(layer.padding, str):
        yield Phrase("write 'same'"), _edit(nodes, place, padding="same")
        return
    most = max(layer.kernel_size) * max(layer.dilation) // 2
    for pad in range(max(layer.padding) + 1, 1 + most):
        words = Phrase("give it padding {pad}", pad=pad)
        yield words, _edit(nodes, place, padding=pad)


def _sizes(nodes: tuple[Node, ...], place: int, layer: _WINDOWED) -> Iterator[Candidate]:
    largest = max(layer.kernel_size)
    if not isinstance(layer, Conv2d) and max(layer.padding) > largest // 2:
        words = Phrase("give it padding {pad}", pad=largest // 2)
        yield words, _edit(nodes, place, padding=largest // 2)
    step = 2 if isinstance(layer, Conv2d) and largest % 2 else 1
    for size in range(largest - step, 0, -step):
        words = Phrase("use a {size}x{size} kernel", size=size)
        yield words, _edit(nodes, place, kernel_size=(size, size))


def _groups(nodes: tuple[Node, ...], place: int, most: int) -> Iterator[Candidate]:
    for groups in range(most - 1, 0, -1):
        words = Phrase("set groups to {groups}", groups=groups)
        yield words, _edit(nodes, place, groups=groups)


def _flattened(nodes: tuple[Node, ...], place: int) -> Iterator[Candidate]:
    node = nodes[place]
    flatten = Node(Flatten(), "flatten-before", node.source)
    moved = replace(node, source=flatten.name)
    words = Phrase("put a flatten layer before {name!r}", name=node.name)
    yield words, (*nodes[:place], flatten, moved, *nodes[place + 1 :])


def _joins(nodes: tuple[Node, ...], place: int) -> Iterator[Candidate]:
    node = nodes[place]
    if node.layer.kind == "concat":
        yield Phrase("add 'crop' to it"), _edit(nodes, place, crop=True)
    for other in reversed(nodes[:place]):
        if node.others and other.name not in node.inputs:
            changed = replace(node, others=(other.name, *node.others[1:]))
            words = Phrase("join {name!r} instead", name=other.name)
            yield words, (*nodes[:place], changed, *nodes[place + 1 :])


def _removals(nodes: tuple[Node, ...], place: int) -> Iterator[Candidate]:
    """Taking out the layer itself or a shrinking layer before it."""
    shrinking = [
        index
        for index in range(place, -1, -1)
        if isinstance(nodes[index].layer, MaxPool2d | AvgPool2d) or index == place
    ]
    for index in sorted(shrinking, key=lambda at: (at == place, -at)):
        gone = nodes[index]
        if gone.layer.joins:
            continue
        kept = tuple(
            replace(
                node,
                source=gone.source if node.source == gone.name else node.source,
                others=tuple(gone.source if n == gone.name else n for n in node.others),
            )
            for node in nodes
            if node is not gone
        )
        yield Phrase("remove {name!r}", name=gone.name), kept


def _edit(nodes: tuple[Node, ...], place: int, **changes: Any) -> tuple[Node, ...]:
    layer: Any = nodes[place].layer
    edited = replace(nodes[place], layer=replace(layer, **changes))
    return (*nodes[:place], edited, *nodes[place + 1 :])
