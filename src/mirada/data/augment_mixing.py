"""Two images in one: mixup and cutmix, each with its share of both labels.

Who mixes with whom is a function of seed, epoch and the samples of the batch, in
whatever order they come; how much is one of seed, epoch and sample.

Sources: Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: beyond empirical risk minimization",
2018, arXiv 1710.09412; Yun et al., "CutMix: regularization strategy to train strong
classifiers with localizable features", 2019, arXiv 1905.04899.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.mixing import Mixing
from mirada.randomness import Purpose, uniform

__all__ = ["beta", "mixed", "partners"]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Samples = NDArray[np.int64]
Places = NDArray[np.intp]
Box = tuple[slice, slice, slice]

_DRAWS = 5  # order, share, mixup or cutmix, down, right
_STEPS = 4096


class _Draws(NamedTuple):
    order: Doubles
    share: Doubles
    way: Doubles
    down: Doubles
    right: Doubles


def mixed(
    images: Floats,
    labels: Samples,
    samples: Samples,
    *,
    mixup: float,
    cutmix: float,
    epoch: int,
    seed: int,
    own: Places | None = None,
    held: Places | None = None,
) -> tuple[Floats, Mixing]:
    """The images (n, c, h, w), each with something of another, and what to expect.

    With both `mixup` and `cutmix` (the alphas of their shares) each image is mixed in
    the one way or the other, as chance says. Where only the images at the places `own`
    of the batch are wanted, `held` are those places in order that `images` are of: the
    own ones and their partners'.
    """
    draws = _drawn(samples, epoch, seed)
    others = _ring(samples, draws.order)
    melts = draws.way < 0.5 if cutmix else np.ones(len(samples), np.bool_)
    melts &= mixup > 0.0
    shares = np.where(
        melts, beta(mixup or 1.0, draws.share), beta(cutmix or 1.0, draws.share)
    ).astype(np.float32)
    size = images.shape[2:]
    boxes = {
        place: _box(size, float(shares[place]), draws.down[place], draws.right[place])
        for place in np.flatnonzero(~melts)
    }
    for place, box in boxes.items():
        shares[place] = np.float32(_area(box) / (size[0] * size[1]))
    every = np.arange(len(samples))
    own, held = every if own is None else own, every if held is None else held
    out = images[np.searchsorted(held, own)]
    for image, place in zip(out, own, strict=True):
        other = images[np.searchsorted(held, others[place])]
        if place in boxes:
            image[boxes[place]] = other[boxes[place]]
        else:
            image *= np.float32(1.0) - shares[place]
            image += shares[place] * other
    return out, Mixing(labels[others], shares)


def partners(samples: Samples, epoch: int, seed: int) -> Places:
    """Where in the batch the other image of every image is.

    The samples in an order of chance are a ring, and each takes the next one: every
    image is taken once, and by itself only where it is alone.

    >>> batch = np.array([9, 4, 7])
    >>> sorted(partners(batch, epoch=0, seed=0).tolist())
    [0, 1, 2]
    """
    return _ring(samples, _drawn(samples, epoch, seed).order)


def _ring(samples: Samples, order: Doubles) -> Places:
    ring = np.lexsort((samples, order))
    found = np.empty(len(samples), np.intp)
    found[ring] = np.roll(ring, -1)
    return found


def beta(alpha: float, draws: Doubles) -> Doubles:
    """Draws from [0, 1) as draws from Beta(alpha, alpha): its inverse distribution.

    >>> beta(1.0, np.array([0.0, 0.25, 0.5])).round(6).tolist()
    [0.0, 0.25, 0.5]
    """
    shares, below = _lower_half(alpha)
    folded = np.minimum(draws, 1.0 - draws)
    found = np.interp(folded, below, shares)
    if alpha < 1.0:
        found **= 1.0 / alpha
    return np.where(draws < 0.5, found, 1.0 - found)


@lru_cache(maxsize=4)
def _lower_half(alpha: float) -> tuple[Doubles, Doubles]:
    """Shares up to 1/2 and how likely one is to be below each.

    With alpha below 1 the density has no bound at 0; as a density of t = share**alpha
    it has one, and t is what comes.
    """
    if alpha < 1.0:
        places = np.linspace(0.0, 0.5**alpha, _STEPS + 1)
        density = (1.0 - places ** (1.0 / alpha)) ** (alpha - 1.0)
    else:
        places = np.linspace(0.0, 0.5, _STEPS + 1)
        density = (places * (1.0 - places)) ** (alpha - 1.0)
    parts = (density[1:] + density[:-1]) / 2.0
    below = np.concatenate([[0.0], np.cumsum(parts)])
    return places, 0.5 * below / below[-1]


def _drawn(samples: Samples, epoch: int, seed: int) -> _Draws:
    draws = uniform(seed, Purpose.MIX, _DRAWS, epoch=epoch, sample=samples)
    return _Draws(*draws.T)


def _box(size: tuple[int, ...], share: float, down: float, right: float) -> Box:
    """A box of about this share of an image, about a centre anywhere in it."""
    sides = [round(side * share**0.5) for side in size]
    spans = []
    for whole, side, place in zip(size, sides, (down, right), strict=True):
        start = int(place * whole) - side // 2
        spans.append(slice(max(0, start), min(whole, max(0, start + side))))
    return slice(None), spans[0], spans[1]


def _area(box: Box) -> int:
    _, rows, columns = box
    area: int = (rows.stop - rows.start) * (columns.stop - columns.start)
    return area
