"""The names that torchvision gives the parameters of its networks.

Which of its modules a layer is follows from the layer's name and place in the
description, family by family. PyTorch counts batches in every normalization
(`num_batches_tracked`); nothing here needs that.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from mirada.network import Flatten, Network, Node

__all__ = ["COUNTER", "FAMILIES", "has_torchvision_names", "torchvision_names"]

COUNTER = "num_batches_tracked"
"""How many batches a normalization has seen: in its files, and of no use."""

Modules = Iterator[tuple[Node, str]]
"""Layers with the module that each of them is there."""

_UNITS = {
    **{word: word for word in ("expand", "depthwise", "squeeze", "project")},
    "excite": "squeeze",
}
"""The unit that a convolution of a block is of."""
_GATES = {"squeeze": "fc1", "excite": "fc2"}
"""What torchvision calls both convolutions of squeeze-and-excitation."""


def has_torchvision_names(network: str) -> bool:
    """Whether a known network is one that torchvision has too, layer by layer.

    >>> has_torchvision_names("resnet18"), has_torchvision_names("resnet18_cifar")
    (True, False)
    """
    family = _family(network)
    return family is not None and network not in _OURS


def torchvision_names(network: Network) -> dict[str, str]:
    """The name there of every parameter of a known network, by its name here.

    >>> from mirada.models import build
    >>> names = torchvision_names(build("resnet18"))
    >>> names["layer2_0_downsample_bn.weight"], names["stem_bn.running_mean"]
    ('layer2.0.downsample.1.weight', 'bn1.running_mean')
    """
    rule = _family(network.name)
    assert rule is not None
    modules = {node.name: module for node, module in rule(network)}
    return {
        f"{node.name}.{item.name}": f"{modules[node.name]}.{item.name}"
        for node in network.nodes
        for item in node.layer.parameters(*network.input_shapes(node))
    }


def _family(name: str) -> "Callable[[Network], Modules] | None":
    found = (rule for start, rule in FAMILIES.items() if name.startswith(start))
    return next(found, None)


def _resnet(network: Network) -> Modules:
    """Conv1, bn1, layer1.0.conv1 and so on; a shortcut is downsample.0 and .1."""
    for node in network.nodes:
        block, _, word = node.name.rpartition("_")
        if node.name == "stem_bn":
            yield node, "bn1"
        elif word == "bn" and block.endswith("_downsample"):
            yield node, _dotted(block) + ".1"
        elif word == "downsample":
            yield node, _dotted(node.name) + ".0"
        else:
            yield node, _dotted(node.name)


def _dotted(name: str) -> str:
    return name.replace("_", ".")


def _sequences(network: Network) -> Modules:
    """Every layer by its number: features before the flattening, classifier behind."""
    module, place = "features", 0
    for node in network.nodes:
        yield node, f"{module}.{place}"
        place += 1
        if isinstance(node.layer, Flatten):
            module, place = "classifier", 0


def _blocks(inside: str, network: Network) -> Modules:
    """The stem is features.0, every block comes next, the head last.

    A block's units are numbered in order, `inside` the block; a convolution is the part
    0 of its unit, its normalization part 1.
    """
    units: dict[str, list[str]] = {"0": []}
    for node in network.nodes:
        own = node.name.removesuffix("_bn")
        block, _, word = own.rpartition("_")
        part = int(own != node.name)
        if own == "stem":
            yield node, f"features.0.{part}"
        elif own == "head":
            last = int(next(reversed(units)).split(".")[0])
            yield node, f"features.{last + 1}.{part}"
        elif word in _UNITS:
            place = re.sub("^(block|stage)", "", block).replace("_", ".")
            before = units.setdefault(place, [])
            if _UNITS[word] not in before:
                before.append(_UNITS[word])
            module = _in_block(inside, word, before.index(_UNITS[word]), part)
            yield node, f"features.{place}.{inside}.{module}"
    yield from _classifier(network)


def _in_block(inside: str, word: str, unit: int, part: int) -> str:
    """The module in a block; MobileNetV2's last unit has no sequence of its own."""
    if word == "project" and inside == "conv":
        return str(unit + part)
    return f"{unit}.{_GATES.get(word, part)}"


def _classifier(network: Network) -> Modules:
    """What is behind the flattening, by its number there."""
    flat = next(n for n in network.nodes if isinstance(n.layer, Flatten))
    behind = network.nodes[network.nodes.index(flat) + 1 :]
    for place, node in enumerate(behind):
        yield node, f"classifier.{place}"


FAMILIES: Mapping[str, Callable[[Network], Modules]] = {
    "resnet": _resnet,
    "vgg": _sequences,
    "mobilenet_v2": partial(_blocks, "conv"),
    "mobilenet_v3": partial(_blocks, "block"),
    "efficientnet": partial(_blocks, "block"),
}
"""How modules are called, by how the names of a family begin."""

_OURS = ("resnet18_cifar", "resnet50_v1")
"""Networks of these families that torchvision does not have."""
