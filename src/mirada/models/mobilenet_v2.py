"""MobileNetV2.

Source: Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", arXiv
1801.04381, table 2.
"""

from mirada.models.inverted_residual import Block, block, unit
from mirada.network import (
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    Network,
    Node,
    ReLU6,
    Shape,
)

__all__ = ["mobilenet_v2"]

_STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Times wider inside, channels behind, blocks, stride of the first one."""


def mobilenet_v2(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """MobileNetV2 (width 1): 3,504,872 parameters."""
    norm, clip = BatchNorm2d(), ReLU6()
    stem = Conv2d(32, 3, stride=2, padding=1, bias=False)
    nodes = [*unit("stem", stem, norm, clip)]
    before, place = 32, 0
    for widen, behind, count, first in _STAGES:
        for stride in (first, *[1] * (count - 1)):
            place += 1
            shape = Block(before, before * widen, behind, 3, stride, clip, norm)
            nodes += block(f"block{place}", nodes[-1].name, shape)
            before = behind
    nodes += unit("head", Conv2d(1280, 1, bias=False), norm, clip)
    nodes += map(Node, (GlobalAvgPool2d(), Flatten(), Dropout(0.2), Linear(classes)))
    return Network("mobilenet_v2", input, nodes)
