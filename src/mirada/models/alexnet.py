"""AlexNet, in the form that torchvision has.

Source: Krizhevsky, "One weird trick for parallelizing convolutional neural networks",
arXiv 1404.5997. At 224x224 torchvision's adaptive pooling to 6x6 changes nothing, and
it is left out; other input sizes therefore change the first linear layer.
"""

from mirada.network import (
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
    Shape,
)

__all__ = ["alexnet"]


def alexnet(input: Shape = (3, 224, 224), classes: int = 1000) -> Network:
    """AlexNet: five convolutions, three linear layers, 61,100,840 parameters."""
    return Network(
        "alexnet",
        input,
        (
            Conv2d(64, 11, stride=4, padding=2),
            ReLU(),
            MaxPool2d(3, stride=2),
            Conv2d(192, 5, padding=2),
            ReLU(),
            MaxPool2d(3, stride=2),
            Conv2d(384, 3, padding=1),
            ReLU(),
            Conv2d(256, 3, padding=1),
            ReLU(),
            Conv2d(256, 3, padding=1),
            ReLU(),
            MaxPool2d(3, stride=2),
            Flatten(),
            Dropout(0.5),
            Linear(4096),
            ReLU(),
            Dropout(0.5),
            Linear(4096),
            ReLU(),
            Linear(classes),
        ),
    )
