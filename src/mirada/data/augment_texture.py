"""Changes of texture: blur, noise and a square cut out."""

from functools import lru_cache
from math import ceil
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from mirada.data.augment_colour import rounded
from mirada.data.augment_draws import Draw, Draws
from mirada.randomness import Purpose, key, philox

__all__ = ["blurred", "cut_out", "noisy"]

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

_LEVELS = 2**16
_BLOCK = 2**16
"""Values that get their noise together."""


def blurred(images: Pixels, most: float, draws: Draws) -> Pixels:
    """Every image under a Gaussian whose deviation is 0 to `most` pixels.

    Cut at three deviations, over the image's reflection.
    """
    out = images.copy()
    for image, share, to in zip(images, draws[:, Draw.BLUR], out, strict=True):
        weights = _bell(most * float(share))
        if len(weights) > 1:
            down = _along(image.astype(np.float32), weights, 0)
            to[...] = rounded(_along(down, weights, 1))
    return out


def _bell(deviation: float) -> Floats:
    """The weights of a Gaussian, which add up to 1."""
    radius = ceil(3.0 * deviation)
    if not radius:
        return np.ones(1, np.float32)
    places = np.arange(-radius, radius + 1) / deviation
    weights = np.exp(-0.5 * places**2)
    found: Floats = (weights / weights.sum()).astype(np.float32)
    return found


def _along(image: Floats, weights: Floats, axis: int) -> Floats:
    """One pass over the rows (0) or the columns (1)."""
    size, radius = image.shape[axis], len(weights) // 2
    period = max(2 * (size - 1), 1)
    places = np.arange(-radius, size + radius) % period
    around = image.take((size - 1) - np.abs((size - 1) - places), axis)
    rest = (slice(None),) * axis
    found: Floats = around[(*rest, slice(0, size))] * weights[0]
    for start, weight in enumerate(weights[1:], 1):
        found += around[(*rest, slice(start, start + size))] * weight
    return found


def noisy(
    images: Pixels, deviation: float, samples: NDArray[np.int64], epoch: int, seed: int
) -> Pixels:
    """Every value with normal noise, whose deviation is a share of 255."""
    out = np.empty_like(images)
    values = int(np.prod(images.shape[1:]))
    bell = _quantiles() * np.float32(255.0 * deviation)
    blocks = np.arange(-(-values // 8))
    size = max(1, _BLOCK // max(1, values))
    for start in range(0, len(images), size):
        piece = slice(start, start + size)
        places = samples[piece, None]
        words = philox((blocks, places, epoch, 0), key(seed, Purpose.NOISE))
        halves = np.stack([words & 0xFFFF, words >> 16], axis=-1)
        drawn = halves.reshape(len(words), -1)[:, :values]
        noise = bell.take(drawn).reshape(images[piece].shape)
        noise += images[piece]
        out[piece] = rounded(noise)
    return out


@lru_cache(maxsize=1)
def _quantiles() -> Floats:
    """The standard normal number of each of 65,536 equal shares."""
    exact = NormalDist().inv_cdf
    upper = [exact(0.5 + (place + 0.5) / _LEVELS) for place in range(_LEVELS // 2)]
    half = np.array(upper)
    return np.concatenate([-half[::-1], half]).astype(np.float32)


def cut_out(images: Pixels, share: float, draws: Draws) -> Pixels:
    """Every image with a square of its mean colour, centred anywhere in it.

    Its side is a share of the image's shorter side; what hangs out is cut off.
    """
    out = images.copy()
    height, width = images.shape[1:3]
    side = round(share * min(height, width))
    down = (draws[:, Draw.CUT_DOWN] * height).astype(np.int64) - side // 2
    right = (draws[:, Draw.CUT_RIGHT] * width).astype(np.int64) - side // 2
    totals = images.sum(axis=(1, 2), dtype=np.int64)
    pixels = height * width
    means = ((2 * totals + pixels) // (2 * pixels)).astype(np.uint8)
    for to, top, left, mean in zip(out, down, right, means, strict=True):
        rows = slice(max(0, top), max(0, top + side))
        to[rows, max(0, left) : max(0, left + side)] = mean
    return out
