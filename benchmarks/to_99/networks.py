"""The two networks, as each example describes its own.

Sources: pytorch/examples, mnist/main.py; keras.io, "Simple MNIST convnet".
"""

from mirada.network import (
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    MaxPool2d,
    Network,
    ReLU,
)

__all__ = ["NETWORKS"]

INPUT = (1, 28, 28)

NETWORKS = {
    "pytorch": Network(
        "pytorch_example",
        INPUT,
        [
            *(Conv2d(32, 3), ReLU(), Conv2d(64, 3), ReLU(), MaxPool2d(2)),
            *(Dropout(0.25), Flatten(), Linear(128), ReLU(), Dropout(0.5)),
            Linear(10),
        ],
    ),
    "keras": Network(
        "keras_example",
        INPUT,
        [
            *(Conv2d(32, 3), ReLU(), MaxPool2d(2)),
            *(Conv2d(64, 3), ReLU(), MaxPool2d(2)),
            *(Flatten(), Dropout(0.5), Linear(10)),
        ],
    ),
}
