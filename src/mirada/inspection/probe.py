"""Linear probes: how much of the answer lies open in each layer.

A probe is a linear classifier that sees one layer's values and nothing else. Where it
answers well, classes lie apart in that layer by planes; so its accuracy measures how
abstract the layer is. The pixels are layer 0, and always naming the commonest class is
chance.

The classifier is ridge regression on the classes as 0 and 1, each feature less its mean
and over its deviation; the penalty is the one of a fixed grid that answers best with
each image left out in turn, which a formula tells without fitting anew. Images are
divided in two halves, class by class; each half is answered by the probe that was
fitted to the other, so that every image counts once and none was seen. Maps are
averaged over a grid of parts until at most `most` numbers are left; what has more
channels goes through a fixed random projection.

Source: Alain and Bengio, "Understanding intermediate layers using linear classifier
probes", arXiv 1610.01644; Golub, Heath and Wahba, "Generalized cross-validation",
Technometrics 21 (1979), for leaving one out.
"""

from collections.abc import Collection
from math import isqrt, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.engines import Engine
from mirada.errors import UsageError
from mirada.inspection.intervals import wilson
from mirada.inspection.reading import Values, read_through
from mirada.network import Network
from mirada.randomness import Purpose, normal, permutation

__all__ = [
    "FeatureReader",
    "Probe",
    "chance",
    "pooled",
    "probe",
    "probe_layers",
]

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Labels = NDArray[np.int64]

MOST_FEATURES = 400
_PENALTIES = tuple(10.0**power for power in range(-5, 4))
"""In numbers of images."""


