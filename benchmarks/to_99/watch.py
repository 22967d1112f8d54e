"""What the three programs share: the images, the clock, and what is printed."""

import json
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["GOAL", "TRAINING", "Clock", "Images", "read"]

GOAL = 0.99
TRAINING = 60_000
MEAN, STD = 0.1307, 0.3081
"""Of the training pixels; what PyTorch's example subtracts and divides by."""


class Images(NamedTuple):
    """MNIST in memory, as the files have it."""

    train: NDArray[np.uint8]
    train_labels: NDArray[np.int64]
    test: NDArray[np.uint8]
    test_labels: NDArray[np.int64]


def read(folder: str) -> Images:
    """The images that the parent has put into a folder."""
    images, labels = (np.load(Path(folder) / f"{n}.npy") for n in ("images", "labels"))
    train, test = slice(0, TRAINING), slice(TRAINING, None)
    return Images(images[train], labels[train], images[test], labels[test])


class Clock:
    """Runs from now on; is told the accuracy after each epoch."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.accuracies: list[float] = []

    def is_there(self, accuracy: float) -> bool:
        """Whether this epoch reached the goal."""
        self.accuracies.append(round(float(accuracy), 4))
        say = f"epoch {len(self.accuracies)}: {accuracy:.4f}"
        print(f"{say}, {self.seconds:.1f} s", file=sys.stderr, flush=True)
        return self.accuracies[-1] >= GOAL

    @property
    def seconds(self) -> float:
        """Since the clock was made."""
        return time.perf_counter() - self._began

    def tell(self) -> None:
        """Prints what happened."""
        reached = self.accuracies[-1] >= GOAL
        seconds = round(self.seconds, 2) if reached else None
        print(json.dumps({"seconds": seconds, "accuracies": self.accuracies}))
