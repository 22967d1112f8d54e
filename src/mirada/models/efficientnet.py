"""EfficientNet B0 to B7: one network, made wider and deeper step by step.

Source: Tan and Le, "EfficientNet: rethinking model scaling for convolutional neural
networks", arXiv 1905.11946, table 1. As torchvision has it, at the size of image that
each was trained for. Stochastic depth, which leaves out whole blocks at random in
training, is not there: what the network answers is the same without it.
"""

from collections.abc import Callable
from math import ceil
from typing import NamedTuple

from mirada.models.inverted_residual import Block, Squeeze, block, divisible, unit
from mirada.network import (
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    Network,
    Node,
    Shape,
    Sigmoid,
    SiLU,
)

__all__ = ["EFFICIENTNETS"]

_STAGES = (
    (1, 3, 16, 1, 1),
    (6, 3, 24, 2, 2),
    (6, 5, 40, 2, 2),
    (6, 3, 80, 3, 2),
    (6, 5, 112, 3, 1),
    (6, 5, 192, 4, 2),
    (6, 3, 320, 1, 1),
)
"""Times wider inside, kernel, channels behind, blocks, stride of the first one."""


class _Scale(NamedTuple):
    """How much wider and deeper than B0, the side of the images, the dropout."""

    width: float
    depth: float
    side: int
    dropout: float
    norm: BatchNorm2d = BatchNorm2d()


_STEADY = BatchNorm2d(epsilon=0.001, momentum=0.01)
_SCALES = (
    _Scale(1.0, 1.0, 224, 0.2),
    _Scale(1.0, 1.1, 240, 0.2),
    _Scale(1.1, 1.2, 288, 0.3),
    _Scale(1.2, 1.4, 300, 0.3),
    _Scale(1.4, 1.8, 380, 0.4),
    _Scale(1.6, 2.2, 456, 0.4, _STEADY),
    _Scale(1.8, 2.6, 528, 0.5, _STEADY),
    _Scale(2.0, 3.1, 600, 0.5, _STEADY),
)


def _efficientnet(name: str, scale: _Scale, input: Shape, classes: int) -> Network:
    norm, silu = scale.norm, SiLU()
    before = divisible(32 * scale.width)
    stem = Conv2d(before, 3, stride=2, padding=1, bias=False)
    nodes = [*unit("stem", stem, norm, silu)]
    for stage, (widen, kernel, channels, count, first) in enumerate(_STAGES, 1):
        behind = divisible(channels * scale.width)
        for place in range(ceil(count * scale.depth)):
            squeeze = Squeeze(max(1, before // 4), silu, Sigmoid())
            stride = 1 if place else first
            sizes = before, before * widen, behind, kernel, stride
            shape = Block(*sizes, silu, norm, squeeze)
            nodes += block(f"stage{stage}_{place}", nodes[-1].name, shape)
            before = behind
    nodes += unit("head", Conv2d(4 * before, 1, bias=False), norm, silu)
    end = GlobalAvgPool2d(), Flatten(), Dropout(scale.dropout), Linear(classes)
    return Network(name, input, [*nodes, *map(Node, end)])


def _of(place: int) -> Callable[..., Network]:
    """The function of one of them, as `models.build` calls it."""
    name, scale = f"efficientnet_b{place}", _SCALES[place]
    sides = 3, scale.side, scale.side

    def efficientnet(input: Shape = sides, classes: int = 1000) -> Network:
        return _efficientnet(name, scale, input, classes)

    efficientnet.__name__ = efficientnet.__qualname__ = name
    efficientnet.__doc__ = f"EfficientNet-B{place}, for images of {scale.side} pixels."
    return efficientnet


EFFICIENTNETS = {f"efficientnet_b{place}": _of(place) for place in range(len(_SCALES))}
"""B0 to B7 by their names; 5,288,548 parameters to 66,347,960."""
