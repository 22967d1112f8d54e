"""The network of the CIFAR-10 speed records, and how it is trained.

Source: Keller Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU", arXiv
2404.00498; the whitening layer, label smoothing and the fast biases are David Page's,
"How to train your ResNet", 2019.
"""

from mirada.network import (
    GELU,
    SGD,
    BatchNorm2d,
    Conv2d,
    CrossEntropy,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    Node,
    Recipe,
    Shape,
    Triangular,
)
from mirada.network.graph import named

__all__ = ["RECIPE", "cifar10_fast"]

_WIDTHS = (64, 256, 256)

RECIPE = Recipe(
    loss=CrossEntropy(label_smoothing=0.2),
    optimizer=SGD(1.5, momentum=0.85, nesterov=True, weight_decay=0.00133),
    schedule=Triangular(rising=0.23, initial=0.2, final=0.07),
    epochs=10,
    batch_size=1024,
    rates=(
        "whiten.weight 0",
        "batchnorm*.weight 0",
        "batchnorm*.bias 64",
        f"head.weight {1 / 81!r}",
    ),
)
"""Filters that make white stay as they are, normalization scales nothing, its biases
are fast. The record divides its scores by 9: here the head begins at 0 and has
the rate of weights that are divided by 9, 1/81. Its rate of 11.5 for 1024 images is
that of the summed loss over 1024 (1 + 1/(1 - momentum)): 1.5 of the mean.
"""


def cifar10_fast(input: Shape = (3, 32, 32), classes: int = 10) -> Network:
    """Whitening, three blocks of two convolutions, and a maximum over what is left.

    >>> cifar10_fast().shapes["maxpool4"]
    (256, 1, 1)
    """
    whitened = 2 * input[0] * 2 * 2
    layers: list[Layer | Node] = [
        named(Conv2d(whitened, 2, init="whitening"), "whiten"),
        GELU(),
    ]
    for width in _WIDTHS:
        layers += [
            Conv2d(width, 3, padding=1, bias=False, init="dirac"),
            MaxPool2d(2),
            *_normalized(),
            Conv2d(width, 3, padding=1, bias=False, init="dirac"),
            *_normalized(),
        ]
    head = named(Linear(classes, bias=False, init="zeros"), "head")
    return Network("cifar10_fast", input, [*layers, MaxPool2d(3), Flatten(), head])


def _normalized() -> tuple[Layer, Layer]:
    return BatchNorm2d(epsilon=1e-12, momentum=0.4), GELU()
