"""LeNet-5, the network of the lecture.

Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document
recognition", Proceedings of the IEEE 86 (1998). As taught today: ReLU, max pooling
that learns nothing, every channel joined to every channel.
"""

from mirada.network import (
    Conv2d,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Shape,
)

__all__ = ["lenet5", "lenet5_lecture"]

_PADDED_BELOW = 32


def lenet5(input: Shape = (1, 28, 28), classes: int = 10) -> Network:
    """LeNet-5; images smaller than 32x32 are padded by 2, as MNIST was in 1998.

    >>> len(lenet5().layers), lenet5().shapes["maxpool2"]
    (12, (16, 5, 5))
    """
    padding = 2 if min(input[-2:]) < _PADDED_BELOW else 0
    return Network("lenet5", input, _layers(padding, classes))


def lenet5_lecture(input: Shape = (3, 32, 32), classes: int = 10) -> Network:
    """The example of the lecture's summary: 32x32 in colour, no padding."""
    return Network("lenet5_lecture", input, _layers(0, classes))


def _layers(padding: int, classes: int) -> tuple[Layer, ...]:
    return (
        Conv2d(6, 5, padding=padding),
        ReLU(),
        MaxPool2d(2),
        Conv2d(16, 5),
        ReLU(),
        MaxPool2d(2),
        Flatten(),
        Linear(120),
        ReLU(),
        Linear(84),
        ReLU(),
        Linear(classes),
    )
