"""What both sides of the race do: the same crop, flip and normalisation."""

import json
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

__all__ = ["AREA", "ASPECT", "BATCH", "MEAN", "STD", "Asked", "answer", "epochs"]

BATCH = 64
AREA, ASPECT = (0.08, 1.0), (3 / 4, 4 / 3)
"""Of the random resized crop: torchvision's defaults."""
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Asked(NamedTuple):
    """What a side is to do: the folder, the image size, epochs, worker processes."""

    folder: str
    size: int
    epochs: int
    workers: int

    @classmethod
    def from_arguments(cls) -> "Asked":
        """The arguments of the process."""
        folder, *numbers = sys.argv[1:]
        return cls(folder, *map(int, numbers))


def epochs(
    began: float, asked: Asked, epoch: Callable[[int], Iterable[Any]]
) -> tuple[list[float], int]:
    """The seconds of each epoch, the first from `began` on, and the images of one."""
    seconds, images = [], 0
    for number in range(asked.epochs):
        images = 0
        for batch in epoch(number):
            images += _checked(batch, asked.size)
        now = time.perf_counter()
        seconds.append(now - began)
        began = now
    return seconds, images


def answer(seconds: list[float], images: int) -> None:
    """Tells whoever started this process."""
    print(json.dumps({"seconds": seconds, "images": images}))


def _checked(batch: Any, size: int) -> int:
    images, labels = batch[0], batch[1]
    count = len(labels)
    assert tuple(images.shape) == (count, 3, size, size), images.shape
    assert str(images.dtype).endswith("float32"), images.dtype
    return count
