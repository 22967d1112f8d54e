"""Which images show nearly the same: a hash of what is seen, then a look at the pixels.

An image is shrunk to 24x24 grey levels, whatever its shape. The signs of the 63 slowest
waves of its cosine transform are its hash (after C. Zauner, "Implementation and
Benchmarking of Perceptual Image Hash Functions", 2010, chapter 3.2.1). Images are
compared where a quarter of the hash is the same, the two weakest signs of that quarter
either way: a resized or recompressed copy changes few others, and no image is compared
with all. Two images are nearly the same when their small grey levels correlate by
0.995 or more; so brightness and contrast may differ, a mirrored or a cut copy is
another image.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mirada.data.examine import SIDE

__all__ = ["image_hashes", "near_pairs", "shrink"]

_WAVES = 8
_PIECES = 4
_WEAK = 2
_NONE = 1e-5  # a wave below it is not there; its sign would be that of a rounding
_LEAST_LIKENESS = 0.995
_MOST_APART = 2.02 * (1 - _LEAST_LIKENESS)  # |a - b|^2 = 2 - 2 a.b, and some rounding
_STEPS = (8, 24, 63)  # waves that are compared: few first, since most pairs end there
_LEAST_CONTRAST = 2.0  # standard deviation, in grey levels: flat images are all alike
_MOST_LOOKED_UP = 2**29  # pairs of one search; beyond it crowds are compared in part
_BLOCK_PAIRS = 2**20
_BLOCK_IMAGES = 1024


def shrink(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Images (n, h, w, 1 or 3) as grey levels (n, 24, 24), each side by itself.

    >>> shrink(np.full((2, 5, 9, 3), 7, np.uint8)).shape
    (2, 24, 24)
    """
    count, height, width, _ = images.shape
    rows, columns = _weights(height), _weights(width)
    small = np.empty((count, SIDE, SIDE), dtype=np.uint8)
    for start in range(0, count, _BLOCK_IMAGES):
        block = images[start : start + _BLOCK_IMAGES]
        grey = rows @ _grey(block) @ columns.T
        small[start : start + _BLOCK_IMAGES] = np.rint(grey)
    return small


