"""Answers as plain arrays: a probability for every class, and the class given."""

import numpy as np
from numpy.typing import NDArray

from mirada.errors import UsageError

__all__ = ["require_answers"]


def require_answers(
    probabilities: NDArray[np.floating], labels: NDArray[np.integer]
) -> None:
    """Refuses what is not (n, classes) shares and n class numbers, n at least 1.

    Raises UsageError (`answers-shape`).
    """
    shape, count = probabilities.shape, len(labels)
    fits = len(shape) == 2 and 0 < count == shape[0] and labels.ndim == 1
    if not fits or not 0 <= labels.min() <= labels.max() < shape[1]:
        raise UsageError(
            "answers-shape",
            "Answers are an array of images x classes, with one class number from 0 "
            "for each image, of one image at least; got an array of {shape} and "
            "{count} class numbers.",
            shape="x".join(map(str, shape)) or "1",
            count=count,
        )
