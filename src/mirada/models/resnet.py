"""Residual networks.

Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition",
arXiv 1512.03385, table 1. As torchvision has them: the shortcut of a block that
changes size is a 1x1 convolution with batch normalization, and the bottleneck's stride
sits in its 3x3 convolution. The paper has that stride in the first 1x1 (`resnet50_v1`):
the same parameters, another receptive field (483 instead of 427).
"""

from collections.abc import Callable, Iterator, Sequence

from mirada.network import (
    Add,
    BatchNorm2d,
    Conv2d,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    Node,
    ReLU,
    Shape,
)
from mirada.network.graph import join, named

__all__ = [
    "resnet18",
    "resnet18_cifar",
    "resnet34",
    "resnet50",
    "resnet50_v1",
    "resnet101",
    "resnet152",
]

_CHANNELS = (64, 128, 256, 512)
Branch = list[tuple[str, Layer]]
Main = Callable[[int, int], Branch]
"""The layers of a block's main branch, by channels and stride."""


def resnet18(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """ResNet-18: 11,689,512 parameters."""
    return _resnet("resnet18", input, classes, (2, 2, 2, 2), _basic)


def resnet18_cifar(input: Shape = (3, 32, 32), classes: int = 10) -> Network:
    """ResNet-18 for small images: a 3x3 first convolution of stride 1, no pooling."""
    stem = [named(Conv2d(64, 3, padding=1, bias=False), "conv1"), *_normalized("stem")]
    return _resnet("resnet18_cifar", input, classes, (2, 2, 2, 2), _basic, stem=stem)


def resnet34(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """ResNet-34: 21,797,672 parameters."""
    return _resnet("resnet34", input, classes, (3, 4, 6, 3), _basic)


def resnet50(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """ResNet-50 as torchvision has it: 25,557,032 parameters."""
    return _resnet("resnet50", input, classes, (3, 4, 6, 3), _bottleneck, widen=4)


def resnet101(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """ResNet-101 as torchvision has it: 44,549,160 parameters."""
    return _resnet("resnet101", input, classes, (3, 4, 23, 3), _bottleneck, widen=4)


def resnet152(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """ResNet-152 as torchvision has it: 60,192,808 parameters."""
    return _resnet("resnet152", input, classes, (3, 8, 36, 3), _bottleneck, widen=4)


def resnet50_v1(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """ResNet-50 as the paper has it, with the stride in the first 1x1 convolution."""
    main = _bottleneck_v1
    return _resnet("resnet50_v1", input, classes, (3, 4, 6, 3), main, widen=4)


def _resnet(
    name: str,
    input: Shape,
    classes: int,
    depths: Sequence[int],
    main: Main,
    *,
    widen: int = 1,
    stem: list[Node] | None = None,
) -> Network:
    nodes = _stem() if stem is None else list(stem)
    width = 64
    for stage, (channels, depth) in enumerate(zip(_CHANNELS, depths, strict=True), 1):
        for place in range(depth):
            stride = 2 if stage > 1 and place == 0 else 1
            changes = stride > 1 or width != channels * widen
            shortcut = channels * widen if changes else 0
            block = f"layer{stage}_{place}"
            branch = main(channels, stride)
            nodes += _block(block, nodes[-1].name, branch, shortcut, stride)
            width = channels * widen
    nodes += [Node(GlobalAvgPool2d(), "avgpool"), Node(Flatten(), "flatten")]
    return Network(name, input, [*nodes, Node(Linear(classes), "fc")])


def _stem() -> list[Node]:
    conv = Conv2d(64, 7, stride=2, padding=3, bias=False)
    pool = MaxPool2d(3, stride=2, padding=1)
    return [named(conv, "conv1"), *_normalized("stem"), named(pool, "maxpool")]


def _normalized(name: str) -> list[Node]:
    return [named(BatchNorm2d(), f"{name}_bn"), named(ReLU(), f"{name}_relu")]


def _block(
    name: str, source: str, branch: Branch, shortcut: int, stride: int
) -> Iterator[Node]:
    """The main branch, the shortcut (its channels, 0 for none), their sum, ReLU."""
    for place, (word, layer) in enumerate(branch):
        yield Node(layer, f"{name}_{word}", "" if place else source)
    end = f"{name}_{branch[-1][0]}"
    beside = source
    if shortcut:
        conv = Conv2d(shortcut, 1, stride=stride, bias=False)
        yield Node(conv, f"{name}_downsample", source)
        beside = f"{name}_downsample_bn"
        yield Node(BatchNorm2d(), beside)
    yield join(Add(), beside, name=f"{name}_add", source=end)
    yield Node(ReLU(), f"{name}_out")


def _basic(channels: int, stride: int) -> Branch:
    return [
        ("conv1", Conv2d(channels, 3, stride=stride, padding=1, bias=False)),
        ("bn1", BatchNorm2d()),
        ("relu1", ReLU()),
        ("conv2", Conv2d(channels, 3, padding=1, bias=False)),
        ("bn2", BatchNorm2d()),
    ]


def _bottleneck(channels: int, stride: int, first: int = 1) -> Branch:
    """1x1 down, 3x3 with `stride`, 1x1 up to four times the channels."""
    return [
        ("conv1", Conv2d(channels, 1, stride=first, bias=False)),
        ("bn1", BatchNorm2d()),
        ("relu1", ReLU()),
        ("conv2", Conv2d(channels, 3, stride=stride, padding=1, bias=False)),
        ("bn2", BatchNorm2d()),
        ("relu2", ReLU()),
        ("conv3", Conv2d(channels * 4, 1, bias=False)),
        ("bn3", BatchNorm2d()),
    ]


def _bottleneck_v1(channels: int, stride: int) -> Branch:
    return _bottleneck(channels, 1, first=stride)
