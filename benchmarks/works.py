"""What is raced: networks by name, and the batches of each table.

A name is all that travels to a peer's process; there `network` builds it again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mirada.analysis import count_operations
from mirada.models import build
from mirada.network import SGD, Conv2d, Network, Recipe, Shape

__all__ = [
    "CIFAR",
    "LAYERS",
    "LENET",
    "MODES",
    "RESNET",
    "Bout",
    "flops",
    "network",
    "recipe",
    "sample",
]

MODES = ("train", "predict", "backward")
"""A whole training step; the outputs; forward and backward of given output gradients
by parameters and input."""

_SIZED = re.compile(r"(\w+)@(\d+)")
_PASSES: Mapping[str, int] = {"train": 3, "backward": 3, "predict": 1}


@dataclass(frozen=True)
class Bout:
    """One row to be: a network by name, what is done with it, and the batch."""

    work: str
    mode: str
    batch: int


_SINGLE: Mapping[str, tuple[Shape, Conv2d, int]] = {
    "conv5x5-1-6-28": ((1, 28, 28), Conv2d(6, 5, padding=2), 64),
    "conv5x5-6-16-14": ((6, 14, 14), Conv2d(16, 5), 64),
    "conv3x3-64-64-32": ((64, 32, 32), Conv2d(64, 3, padding=1), 64),
    "conv3x3-256-256-14": ((256, 14, 14), Conv2d(256, 3, padding=1), 16),
    "conv1x1-128-128-28": ((128, 28, 28), Conv2d(128, 1), 16),
    "depthwise3x3-128-28": ((128, 28, 28), Conv2d(128, 3, padding=1, groups=128), 16),
    "conv3x3s2-64-128-56": ((64, 56, 56), Conv2d(128, 3, stride=2, padding=1), 16),
    "conv3x3-128-128-28": ((128, 28, 28), Conv2d(128, 3, padding=1), 16),
    "conv3x3-512-512-28": ((512, 28, 28), Conv2d(512, 3, padding=1), 1),
}
"""Single layers: input, layer, batch; named by kernel, channels in and out, side."""


def network(name: str) -> Network:
    """The network a name stands for: a known one, one at a size, or a single layer.

    >>> network("cifar@64").input, network("conv5x5-6-16-14").output
    ((3, 64, 64), (16, 10, 10))
    """
    if name in _SINGLE:
        shape, layer, _ = _SINGLE[name]
        return Network(name, shape, (layer,))
    sized = _SIZED.fullmatch(name)
    if sized is None:
        return build(name)
    channels = build(sized[1]).input[0]
    return build(sized[1], input=(channels, int(sized[2]), int(sized[2])))


def recipe(batch: int) -> Recipe:
    """How every peer trains: SGD with momentum, at a rate that keeps numbers small."""
    return Recipe(optimizer=SGD(0.01), batch_size=batch)


def sample(
    network: Network, batch: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Images of noise and labels, the same for every peer."""
    draw = np.random.default_rng(0)
    images = draw.standard_normal((batch, *network.input), np.float32)
    return images, draw.integers(0, network.output[0], batch)


def flops(bout: Bout) -> int:
    """Multiplications and additions of a bout; the backward pass counts as two.

    >>> flops(Bout("lenet5", "predict", 1))
    833040
    """
    made = network(bout.work)
    macs = sum(count_operations(made, node).macs for node in made.nodes)
    return 2 * macs * bout.batch * _PASSES[bout.mode]


def _bouts(work: str, mode: str, *batches: int) -> list[Bout]:
    return [Bout(work, mode, batch) for batch in batches]


LENET = [
    *_bouts("lenet5", "train", 32, 64, 256, 1024),
    *_bouts("lenet5", "predict", 1, 64, 1024),
]
CIFAR = [
    *_bouts("cifar", "train", 64, 256),
    *_bouts("cifar", "predict", 1, 64, 256),
]
RESNET = [
    *_bouts("resnet18_cifar", "train", 32),
    *_bouts("resnet18_cifar", "predict", 1, 32),
    *_bouts("vgg11_bn", "predict", 1),
    *_bouts("resnet18", "predict", 1),
]
LAYERS = [
    Bout(name, mode, batch)
    for name, (_, _, batch) in _SINGLE.items()
    for mode in ("predict", "backward")
]