def image_hashes(small: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """The hash of each of the small images (n, 24, 24): 63 bits.

    >>> ramp = np.tile(np.arange(24, dtype=np.uint8), (2, 24, 1))
    >>> int(np.bitwise_count(np.bitwise_xor(*image_hashes(ramp * [[[1]], [[10]]]))))
    0
    """
    return _packed(_spectrum(small) > _NONE)


def near_pairs(small: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The pairs (m, 2) of small images (n, 24, 24) that show nearly the same, in order.

    The first of a pair comes before the second. Images of hardly any contrast are in
    none. Every copy that is resized or recompressed is found in practice; of images
    that are alike by nature, some may be missed.
    """
    rich = np.flatnonzero(small.std(axis=(1, 2)) >= _LEAST_CONTRAST)
    small = small[rich]
    spectrum = _spectrum(small)
    steps = [np.ascontiguousarray(spectrum[:, :count]) for count in _STEPS]
    found = [np.empty(0, dtype=np.int64)]
    for first, second in _candidates(spectrum):
        kept = np.flatnonzero(first < second)
        for waves in steps:
            first, second = first[kept], second[kept]
            kept = np.flatnonzero(_apart(waves, first, second) <= _MOST_APART)
        keys = np.unique(first[kept] * len(small) + second[kept])
        found.append(_alike(small, keys))
    keys = np.unique(np.concatenate(found))
    pairs: NDArray[np.int64] = np.stack(np.divmod(keys, max(1, len(small))), axis=1)
    return rich[pairs]


def _apart(
    waves: NDArray[np.float32], first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.float32]:
    """The squared distance of pairs in some waves: at most that of all the pixels."""
    away = waves[first]
    away -= waves[second]
    squares: NDArray[np.float32] = np.einsum("ij,ij->i", away, away)
    return squares


def _alike(small: NDArray[np.uint8], keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of the pairs, each written first * n + second, that are nearly the same."""
    kept = []
    step = _BLOCK_PAIRS // SIDE**2
    for start in range(0, len(keys), step):
        some = keys[start : start + step]
        first, second = (_normal(small[end]) for end in np.divmod(some, len(small)))
        likeness = np.einsum("ij,ij->i", first, second)
        kept.append(some[likeness >= _LEAST_LIKENESS])
    return np.concatenate([keys[:0], *kept])


def _normal(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    flat = small.reshape(len(small), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    lengths = np.sqrt(np.einsum("ij,ij->i", flat, flat))
    flat /= np.maximum(lengths, 1e-6)[:, None]
    return flat


def _candidates(
    spectrum: NDArray[np.float32],
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of images of which a quarter of the hash is the same, or nearly."""
    lookups = _PIECES << _WEAK
    most = max(16, _MOST_LOOKED_UP // max(1, lookups * len(spectrum)))
    for piece in range(_PIECES):
        waves = spectrum[:, piece::_PIECES]
        keys = _packed(waves > _NONE).astype(np.int64)
        order = np.argsort(keys, kind="stable")
        weak = np.argsort(np.abs(waves), axis=1, kind="stable")[:, :_WEAK]
        ordered = keys[order]
        for signs in range(1 << _WEAK):
            probe = keys.copy()
            for place in range(_WEAK):
                if signs >> place & 1:
                    probe ^= np.int64(1) << weak[:, place]
            low = np.searchsorted(ordered, probe, "left")
            high = np.searchsorted(ordered, probe, "right")
            yield from _listed(order, low, np.minimum(high, low + most))


def _listed(
    order: NDArray[np.int64], low: NDArray[np.int64], high: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Image i with `order[low[i]:high[i]]`, about a million pairs at a time."""
    ends = np.cumsum(high - low)
    start = 0
    while start < len(order):
        begun = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, begun + _BLOCK_PAIRS)))
        counts = (high - low)[start:stop]
        first = np.repeat(np.arange(start, stop), counts)
        inner = np.arange(len(first)) - np.repeat(ends[start:stop] - counts, counts)
        yield first, order[np.repeat(low[start:stop], counts) + inner + begun]
        start = stop


def _spectrum(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The slowest waves (n, 63) of small images scaled to length 1, mean left out.

    W[u, x] = sqrt(2 / 24) cos(pi u (2 x + 1) / 48), for u = 0 divided by sqrt(2).
    """
    angles = np.outer(np.arange(_WAVES), 2 * np.arange(SIDE) + 1) * (np.pi / (2 * SIDE))
    waves = (np.cos(angles) * np.sqrt(2 / SIDE)).astype(np.float32)
    waves[0] *= np.float32(np.sqrt(0.5))
    order = sorted(range(1, _WAVES**2), key=lambda at: sum(divmod(at, _WAVES)))
    found = np.empty((len(small), len(order)), dtype=np.float32)
    for start in range(0, len(small), _BLOCK_IMAGES):
        block = _normal(small[start : start + _BLOCK_IMAGES])
        whole = waves @ block.reshape(-1, SIDE, SIDE) @ waves.T
        found[start : start + _BLOCK_IMAGES] = whole.reshape(len(block), -1)[:, order]
    return found


def _packed(signs: NDArray[np.bool_]) -> NDArray[np.uint64]:
    bits = np.uint64(1) << np.arange(signs.shape[1], dtype=np.uint64)
    packed: NDArray[np.uint64] = (signs * bits).sum(axis=1, dtype=np.uint64)
    return packed


def _grey(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    if images.shape[3] == 1:
        return images[..., 0].astype(np.float32)
    share = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601
    return images.astype(np.float32) @ share


def _weights(side: int) -> NDArray[np.float32]:
    """What each small pixel takes of each pixel of a side: by a triangle over two."""
    scale = side / SIDE
    middle = (np.arange(SIDE) + 0.5) * scale
    away = np.abs(np.arange(side) + 0.5 - middle[:, None]) / max(1.0, scale)
    weights = np.maximum(0.0, 1.0 - away)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(weights, dtype=np.float32)
