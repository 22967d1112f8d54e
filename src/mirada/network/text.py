"""The short text form of layers and their places: "conv 64 3x3 same as stem"."""

from collections.abc import Iterable, Mapping
from typing import Any

from mirada.errors import TextError
from mirada.near_names import did_you_mean
from mirada.network.activation import (
    GELU,
    Hardsigmoid,
    Hardswish,
    LeakyReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Tanh,
)
from mirada.network.convolution import Conv2d, ConvTranspose2d
from mirada.network.dropout import Dropout
from mirada.network.field import shown
from mirada.network.graph import INPUT, Network, Node, automatic_name
from mirada.network.join import Add, Concat, Multiply
from mirada.network.layer import Layer
from mirada.network.linear import Flatten, Linear
from mirada.network.loss import CrossEntropy, Loss, MeanSquaredError
from mirada.network.normalization import BatchNorm2d
from mirada.network.optimizer import SGD, AdamW, Optimizer
from mirada.network.pooling import AvgPool2d, GlobalAvgPool2d, MaxPool2d
from mirada.network.resize import Upsample
from mirada.network.schedule import Constant, Cosine, OneCycle, Schedule, Step
from mirada.network.value import Value

__all__ = [
    "LAYERS",
    "LOSSES",
    "OPTIMIZERS",
    "SCHEDULES",
    "automatic_names",
    "kind_of",
    "network_text",
    "node_from_plain",
    "node_plain",
    "node_text",
    "read_node",
    "read_value",
]


def _by_kind(kinds: Iterable[type[Any]]) -> dict[str, type[Any]]:
    return {kind.kind: kind for kind in kinds}


LAYERS: Mapping[str, type[Layer]] = _by_kind(
    (
        Conv2d,
        ConvTranspose2d,
        MaxPool2d,
        AvgPool2d,
        GlobalAvgPool2d,
        ReLU,
        LeakyReLU,
        ReLU6,
        Sigmoid,
        Tanh,
        GELU,
        SiLU,
        Hardsigmoid,
        Hardswish,
        Softmax,
        BatchNorm2d,
        Dropout,
        Flatten,
        Linear,
        Upsample,
        Add,
        Multiply,
        Concat,
    )
)
LOSSES: Mapping[str, type[Loss]] = _by_kind((CrossEntropy, MeanSquaredError))
OPTIMIZERS: Mapping[str, type[Optimizer]] = _by_kind((SGD, AdamW))
SCHEDULES: Mapping[str, type[Schedule]] = _by_kind((Constant, Step, Cosine, OneCycle))


def kind_of(word: object, kinds: Mapping[str, type[Any]]) -> type[Any]:
    """The class a kind names, or `TextError` with the nearest names."""
    if isinstance(word, str) and word in kinds:
        return kinds[word]
    name = word[:60] if isinstance(word, str) else shown(word)
    raise TextError(
        "text-unknown-kind",
        "There is no {kind!r}; there are {known}. {hint}",
        kind=name,
        known=", ".join(kinds),
        hint=did_you_mean(name, kinds),
    )


def read_value(text: str, kinds: Mapping[str, type[Any]]) -> Any:
    """A loss, an optimizer or a schedule from its short text form.

    >>> read_value("sgd 0.1 momentum 0.8", OPTIMIZERS).momentum
    0.8
    """
    words = text.split()
    found: type[Value] = kind_of(words[0] if words else "", kinds)
    return found.from_words(words[1:])


def read_node(text: str) -> Node:
    """One layer and its place from the short text form.

    >>> node = read_node("conv 64 3x3 same from stem as side")
    >>> node.name, node.source, node.layer.padding
    ('side', 'stem', 'same')
    """
    words = text.split()
    kind: type[Layer] = kind_of(words[0] if words else "", LAYERS)
    name = _taken(words, "as", kind.kind)
    source = _taken(words, "from", kind.kind)
    rest = words[1:]
    if not kind.joins:
        return Node(kind.from_words(rest), name, source)
    known = {word for word in rest if word in ("crop", "nocrop")}
    layer = kind.from_words([word for word in rest if word in known])
    others = tuple(word for word in rest if word not in known)
    return Node(layer, name, source, others)


def _taken(words: list[str], word: str, kind: str) -> str:
    """Takes `word NAME` out of the words; empty when it does not stand there."""
    if word not in words[1:]:
        return ""
    place = words.index(word, 1)
    if place + 1 >= len(words):
        raise TextError(
            "text-missing-name",
            "{kind!r} ends after {word!r}; write a layer's name after it.",
            kind=kind,
            word=word,
        )
    name = words[place + 1]
    del words[place : place + 2]
    return name


def node_text(node: Node, before: str, automatic: str) -> str:
    """The short text form of a node of a network.

    `before` is the layer above it and `automatic` the name it would have by itself;
    both are left out.
    """
    parts = [node.layer.text(), *node.others]
    if node.source != before:
        parts += ["from", node.source]
    if node.name != automatic:
        parts += ["as", node.name]
    return " ".join(parts)


def node_plain(node: Node) -> dict[str, Any]:
    """A node as JSON has it."""
    plain = {**node.layer.plain(), "name": node.name, "from": node.source}
    return {**plain, "others": list(node.others)} if node.others else plain


def node_from_plain(table: Mapping[str, Any]) -> Node:
    """A node from its JSON or TOML table."""
    rest = dict(table)
    kind: type[Layer] = kind_of(rest.pop("kind", ""), LAYERS)
    name, source = rest.pop("name", ""), rest.pop("from", "")
    others = rest.pop("others", [])
    plain = [name, source, *(others if isinstance(others, list) else [None])]
    if not all(isinstance(item, str) for item in plain):
        raise TextError(
            "text-names",
            "In a {kind!r} layer 'name' and 'from' are words and 'others' is a list "
            "of words; got {value}.",
            kind=kind.kind,
            value=shown({"name": name, "from": source, "others": others}, 120),
        )
    return Node(kind.from_plain(rest), name, source, tuple(others))


def automatic_names(network: Network) -> list[str]:
    """The names the layers would have if none were given, in order."""
    counts: dict[str, int] = {}
    names = []
    for node in network.nodes:
        counts[node.layer.kind] = counts.get(node.layer.kind, 0) + 1
        names.append(automatic_name(node.layer.kind, counts[node.layer.kind]))
    return names


def network_text(network: Network) -> list[str]:
    """Every layer's short text form, in order."""
    before = [INPUT, *(node.name for node in network.nodes)]
    names = automatic_names(network)
    return [
        node_text(node, above, name)
        for node, above, name in zip(network.nodes, before, names, strict=False)
    ]