class Probe(NamedTuple):
    """How many of `images` a probe of one layer answers right, from `features`."""

    layer: str
    features: int
    right: int
    images: int

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return self.right / self.images

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share; see `intervals.wilson`.

        >>> low, high = Probe("conv1", 4, 90, 100).interval
        >>> round(low, 3), round(high, 3)
        (0.826, 0.945)
        """
        found = wilson(self.right, self.images)
        return found.low, found.high


class FeatureReader:
    """Keeps what probes see of every layer while images are read through."""

    def __init__(
        self, network: Network, names: Collection[str], most: int = MOST_FEATURES
    ) -> None:
        self.names = tuple(names)
        self._most = most
        self._pieces: dict[str, list[Floats]] = {name: [] for name in self.names}

    def add(self, start: int, values: Values) -> None:
        """Takes the values of further images."""
        for name in self.names:
            self._pieces[name].append(pooled(values[name], self._most))

    def found(self) -> dict[str, Floats]:
        """By layer, the features (images, features)."""
        return {name: np.concatenate(self._pieces[name]) for name in self.names}


def pooled(values: Floats, most: int = MOST_FEATURES) -> Floats:
    """At most `most` numbers an image of a layer's values (n, ...).

    >>> pooled(np.arange(8, dtype=np.float32).reshape(1, 1, 2, 4), most=4).tolist()
    [[0.5, 2.5, 4.5, 6.5]]
    """
    count, channels = values.shape[:2]
    if values.ndim == 4:
        values = _averaged(values, *_grid(values.shape, most))
    flat = values.reshape(count, -1)
    if channels <= most:
        return flat
    found: Floats = flat @ _projection(channels, most)
    return found


def _grid(shape: tuple[int, ...], most: int) -> tuple[int, int]:
    """Into how many parts rows and columns go: as many as fit, about square."""
    _, channels, height, width = shape
    room = max(1, most // channels)
    if height * width <= room:
        return height, width
    rows = min(height, max(1, isqrt(room)))
    columns = min(width, max(1, room // rows))
    return min(height, max(1, room // columns)), columns


def _averaged(values: Floats, rows: int, columns: int) -> Floats:
    """The means over a grid of parts that differ by at most a row or a column."""
    height, width = values.shape[2:]
    tops, lefts = (_edges(height, rows), _edges(width, columns))
    sums = np.add.reduceat(np.add.reduceat(values, tops, axis=2), lefts, axis=3)
    sizes = np.outer(np.diff([*tops, height]), np.diff([*lefts, width]))
    found: Floats = (sums / sizes).astype(np.float32)
    return found


def _edges(length: int, parts: int) -> list[int]:
    return [place * length // parts for place in range(parts)]


def _projection(channels: int, most: int) -> Floats:
    drawn = normal(0, Purpose.NOISE, most, sample=np.arange(channels))
    found: Floats = (drawn / sqrt(most)).astype(np.float32)
    return found


def chance(labels: Labels) -> float:
    """The share that always naming the commonest class would answer right.

    >>> chance(np.array([0, 1, 1, 2]))
    0.5
    """
    return float(np.bincount(labels).max() / len(labels))


def probe(features: NDArray[np.floating], labels: Labels) -> NDArray[np.bool_]:
    """Which images a linear probe answers right, from features (n, count).

    Raises UsageError (`probe-images`) unless two classes have two images each.

    >>> apart = np.array([[0.0], [0.1], [5.0], [5.1]])
    >>> probe(apart, np.array([0, 0, 1, 1])).tolist()
    [True, True, True, True]
    """
    counts = np.bincount(labels)
    if (counts >= 2).sum() < 2:
        raise UsageError(
            "probe-images",
            "A probe learns to tell classes apart, and of these {images} images only "
            "{classes} classes have two or more. Give more images with --data.",
            images=len(labels),
            classes=int((counts >= 2).sum()),
        )
    rows = features.astype(np.float64)
    right = np.zeros(len(labels), np.bool_)
    one, two = _halves(labels)
    for fitted, asked in ((one, two), (two, one)):
        scores = _answers(rows[fitted], labels[fitted], rows[asked], len(counts))
        right[asked] = scores.argmax(axis=1) == labels[asked]
    return right


def _halves(labels: Labels) -> tuple[Labels, Labels]:
    """Two halves with the same number of every class, but for one image."""
    drawn = permutation(0, Purpose.SPLIT, len(labels))
    order = drawn[np.argsort(labels[drawn], kind="stable")]
    return order[::2], order[1::2]


def _answers(fitted: Doubles, labels: Labels, asked: Doubles, classes: int) -> Doubles:
    """The scores (asked, classes) of ridge regression fitted to labelled rows.

    With X = centred rows = U diag(r) V', s = r^2 and Z = XV the answers are
    Z diag(1/(s + penalty)) Z'Y, and the residual of a row that is left out is
    its residual over 1 - h, h = z' diag(1/(s + penalty)) z + 1/n.
    """
    mean, deviation = fitted.mean(axis=0), fitted.std(axis=0)
    deviation[deviation < 1e-12] = 1.0
    rows, others = (fitted - mean) / deviation, (asked - mean) / deviation
    wanted = np.eye(classes)[labels]
    offset = wanted.mean(axis=0)
    left, lengths, vectors = np.linalg.svd(rows, full_matrices=False)
    turned = left * lengths
    reached = turned.T @ (wanted - offset)
    weights = [1 / (lengths**2 + penalty * len(rows)) for penalty in _PENALTIES]
    errors = [_left_out(turned, w, reached, wanted - offset) for w in weights]
    best = weights[int(np.argmin(errors))]
    found: Doubles = (others @ vectors.T * best) @ reached + offset
    return found


def _left_out(
    turned: Doubles, weights: Doubles, reached: Doubles, wanted: Doubles
) -> float:
    """The mean square error on every row by what the other rows say."""
    scaled = turned * weights
    own = np.minimum((scaled * turned).sum(axis=1) + 1 / len(turned), 1 - 1e-9)
    residuals = (wanted - scaled @ reached) / (1 - own)[:, None]
    return float((residuals**2).mean())


def probe_layers(
    engine: Engine,
    images: Floats,
    labels: Labels,
    names: Collection[str],
    most: int = MOST_FEATURES,
) -> list[Probe]:
    """The accuracy of a probe at each of the layers called so, "input" too.

    Raises what `probe` does.
    """
    reader = FeatureReader(engine.network, names, most)
    read_through(engine, images, [reader])
    found = reader.found()
    return [
        Probe(name, rows.shape[1], int(probe(rows, labels).sum()), len(labels))
        for name, rows in found.items()
    ]
