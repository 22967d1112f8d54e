"""The order of an epoch, its batches, and a batch as a network takes it."""

import numpy as np
from numpy.typing import NDArray

from mirada.data.augment import Augmentation
from mirada.data.dataset import Dataset
from mirada.data.preprocessing import Preprocessing
from mirada.errors import DataError
from mirada.randomness import Purpose, permutation

__all__ = ["assemble", "batches", "epoch_order"]


def epoch_order(samples: NDArray[np.int64], seed: int, epoch: int) -> NDArray[np.int64]:
    """The sample numbers of an epoch, shuffled by seed and epoch alone.

    >>> order = epoch_order(np.arange(4), seed=0, epoch=1)
    >>> sorted(order.tolist())
    [0, 1, 2, 3]
    """
    return samples[permutation(seed, Purpose.SHUFFLE, len(samples), epoch=epoch)]


def batches(order: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    """The order cut into batches of `size`; the last one holds what is left.

    Raises DataError (`batches-of-none`).

    >>> [batch.tolist() for batch in batches(np.arange(5), 2)]
    [[0, 1], [2, 3], [4]]
    """
    if size < 1:
        raise DataError(
            "batches-of-none",
            "The batch size must be a whole number from 1; got {size}. Take for "
            "instance 64.",
            size=size,
        )
    return [order[start : start + size] for start in range(0, len(order), size)]


def assemble(
    data: Dataset,
    samples: NDArray[np.int64],
    preprocessing: Preprocessing,
    augmentation: Augmentation | None = None,
    *,
    epoch: int = 0,
    seed: int = 0,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Images float32 (n, c, h, w), contiguous, and labels int64 of some samples.

    The same sample in the same epoch gives the same bytes, in any batch.
    """
    images = data.images[samples]
    if augmentation is not None:
        images = augmentation.apply(images, samples, epoch, seed)
    return preprocessing.normalize(images), data.labels[samples]
