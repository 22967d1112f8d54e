"""The order of an epoch, its batches, and a batch as a network takes it."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mirada.data.augment import Augmentation
from mirada.data.augment_resampling import Ways
from mirada.data.dataset import Dataset
from mirada.data.preprocessing import Preprocessing
from mirada.errors import DataError
from mirada.mixing import Mixing
from mirada.randomness import Purpose, permutation

__all__ = ["Batch", "Resampler", "assemble", "batches", "epoch_order"]

Resampler: TypeAlias = Callable[
    [NDArray[np.uint8], Ways, Preprocessing], NDArray[np.float32]
]
"""Mixes rows and columns of images (n, h, w, c) and normalizes them, in one."""

_WHOLE = slice(None)


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


class Batch(NamedTuple):
    """What an engine takes for a step."""

    images: NDArray[np.float32]
    """(n, c, h, w), contiguous."""
    labels: NDArray[np.int64]
    """(n,)"""
    mixing: Mixing | None = None
    """The second labels, where images of the batch were mixed."""


def assemble(
    data: Dataset,
    samples: NDArray[np.int64],
    preprocessing: Preprocessing,
    augmentation: Augmentation | None = None,
    *,
    epoch: int = 0,
    seed: int = 0,
    resampler: Resampler | None = None,
    share: slice = _WHOLE,
) -> Batch:
    """Some samples of a dataset as a network takes them.

    The same sample in the same epoch gives the same bytes, in any batch; where images
    are mixed, in any batch of the same samples. A `resampler` does in one what it can
    do, with the same bytes. Of a `share` there are the images of these places of the
    batch alone, with the labels of all.
    """
    labels, own = data.labels[samples], np.arange(len(samples))[share]
    held = own
    if augmentation is not None:
        held = augmentation.needed(own, samples, epoch, seed)
    # Of a memory map, too, an array as any other.
    images, made = np.asarray(data.images)[samples[held]], samples[held]
    if augmentation is None:
        return Batch(preprocessing.normalize(images), labels)
    ways = None
    if resampler is not None and images.shape[1:] == (
        *preprocessing.size,
        preprocessing.channels,
    ):
        ways = augmentation.ways(preprocessing.size, made, epoch, seed)
    if resampler is not None and ways is not None:
        ready = resampler(images, ways, preprocessing)
    else:
        changed = augmentation.apply(images, made, epoch, seed)
        ready = preprocessing.normalize(changed)
    ready, mixing = augmentation.mix(ready, labels, samples, epoch, seed, own, held)
    return Batch(ready, labels, mixing)
