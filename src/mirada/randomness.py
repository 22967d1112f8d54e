"""Random numbers as a function of where they are used, not of when they are drawn.

Every draw is Philox-4x32-10 of a counter: who asks for the number (seed and purpose)
is the key, what it is for (epoch, sample, position) is the counter. Nothing random has
a state that would have to be stored, so a resumed run draws what it would have drawn.

Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
SC 2011, section 3.3 and table 2.
"""

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Purpose", "key", "normal", "permutation", "philox", "uniform"]

_MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_WORD = np.uint64(32)


class Purpose(IntEnum):
    """What a random number is for; draws of two purposes never meet."""

    INITIALIZE = 1
    SPLIT = 2
    SHUFFLE = 3
    AUGMENT = 4
    DROPOUT = 5
    NOISE = 6
    MIX = 7
    TUNE = 8
    RESAMPLE = 9
    EXPLAIN = 10
    EXERCISE = 20


def key(seed: int, purpose: Purpose) -> tuple[int, int]:
    """The Philox key of a seed below 2**32 for one purpose."""
    return seed & 0xFFFFFFFF, int(purpose)


def philox(
    counter: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike], key: tuple[int, int]
) -> NDArray[np.uint32]:
    """Four random words for every counter, as uint32 of shape (..., 4).

    The four parts of a counter broadcast against each other; each is below 2**32.

    >>> [hex(word) for word in philox((0, 0, 0, 0), (0, 0))]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    words = np.broadcast_arrays(*(np.asarray(c, dtype=np.uint64) for c in counter))
    c0, c1, c2, c3 = words
    k0, k1 = key
    for _ in range(10):
        first = c0 * np.uint64(_MULTIPLIERS[0])
        second = c2 * np.uint64(_MULTIPLIERS[1])
        c0, c1, c2, c3 = (
            (second >> _WORD) ^ c1 ^ np.uint64(k0),
            second & _LOW,
            (first >> _WORD) ^ c3 ^ np.uint64(k1),
            first & _LOW,
        )
        k0, k1 = (k0 + _WEYL[0]) & 0xFFFFFFFF, (k1 + _WEYL[1]) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=-1).astype(np.uint32)


def uniform(
    seed: int, purpose: Purpose, count: int, *, epoch: int = 0, sample: ArrayLike = 0
) -> NDArray[np.float64]:
    """`count` numbers in [0, 1) for every sample, of shape (..., count)."""
    blocks = np.arange(-(-count // 4))
    place = np.asarray(sample)[..., None]
    words = philox((blocks, place, epoch, 0), key(seed, purpose))
    flat = words.reshape(*words.shape[:-2], -1)[..., :count]
    return flat.astype(np.float64) * 2.0**-32


def normal(
    seed: int, purpose: Purpose, count: int, *, epoch: int = 0, sample: ArrayLike = 0
) -> NDArray[np.float64]:
    """`count` standard normal numbers for every sample (Box and Muller, 1958)."""
    pairs = -(-count // 2)
    draws = uniform(seed, purpose, 2 * pairs, epoch=epoch, sample=sample)
    radius = np.sqrt(-2.0 * np.log1p(-draws[..., :pairs]))
    angle = 2.0 * np.pi * draws[..., pairs:]
    both = np.concatenate([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    return both[..., :count]


def permutation(
    seed: int, purpose: Purpose, count: int, *, epoch: int = 0
) -> NDArray[np.int64]:
    """A shuffled range: the order of `count` random keys, ties by position."""
    words = philox((np.arange(count), 0, epoch, 1), key(seed, purpose))
    keys = words[:, 0].astype(np.uint64) << _WORD | words[:, 1].astype(np.uint64)
    return np.argsort(keys, kind="stable")
