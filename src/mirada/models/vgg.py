"""The VGG family: blocks of 3x3 convolutions, each ended by a pooling.

Source: Simonyan and Zisserman, "Very deep convolutional networks for large-scale image
recognition", arXiv 1409.1556, table 1, configurations A, B, D and E. At 224x224
torchvision's adaptive pooling to 7x7 changes nothing, and it is left out.
"""

from mirada.network import (
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Shape,
)

__all__ = [
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
]

_CHANNELS = (64, 128, 256, 512, 512)
_DEPTHS = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}


def vgg11(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """VGG with 11 layers that learn (configuration A)."""
    return _vgg("vgg11", 11, input, classes)


def vgg11_bn(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """VGG-11 with batch normalization after every convolution."""
    return _vgg("vgg11_bn", 11, input, classes, normalize=True)


def vgg13(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """VGG with 13 layers that learn (configuration B)."""
    return _vgg("vgg13", 13, input, classes)


def vgg13_bn(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """VGG-13 with batch normalization after every convolution."""
    return _vgg("vgg13_bn", 13, input, classes, normalize=True)


def vgg16(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """VGG with 16 layers that learn (configuration D): 138,357,544 parameters."""
    return _vgg("vgg16", 16, input, classes)


def vgg16_bn(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """VGG-16 with batch normalization after every convolution."""
    return _vgg("vgg16_bn", 16, input, classes, normalize=True)


def vgg19(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """VGG with 19 layers that learn (configuration E)."""
    return _vgg("vgg19", 19, input, classes)


def vgg19_bn(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """VGG-19 with batch normalization after every convolution."""
    return _vgg("vgg19_bn", 19, input, classes, normalize=True)


def _vgg(
    name: str, depth: int, input: Shape, classes: int, *, normalize: bool = False
) -> Network:
    layers: list[Layer] = []
    for channels, count in zip(_CHANNELS, _DEPTHS[depth], strict=True):
        for _ in range(count):
            layers.append(Conv2d(channels, 3, padding=1))
            layers.extend([BatchNorm2d()] if normalize else [])
            layers.append(ReLU())
        layers.append(MaxPool2d(2))
    layers += [Flatten(), Linear(4096), ReLU(), Dropout(0.5)]
    layers += [Linear(4096), ReLU(), Dropout(0.5), Linear(classes)]
    return Network(name, input, layers)
