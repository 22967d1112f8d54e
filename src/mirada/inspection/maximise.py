"""Activation maximisation: an image that a unit likes, found by climbing its gradient.

From noise around the mean image (the one of eight that excites the unit most), `steps`
times

    x <- (1 - decay) x + rate (white - black) g / max|g|

g being the gradient of the unit's value by x, taken with the image moved about by up
to `jitter` pixels, and smoothed by 1 2 1 along rows and columns where `smooths` is set.
x counts from the mean pixel, so that the decay (an L2 penalty) draws it to the mean
image; every pixel stays between black and white. What comes out is what the unit likes
within these bounds, not what images look like. Of a linear unit it is its filter.

Source: Erhan, Bengio, Courville and Vincent, "Visualizing higher-layer features of a
deep network", Université de Montréal 1341 (2009), section 3; Olah, Mordvintsev and
Schubert, "Feature visualization", Distill (2017), DOI 10.23915/distill.00007, for
jitter and smoothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mirada.engines import Engine
from mirada.inspection.reading import require_images
from mirada.network import INPUT, Shape
from mirada.randomness import Purpose, normal, uniform

__all__ = ["Ascent", "Liked", "ascent_for", "maximise", "middle"]

Floats = NDArray[np.float32]
Place = tuple[int, ...]

_NOISE = 0.25
"""The first image's deviation from the mean, in lengths from black to white.

On a flat image every ReLU of a layer may be off, and nothing has a gradient. The decay
leaves nothing of it to be seen.
"""
_STARTS = 8
_SMALL_FIELD = 8
_FIELD_A_JITTER = 16
_MOST_JITTER = 8


@dataclass(frozen=True)
class Ascent:
    """How an image is sought: the names are those of the formula above."""

    steps: int = 96
    rate: float = 0.12
    decay: float = 0.04
    jitter: int = 0
    smooths: bool = False


class Liked(NamedTuple):
    """Images (units, c, h, w) as the network takes them, and what the units say.

    `before` are the units' values on the first image, `after` on the last one.
    """

    images: Floats
    before: Floats
    after: Floats


def ascent_for(field: int) -> Ascent:
    """How to seek for units that see `field` pixels along a side.

    Those that see 8 pixels and more are given jitter and smoothing: smaller ones have
    no room for the fine noise that these are against.

    >>> ascent_for(5).jitter, ascent_for(40).jitter
    (0, 2)
    """
    if field < _SMALL_FIELD:
        return Ascent()
    return Ascent(
        jitter=min(max(field // _FIELD_A_JITTER, 1), _MOST_JITTER), smooths=True
    )


def middle(shape: Shape, unit: int) -> Place:
    """The place of a unit: the middle of its map, or itself in a vector.

    >>> middle((6, 28, 28), 3), middle((10,), 3)
    ((3, 14, 14), (3,))
    """
    return (unit, *(side // 2 for side in shape[1:]))


def maximise(
    engine: Engine,
    places: Sequence[Place],
    *,
    black: NDArray[np.floating],
    white: NDArray[np.floating],
    ascent: Ascent | None = None,
) -> Liked:
    """For every place of the network's output, an image that makes it large.

    For a unit of an inner layer give the engine of the network up to that layer
    (`trunk`). `black` and `white` are the least and the largest value of a pixel in
    each channel, as the network takes them, 0 being the mean. It begins the same and
    ends the same every time.

    >>> from mirada import engines
    >>> from mirada.network import Linear, Flatten, Network, Recipe
    >>> tiny = Network("tiny", (1, 1, 2), (Flatten(), Linear(1, bias=False)))
    >>> engine = engines.create("reference", tiny, Recipe())
    >>> engine.load_parameters({"linear1.weight": np.array([[2.0, -1.0]])})
    >>> found = maximise(engine, [(0,)], black=np.array([-1]), white=np.array([1]))
    >>> found.images[0].round(1).tolist()
    [[[1.0, -1.0]]]
    """
    network, chosen = engine.network, ascent or Ascent()
    require_images(network)
    low, high = (np.asarray(x, np.float32)[:, None, None] for x in (black, white))
    arriving = np.zeros((len(places), *network.output), np.float32)
    for number, place in enumerate(places):
        arriving[(number, *place)] = 1
    images = _first(engine, arriving, low, high)
    before = _values(engine, images, arriving)
    moves = _moves(chosen)
    for down, right in moves:
        moved = np.roll(images, (down, right), axis=(2, 3))
        slopes = engine.output_gradients(moved, arriving, [INPUT])[INPUT]
        slopes = np.roll(slopes, (-down, -right), axis=(2, 3))
        if chosen.smooths:
            slopes = _smoothed(_smoothed(slopes, 2), 3)
        largest = np.abs(slopes).max(axis=(1, 2, 3), keepdims=True)
        steps = np.divide(slopes, largest, out=np.zeros_like(slopes), where=largest > 0)
        images = (1 - chosen.decay) * images + chosen.rate * (high - low) * steps
        images = np.clip(images, low, high).astype(np.float32)
    return Liked(images, before, _values(engine, images, arriving))


def _first(engine: Engine, arriving: Floats, low: Floats, high: Floats) -> Floats:
    """For every unit the one of a few images of noise that excites it most."""
    shape = engine.network.input
    noise = normal(0, Purpose.NOISE, prod(shape), sample=np.arange(_STARTS))
    drawn = _NOISE * (high - low) * noise.reshape(_STARTS, *shape)
    images = np.clip(drawn, low, high).astype(np.float32)
    values = engine.predict(images).reshape(_STARTS, -1)
    best = (values @ arriving.reshape(len(arriving), -1).T).argmax(axis=0)
    found: Floats = images[best]
    return found


def _values(engine: Engine, images: Floats, arriving: Floats) -> Floats:
    """What every unit says of its own image."""
    own = (engine.predict(images) * arriving).reshape(len(images), -1)
    found: Floats = own.sum(axis=1)
    return found


def _moves(ascent: Ascent) -> list[tuple[int, int]]:
    """How far the image is moved down and to the right at every step."""
    draws = uniform(0, Purpose.NOISE, 2 * ascent.steps, sample=1)
    span = 2 * ascent.jitter + 1
    moves = np.floor(draws * span).astype(int).reshape(-1, 2) - ascent.jitter
    return [(int(down), int(right)) for down, right in moves]


def _smoothed(values: Floats, axis: int) -> Floats:
    """Each value with its neighbours along an axis, 1 2 1 over 4; edges repeat."""
    sides = [(1, 1) if place == axis else (0, 0) for place in range(values.ndim)]
    wide = np.pad(values, sides, mode="edge")
    length = values.shape[axis]
    first, centre, last = (
        wide.take(range(at, at + length), axis=axis) for at in (0, 1, 2)
    )
    return ((first + 2 * centre + last) / 4).astype(np.float32)
