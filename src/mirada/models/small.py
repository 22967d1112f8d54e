"""Small networks for small images, made of blocks of convolution, ReLU and pooling."""

from collections.abc import Sequence

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

__all__ = ["cifar", "digits", "normalized_blocks", "pooled_blocks"]


def cifar(input: Shape = (3, 32, 32), classes: int = 10) -> Network:
    """Three blocks of 32, 64 and 128 filters and a linear layer of 128: 32x32 images.

    >>> cifar().shapes["maxpool3"]
    (128, 4, 4)
    """
    layers = [*pooled_blocks((32, 64, 128)), Flatten(), Linear(128), ReLU()]
    return Network("cifar", input, [*layers, Linear(classes)])


def digits(input: Shape = (1, 8, 8), classes: int = 10) -> Network:
    """Two convolutions at full size before the only pooling: for images of about 8x8.

    So few pixels hold a stroke of one or two: pooling earlier would blur it.
    """
    layers = [Conv2d(32, 3, padding=1), ReLU(), *pooled_blocks((64,))]
    head = [Flatten(), Dropout(0.5), Linear(128), ReLU(), Linear(classes)]
    return Network("digits", input, [*layers, *head])


def pooled_blocks(channels: Sequence[int]) -> list[Layer]:
    """Blocks of 3x3 convolution with padding 1, ReLU and 2x2 max pooling."""
    return [
        layer
        for count in channels
        for layer in (Conv2d(count, 3, padding=1), ReLU(), MaxPool2d(2))
    ]


def normalized_blocks(channels: Sequence[int]) -> list[Layer]:
    """The same with batch normalization, which takes the place of the bias."""
    return [
        layer
        for count in channels
        for layer in (
            Conv2d(count, 3, padding=1, bias=False),
            BatchNorm2d(),
            ReLU(),
            MaxPool2d(2),
        )
    ]
