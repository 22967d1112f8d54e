"""How near the filters of a first layer come to a bank of oriented Gabor filters.

The likeness of two filters is their normalised correlation, each less its mean:

    r = sum((f - mean f)(g - mean g)) / (|f - mean f| |g - mean g|)

A bank is large and a filter has few numbers, so that noise matches something in it
too. A likeness means something only beside what random filters of the same size reach.
A filter of several channels is compared by the one pattern that says most of it (the
first singular vector of channels by pixels); `share` is the part of its squares that
this pattern holds.

Source: Daugman, JOSA A 2 (1985), for the filters; Krizhevsky, Sutskever and Hinton,
"ImageNet classification with deep convolutional neural networks", NeurIPS 2012, figure
3, for what first layers learn.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.inspection.gabor import gabor
from mirada.randomness import Purpose, normal

__all__ = ["Bank", "Comparison", "Gabor", "Match", "compare_with_bank", "gabor_bank"]

Doubles = NDArray[np.float64]

_ANGLES = 12
_PHASES = 4
_WAVELENGTHS = (0.35, 0.5, 0.75, 1.0, 1.5, 2.0)
_SIGMAS = (0.2, 0.3, 0.45)
"""In lengths of the filter's longer side."""
_LEAST_SIDE = 3
_RANDOM = 1000
_FLAT = 1e-9


class Gabor(NamedTuple):
    """The numbers of one filter of a bank: angle and phase in degrees, else pixels.

    The angle is that of the normal of the stripes: 0 stands for upright stripes, 90 for
    level ones.
    """

    angle: float
    wavelength: float
    phase: float
    sigma: float


class Bank(NamedTuple):
    """Gabor filters of one size, and what they look like (count, height, width)."""

    filters: tuple[Gabor, ...]
    images: Doubles


class Match(NamedTuple):
    """The filter of the bank that is most like one filter.

    `image` is that Gabor filter, its sign included; `share` is the part of the filter
    that was compared, 1 where it has one channel.
    """

    correlation: float
    gabor: Gabor
    image: Doubles
    share: float


class Comparison(NamedTuple):
    """The best match of every filter, None for a flat one, and what chance reaches.

    `median` and `high` are the middle and the 95th percentile of the correlations of
    1,000 random filters of the same size.
    """

    matches: tuple[Match | None, ...]
    median: float
    high: float

    @property
    def above(self) -> int:
        """How many filters are more like their match than 95 % of random filters."""
        return sum(m is not None and m.correlation > self.high for m in self.matches)


def gabor_bank(height: int, width: int) -> Bank:
    """A bank for filters of a size: 12 angles, 4 phases, wavelengths and widths.

    The other 4 phases are these with the sign turned.

    >>> bank = gabor_bank(5, 5)
    >>> len({found.angle for found in bank.filters}), bank.images.shape[1:]
    (12, (5, 5))
    """
    side = max(height, width)
    lengths = sorted({max(2.0, share * side) for share in _WAVELENGTHS})
    angles = [180 * place / _ANGLES for place in range(_ANGLES)]
    phases = [180 * place / _PHASES for place in range(_PHASES)]
    sigmas = [share * side for share in _SIGMAS]
    filters, images = [], []
    for found in map(Gabor._make, product(angles, lengths, phases, sigmas)):
        image = gabor(
            height,
            width,
            angle=np.deg2rad(found.angle),
            wavelength=found.wavelength,
            sigma=found.sigma,
            phase=np.deg2rad(found.phase),
        )
        if np.ptp(image) > _FLAT:
            filters.append(found)
            images.append(image)
    return Bank(tuple(filters), np.array(images))


def compare_with_bank(weights: NDArray[np.floating]) -> Comparison | None:
    """The filters (oc, ic, kh, kw) beside a bank of their size.

    None for filters of less than 3 by 3, which have no orientation to speak of.

    >>> upright = np.array([[[[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]]])
    >>> found = compare_with_bank(upright).matches[0]
    >>> found.gabor.angle, round(found.correlation, 2)
    (0.0, 1.0)
    """
    _, channels, height, width = weights.shape
    if min(height, width) < _LEAST_SIDE:
        return None
    bank = gabor_bank(height, width)
    noise = normal(0, Purpose.NOISE, weights[0].size, sample=np.arange(_RANDOM))
    drawn, _ = _patterns(noise.reshape(_RANDOM, channels, height, width))
    chance = np.abs(_correlations(drawn, bank)).max(axis=1)
    patterns, shares = _patterns(weights.astype(np.float64))
    likeness = _correlations(patterns, bank)
    return Comparison(
        tuple(
            _match(row, bank, share)
            for row, share in zip(likeness, shares, strict=True)
        ),
        float(np.median(chance)),
        float(np.quantile(chance, 0.95)),
    )


def _patterns(filters: Doubles) -> tuple[Doubles, Doubles]:
    """The pattern (n, h, w) that says most of each filter, and how much it says.

    Its sign is that by which it is in the filter, the channels added.
    """
    count, channels, height, width = filters.shape
    if channels == 1:
        return filters[:, 0], np.ones(count)
    rows = filters.reshape(count, channels, height * width)
    left, sizes, right = np.linalg.svd(rows, full_matrices=False)
    squares = (sizes**2).sum(axis=1)
    share = np.divide(sizes[:, 0] ** 2, squares, out=np.ones(count), where=squares > 0)
    signs = np.where(left[:, :, 0].sum(axis=1) < 0, -1.0, 1.0)
    patterns = (signs * sizes[:, 0])[:, None] * right[:, 0]
    return patterns.reshape(count, height, width), share


def _correlations(patterns: Doubles, bank: Bank) -> Doubles:
    """The correlation of every pattern with every filter of a bank, 0 of flat ones."""
    found: Doubles = _normalised(patterns) @ _normalised(bank.images).T
    return found


def _normalised(images: Doubles) -> Doubles:
    rows = images.reshape(len(images), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    found: Doubles = np.divide(
        rows, lengths, out=np.zeros_like(rows), where=lengths > _FLAT
    )
    return found


def _match(row: Doubles, bank: Bank, share: float) -> Match | None:
    place = int(np.abs(row).argmax())
    likeness = float(row[place])
    if likeness == 0:
        return None
    found, sign = bank.filters[place], 1.0 if likeness > 0 else -1.0
    phase = found.phase if likeness > 0 else found.phase + 180
    image = sign * bank.images[place]
    return Match(abs(likeness), found._replace(phase=phase), image, float(share))
