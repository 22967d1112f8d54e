"""Ways to number the layers of a whole table that differ from one number a kind.

`running`  one count through all layers: Conv2d-1, ReLU-2, MaxPool2d-3 as a listing of
           PyTorch has them, or C1, S2, C3, S4, C5, F6 as LeCun et al., Proc. IEEE 86
           (1998), section II.B, call those of LeNet-5
`blocks`   block and place in it, a block ending at a pooling: conv3_2, block3_conv2,
           as Simonyan and Zisserman's VGG is written
`zero`     from 0: conv0, conv1; or without a number at first, as Keras has conv2d,
           conv2d_1
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mirada.analysis.number_reading import plain_text
from mirada.network import Network, Node

__all__ = ["Said", "numbered_otherwise"]

_LEAST_RUN = 3
_POOLS = ("maxpool", "avgpool")
_PAIR = re.compile(r"[a-z ]+([0-9]{1,3})[ .-]+(?:conv[a-z]* ?)?([0-9]{1,3})")


class Said(NamedTuple):
    """The kind and the number that a row's name says."""

    word: str
    number: int | None


Kinds = Sequence[str]
"""The kinds of layers that a row may mean by its word; none where it is unknown."""


def numbered_otherwise(
    network: Network,
    names: Sequence[str],
    said: Sequence[Said],
    kinds: Sequence[Kinds],
    passive: Kinds,
) -> dict[int, str]:
    """The layers of the rows that are numbered in one of these ways.

    The name is empty where the way is clear and there is no such layer. `passive` are
    the kinds that a running count may leave out.
    """
    found = _running(network, said, kinds, passive)
    if found:
        return found
    for family in dict.fromkeys(kind for kind in kinds if kind):
        places = [place for place, other in enumerate(kinds) if other == family]
        nodes = [node for node in network.nodes if node.layer.kind in family]
        found |= _from_zero(network, names, said, places, nodes)
    return found | _in_blocks(network, names, said, kinds)


def _running(
    network: Network, said: Sequence[Said], kinds: Sequence[Kinds], passive: Kinds
) -> dict[int, str]:
    places = [p for p, one in enumerate(said) if kinds[p] and one.number is not None]
    counted = [said[place].number for place in places]
    is_run = counted == list(range(1, len(counted) + 1)) and len(counted) >= _LEAST_RUN
    if not is_run or len({kinds[place] for place in places}) < 2:
        return {}
    ways = set()
    for left_out in ((), ("flatten",), passive, (*passive, "flatten")):
        nodes = [node for node in network.nodes if node.layer.kind not in left_out]
        pairs = list(zip(places, nodes, strict=False))
        if len(pairs) == len(places) and all(
            _may_be(node, said[place], kinds[place]) for place, node in pairs
        ):
            ways.add(tuple(node.name for _, node in pairs))
    return dict(zip(places, ways.pop(), strict=True)) if len(ways) == 1 else {}


def _may_be(node: Node, said: Said, kinds: Kinds) -> bool:
    """Whether a row means this layer; C5 of LeNet-5 sees its whole input at once."""
    is_dense = said.word == "c" and node.layer.kind == "linear"
    return node.layer.kind in kinds or is_dense


def _from_zero(
    network: Network,
    names: Sequence[str],
    said: Sequence[Said],
    places: Sequence[int],
    nodes: Sequence[Node],
) -> dict[int, str]:
    numbers = [said[place].number for place in places]
    foreign = any(names[place] not in network.shapes for place in places)
    is_keras = numbers[:1] == [None] and 1 in numbers and numbers.count(None) == 1
    if not foreign or not (0 in numbers or is_keras):
        return {}
    if any(said[p].number == 0 and names[p] in network.shapes for p in places):
        return {}
    return {
        place: nodes[number].name if number < len(nodes) else ""
        for place, number in zip(places, (n or 0 for n in numbers), strict=True)
    }


def _in_blocks(
    network: Network,
    names: Sequence[str],
    said: Sequence[Said],
    kinds: Sequence[Kinds],
) -> dict[int, str]:
    pairs = {
        place: pair
        for place, name in enumerate(names)
        if kinds[place] == ("conv",) and name not in network.shapes
        if (pair := _pair(name)) is not None
    }
    is_chain = all(len(node.inputs) == 1 for node in network.nodes)
    if not pairs or not is_chain:
        return dict.fromkeys(pairs, "")
    known = dict(_blocks(network))
    alone = {block for block, _ in known if (block, 2) not in known}
    for place, one in enumerate(said):
        if kinds[place] == ("conv",) and one.number in alone:
            pairs.setdefault(place, (one.number, 1))
    return {place: known.get(pair, "") for place, pair in pairs.items()}


def _pair(name: str) -> tuple[int, int] | None:
    """The two numbers of conv3_2 or block3_conv2."""
    plain = re.sub(r"\([^)]*\)?", " ", plain_text(name)).replace("_", " ")
    found = _PAIR.fullmatch(re.sub(r"2 ?d\b", " ", plain).strip())
    return (int(found[1]), int(found[2])) if found else None


def _blocks(network: Network) -> Iterator[tuple[tuple[int, int], str]]:
    block, place = 1, 0
    for node in network.nodes:
        if node.layer.kind == "conv":
            place += 1
            yield (block, place), node.name
        elif node.layer.kind in _POOLS:
            block, place = block + 1, 0
