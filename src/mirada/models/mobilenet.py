"""MobileNet: a convolution of each channel by itself, then a 1x1 across channels.

Source: Howard et al., "MobileNets: efficient convolutional neural networks for mobile
vision applications", arXiv 1704.04861, table 1.
"""

from collections.abc import Iterator

from mirada.network import (
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    Linear,
    Network,
    Node,
    ReLU,
    Shape,
)

__all__ = ["mobilenet"]

_BLOCKS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *[(512, 1)] * 5,
    (1024, 2),
    (1024, 1),
)
"""Output channels and stride of each depthwise separable block."""


def mobilenet(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """MobileNet (the first version, width 1): 4,231,976 parameters.

    The last block's stride is 1: table 1 prints 2 there, which does not give 7x7.
    """
    nodes = [*_unit("stem", Conv2d(32, 3, stride=2, padding=1, bias=False))]
    width = 32
    for place, (channels, stride) in enumerate(_BLOCKS, 1):
        wide = Conv2d(width, 3, stride=stride, padding=1, groups=width, bias=False)
        nodes += _unit(f"block{place}_depthwise", wide)
        nodes += _unit(f"block{place}_pointwise", Conv2d(channels, 1, bias=False))
        width = channels
    nodes += [Node(GlobalAvgPool2d()), Node(Flatten()), Node(Linear(classes))]
    return Network("mobilenet", input, nodes)


def _unit(name: str, conv: Conv2d) -> Iterator[Node]:
    yield Node(conv, name)
    yield Node(BatchNorm2d(), f"{name}_bn")
    yield Node(ReLU(), f"{name}_relu")
