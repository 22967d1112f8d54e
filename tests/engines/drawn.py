"""Networks that the native engine computes, as drawn tests draw them.

Of three sorts: everything that there is, in a stream where the network is small; with
batch normalization, and so one layer after another in training; with convolutions that
are wide enough for Winograd's algorithm.
"""

from typing import Any

from hypothesis import strategies as st

from mirada.compiler.plan import plan
from mirada.compiler.target import Target
from mirada.network import (
    Add,
    BatchNorm2d,
    Concat,
    Conv2d,
    ConvTranspose2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    Node,
    Recipe,
    ReLU,
    Upsample,
    join,
    named,
)
from tests.strategies import networks

__all__ = ["MIXED", "compiled_networks", "tile_sizes", "wide_networks"]


def compiled_networks(**sizes: Any) -> st.SearchStrategy[Network]:
    """Networks of layers of every kind; every second with batch normalization."""
    return st.booleans().flatmap(
        lambda normal: networks(**sizes).map(_normalized if normal else _itself)
    )


def _itself(network: Network) -> Network:
    return network


def _normalized(network: Network) -> Network:
    """The network with a batch normalization in front, where it begins with images."""
    if len(network.input) != 3:
        return network
    layers: list[Layer | Node] = [named(BatchNorm2d(), "before")]
    for node in network.nodes:
        sources = [name if name != "input" else "before" for name in node.inputs]
        layers.append(Node(node.layer, node.name, sources[0], tuple(sources[1:])))
    return Network(network.name, network.input, tuple(layers))


@st.composite
def wide_networks(draw: st.DrawFn) -> Network:
    """Convolutions of 32 channels and more by 3x3, in the ways they meet others."""
    height, width = draw(st.integers(2, 10)), draw(st.integers(6, 12))
    first, second = (draw(st.sampled_from((32, 33, 48))) for _ in range(2))
    sides = tuple(draw(st.integers(1, 2)) for _ in range(4))
    layers: list[Layer | Node] = [
        named(Conv2d(first, 1), "stem"),
        Conv2d(second, 3, padding=sides, bias=draw(st.booleans())),
    ]
    if draw(st.booleans()):
        layers.append(BatchNorm2d())
    layers.append(ReLU())
    if draw(st.booleans()):
        layers += [named(Conv2d(second, 3, padding="same"), "inner")]
        layers += [join(Add(), "relu1"), ReLU()]
    if draw(st.booleans()):
        layers.append(MaxPool2d(2))
    return Network(
        "wide",
        (draw(st.integers(1, 3)), height, width),
        (*layers, Flatten(), Linear(draw(st.integers(2, 5)))),
    )


def tile_sizes(
    network: Network,
    recipe: Recipe,
    mode: str,
    batch: int,
    target: Target,
    exact: bool = False,
) -> dict[str, int]:
    """The tile size of every convolution that the plan has computed by tiles."""
    found = {}
    for call in plan(network, recipe, mode, batch, target, exact=exact).calls:
        kind, _, size = call.schedule.partition(" ")
        if kind == "winograd":
            found[call.name.rpartition(".")[0]] = int(size.partition("x")[0])
    return found


MIXED = Network(
    "mixed",
    (2, 12, 12),
    (
        *(Conv2d(32, 3, padding=1, bias=False), BatchNorm2d(), named(ReLU(), "stem")),
        *(Conv2d(32, 3, padding=1), BatchNorm2d(), join(Add(), "stem"), ReLU()),
        named(MaxPool2d(2), "half"),
        *(Conv2d(32, 3, padding=1, groups=32), ReLU(), Dropout(0.25)),
        *(named(MaxPool2d(3, 2, 1), "quarter"), ConvTranspose2d(8, 2, 2), ReLU()),
        join(Concat(), "half"),
        named(Upsample(2, "bilinear"), "large"),
        *(MaxPool2d(2), Conv2d(6, 3, groups=2), ReLU()),
        *(Flatten(), Dropout(0.25), Linear(20), ReLU(), Linear(5)),
    ),
)
"""Batch normalization, branches, Winograd's convolutions, pooling and dropout."""
