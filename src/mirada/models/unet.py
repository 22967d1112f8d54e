"""U-Net: down by pooling, up by transposed convolution, joined at every level.

Source: Ronneberger, Fischer, Brox, "U-Net: convolutional networks for biomedical image
segmentation", arXiv 1505.04597, figure 1.
"""

from collections.abc import Iterator

from mirada.network import (
    Concat,
    Conv2d,
    ConvTranspose2d,
    MaxPool2d,
    Network,
    Node,
    ReLU,
    Shape,
)
from mirada.network.graph import join

__all__ = ["unet", "unet_padded"]

_CHANNELS = (64, 128, 256, 512, 1024)


def unet(input: Shape = (1, 572, 572), classes: int = 2) -> Network:
    """U-Net without padding, as in the paper: 572x572 gives 388x388.

    The wider maps of the way down are cropped around their centre where they join.

    >>> unet().output
    (2, 388, 388)
    """
    return _unet("unet", input, classes, padding=0)


def unet_padded(input: Shape = (1, 256, 256), classes: int = 2) -> Network:
    """U-Net with padding 1: the output is as large as an input of multiples of 16."""
    return _unet("unet_padded", input, classes, padding=1)


def _unet(name: str, input: Shape, classes: int, padding: int) -> Network:
    nodes: list[Node] = []
    for level, channels in enumerate(_CHANNELS, 1):
        if level > 1:
            nodes.append(Node(MaxPool2d(2), f"pool{level - 1}"))
        nodes += _double(f"down{level}", channels, padding)
    for level in range(len(_CHANNELS) - 1, 0, -1):
        channels = _CHANNELS[level - 1]
        up = Node(ConvTranspose2d(channels, 2, stride=2), f"up{level}")
        beside = f"down{level}_relu2"
        # The map of the way down comes first, as in the figure.
        joined = join(Concat(crop=True), up.name, name=f"join{level}", source=beside)
        nodes += [up, joined, *_double(f"up{level}", channels, padding)]
    nodes.append(Node(Conv2d(classes, 1), "scores"))
    return Network(name, input, nodes)


def _double(name: str, channels: int, padding: int) -> Iterator[Node]:
    for place in (1, 2):
        yield Node(Conv2d(channels, 3, padding=padding), f"{name}_conv{place}")
        yield Node(ReLU(), f"{name}_relu{place}")
