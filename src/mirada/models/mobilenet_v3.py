"""MobileNetV3, large and small.

Source: Howard et al., "Searching for MobileNetV3", arXiv 1905.02244, tables 1 and 2.
As torchvision has it, batch normalization has an epsilon of 0.001.
"""

from collections.abc import Sequence

from mirada.models.inverted_residual import Block, Squeeze, block, divisible, unit
from mirada.network import (
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Hardsigmoid,
    Hardswish,
    Linear,
    Network,
    Node,
    ReLU,
    Shape,
)

__all__ = ["mobilenet_v3_large", "mobilenet_v3_small"]

_Row = tuple[int, int, int, bool, bool, int]
"""Kernel, channels inside and behind, whether it is gated, whether hard swish is its
activation (else ReLU), stride."""

_LARGE: tuple[_Row, ...] = (
    (3, 16, 16, False, False, 1),
    (3, 64, 24, False, False, 2),
    (3, 72, 24, False, False, 1),
    (5, 72, 40, True, False, 2),
    (5, 120, 40, True, False, 1),
    (5, 120, 40, True, False, 1),
    (3, 240, 80, False, True, 2),
    (3, 200, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 184, 80, False, True, 1),
    (3, 480, 112, True, True, 1),
    (3, 672, 112, True, True, 1),
    (5, 672, 160, True, True, 2),
    (5, 960, 160, True, True, 1),
    (5, 960, 160, True, True, 1),
)
_SMALL: tuple[_Row, ...] = (
    (3, 16, 16, True, False, 2),
    (3, 72, 24, False, False, 2),
    (3, 88, 24, False, False, 1),
    (5, 96, 40, True, True, 2),
    (5, 240, 40, True, True, 1),
    (5, 240, 40, True, True, 1),
    (5, 120, 48, True, True, 1),
    (5, 144, 48, True, True, 1),
    (5, 288, 96, True, True, 2),
    (5, 576, 96, True, True, 1),
    (5, 576, 96, True, True, 1),
)


def mobilenet_v3_large(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """MobileNetV3 large: 5,483,032 parameters."""
    return _mobilenet("mobilenet_v3_large", input, classes, _LARGE, 1280)


def mobilenet_v3_small(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """MobileNetV3 small: 2,542,856 parameters."""
    return _mobilenet("mobilenet_v3_small", input, classes, _SMALL, 1024)


def _mobilenet(
    name: str, input: Shape, classes: int, rows: Sequence[_Row], features: int
) -> Network:
    norm, swish = BatchNorm2d(epsilon=0.001, momentum=0.01), Hardswish()
    stem = Conv2d(16, 3, stride=2, padding=1, bias=False)
    nodes = [*unit("stem", stem, norm, swish)]
    before = 16
    for place, (kernel, inside, behind, gated, swishes, stride) in enumerate(rows, 1):
        squeeze = Squeeze(divisible(inside // 4), ReLU(), Hardsigmoid())
        sizes = before, inside, behind, kernel, stride
        bend = swish if swishes else ReLU()
        shape = Block(*sizes, bend, norm, squeeze if gated else None)
        nodes += block(f"block{place}", nodes[-1].name, shape)
        before = behind
    nodes += unit("head", Conv2d(6 * before, 1, bias=False), norm, swish)
    end = (GlobalAvgPool2d(), Flatten(), Linear(features), Hardswish(), Dropout(0.2))
    return Network(name, input, [*nodes, *map(Node, (*end, Linear(classes)))])
