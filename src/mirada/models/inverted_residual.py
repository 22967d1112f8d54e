"""Inverted residual blocks: widen, filter each channel by itself, narrow, add.

Source: Sandler et al., "MobileNetV2: inverted residuals and linear bottlenecks", arXiv
1801.04381; with squeeze-and-excitation (Hu et al., arXiv 1709.01507) as in MobileNetV3
and EfficientNet. As torchvision has them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mirada.network import (
    Add,
    BatchNorm2d,
    Conv2d,
    GlobalAvgPool2d,
    Layer,
    Multiply,
    Node,
)
from mirada.network.graph import join

__all__ = ["Block", "Squeeze", "block", "divisible", "unit"]


class Squeeze(NamedTuple):
    """Squeeze-and-excitation: the channels between both, and their activations."""

    channels: int
    activation: Layer
    gate: Layer


@dataclass(frozen=True)
class Block:
    """What one block is: channels before, inside and behind it, its 3x3 or 5x5."""

    before: int
    inside: int
    behind: int
    kernel: int
    stride: int
    activation: Layer
    norm: BatchNorm2d
    squeeze: Squeeze | None = None


def block(name: str, source: str, shape: Block) -> Iterator[Node]:
    """The layers of a block that reads `source`, the layer before it."""
    wide, side = shape.inside, shape.kernel
    if wide != shape.before:
        conv = Conv2d(wide, 1, bias=False)
        yield from unit(f"{name}_expand", conv, shape.norm, shape.activation)
    deep = Conv2d(
        wide,
        side,
        stride=shape.stride,
        padding=side // 2,
        groups=wide,
        bias=False,
    )
    yield from unit(f"{name}_depthwise", deep, shape.norm, shape.activation)
    if shape.squeeze is not None:
        yield from _gated(name, wide, shape.squeeze)
    conv = Conv2d(shape.behind, 1, bias=False)
    yield from unit(f"{name}_project", conv, shape.norm)
    if shape.stride == 1 and shape.before == shape.behind:
        yield join(Add(), source, name=f"{name}_add")


def unit(
    name: str, conv: Conv2d, norm: BatchNorm2d, activation: Layer | None = None
) -> Iterator[Node]:
    """A convolution, its normalization, and an activation where there is one."""
    yield Node(conv, name)
    yield Node(norm, f"{name}_bn")
    if activation is not None:
        yield Node(activation, f"{name}_act")


def _gated(name: str, channels: int, squeeze: Squeeze) -> Iterator[Node]:
    """Squeeze, the mean of every channel; excitation, a factor for each of them."""
    yield Node(GlobalAvgPool2d(), f"{name}_pool")
    yield Node(Conv2d(squeeze.channels, 1), f"{name}_squeeze")
    yield Node(squeeze.activation, f"{name}_squeeze_act")
    yield Node(Conv2d(channels, 1), f"{name}_excite")
    yield Node(squeeze.gate, f"{name}_gate")
    yield join(Multiply(), f"{name}_depthwise_act", name=f"{name}_scale")


def divisible(channels: float, by: int = 8) -> int:
    """The nearest multiple of `by`, at least one, and not below nine tenths.

    >>> divisible(42), divisible(11), divisible(3)
    (40, 16, 8)
    """
    nearest = max(by, int(channels + by / 2) // by * by)
    return nearest if nearest >= 0.9 * channels else nearest + by
